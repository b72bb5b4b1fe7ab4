//! Names that the protocol compares byte for byte: issuer, client, audience, subject.
//!
//! # Rules
//! 1. Comparison is exact, never by URL normalisation (OpenID Connect Discovery §4.3, RFC 9207 §2.4).
//! 2. An identifier is data: it reaches no path, query language or log format unescaped.
//!
//! # Example
//! ```
//! use auth_layer::Audience;
//!
//! let audience = Audience::from("https://api.shop.example");
//! assert!(audience == "https://api.shop.example" && audience != "https://api.shop.example/");
//! ```

use std::fmt;
use std::sync::Arc;

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Returns the identifier as it was received.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                Self(Arc::from(value))
            }
        }

        impl From<String> for $name {
            fn from(value: String) -> Self {
                Self(Arc::from(value))
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), &*self.0)
            }
        }
    };
}

identifier! {
    /// The OpenID provider's issuer identifier, a URL (OpenID Connect Core §1.2).
    Issuer
}
identifier! {
    /// The relying party's identifier at the provider (RFC 6749 §2.2).
    ClientId
}
identifier! {
    /// The resource server that an access token is meant for (RFC 7519 §4.1.3).
    Audience
}
identifier! {
    /// The end user's identifier, unique at its issuer (OpenID Connect Core §2).
    Subject
}
identifier! {
    /// An organization of users at the provider, by its identifier (Auth0's `org_id`).
    Organization
}
