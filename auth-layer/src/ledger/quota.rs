//! Whether an exchange counts against an M2M quota, and why.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::identifier::{Audience, Issuer};
use crate::ledger::grant::{Grant, Outcome};

/// Whether an exchange counts against a quota of machine tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Quota {
    /// It counts: a token of the client credentials grant, for an API of the tenant's own.
    Counted,
    /// It does not.
    NotCounted,
    /// The provider says neither; it is shown apart, and never claimed as one or the other.
    Undocumented,
}

impl Quota {
    /// Judges an exchange.
    ///
    /// The quota counts tokens that were issued by the client credentials grant, but for those of the
    /// provider's own APIs.
    pub(crate) fn of(grant: Grant, outcome: Outcome, audience: Option<&Audience>, issuer: &Issuer) -> Self {
        match (grant, outcome) {
            (Grant::ClientCredentials, Outcome::Token) => {
                let is_built_in = audience.is_some_and(|audience| is_built_in(audience, issuer));
                if is_built_in { Self::NotCounted } else { Self::Counted }
            }
            (Grant::OnBehalfOf | Grant::TokenExchange | Grant::FederatedConnection, Outcome::Token) => {
                Self::Undocumented
            }
            _ => Self::NotCounted,
        }
    }

    /// Why, in words.
    pub(crate) const fn why(self, grant: Grant, outcome: Outcome) -> &'static str {
        match (self, grant, outcome) {
            (Self::Counted, ..) => "a machine's token for an API of yours",
            (Self::Undocumented, ..) => "the provider documents neither that it counts nor that it does not",
            (_, _, Outcome::Refused | Outcome::NoAnswer) => "no token was issued",
            (_, Grant::Login, _) => "a login is no token exchange",
            (_, Grant::AuthorizationCode, _) => "a user's grant: only client credentials count",
            (_, Grant::RefreshToken, _) => {
                "a user's grant, whatever its audience: only client credentials count"
            }
            (_, Grant::ClientCredentials, _) => "a machine's token for an API of the provider's own",
            (_, Grant::OnBehalfOf | Grant::TokenExchange | Grant::FederatedConnection, _) => {
                "a token exchange: the provider does not say"
            }
        }
    }
}

/// Whether an API is the provider's own: Auth0's management, account, organization and MFA APIs, and userinfo.
///
/// An issuer under a domain of the user's own names these by the tenant's domain of Auth0's.
pub(crate) fn is_built_in(audience: &Audience, issuer: &Issuer) -> bool {
    let Ok(url) = Url::parse(audience.as_str()) else { return false };
    let of_issuer = Url::parse(issuer.as_str()).is_ok_and(|issuer| issuer.origin() == url.origin());
    let of_auth0 = url.scheme() == "https" && url.host_str().is_some_and(|host| host.ends_with(".auth0.com"));
    (of_issuer || of_auth0) && BUILT_IN.contains(&url.path().trim_end_matches('/'))
}

const BUILT_IN: [&str; 5] = ["/api/v2", "/userinfo", "/me", "/my-org", "/mfa"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_machine_tokens_for_an_api_of_ones_own_count() {
        let issuer = Issuer::from("https://login.shop.example/");
        let api = Audience::from("https://api.shop.example");
        let built_in = |path: &str| Audience::from(format!("https://shop.eu.auth0.com{path}"));
        let all = [Grant::Login, Grant::AuthorizationCode, Grant::RefreshToken, Grant::ClientCredentials];
        for grant in all {
            for outcome in [Outcome::Token, Outcome::Refused, Outcome::NoAnswer] {
                let counts = grant == Grant::ClientCredentials && outcome == Outcome::Token;
                for audience in [Some(&api), None] {
                    let judged = Quota::of(grant, outcome, audience, &issuer);
                    assert_eq!(judged == Quota::Counted, counts, "{grant:?} {outcome:?} {audience:?}");
                }
                for path in ["/api/v2/", "/api/v2", "/userinfo", "/me/", "/mfa/", "/my-org/"] {
                    let judged = Quota::of(grant, outcome, Some(&built_in(path)), &issuer);
                    assert_eq!(judged, Quota::NotCounted, "{grant:?} {path}");
                }
            }
        }
    }

    #[test]
    fn a_token_that_was_exchanged_is_claimed_as_neither() {
        let issuer = Issuer::from("https://login.shop.example/");
        for grant in [Grant::OnBehalfOf, Grant::TokenExchange, Grant::FederatedConnection] {
            let of = |outcome| Quota::of(grant, outcome, None, &issuer);
            assert_eq!(of(Outcome::Token), Quota::Undocumented, "{grant:?}");
            assert_eq!(of(Outcome::Refused), Quota::NotCounted, "{grant:?}");
            assert_eq!(of(Outcome::NoAnswer), Quota::NotCounted, "{grant:?}");
        }
    }

    /// An API of one's own does not become the provider's by its name.
    #[test]
    fn an_api_is_built_in_by_its_host_and_its_whole_path() {
        let issuer = Issuer::from("https://login.shop.example/");
        let cases = [
            ("https://login.shop.example/api/v2/", true),
            ("https://shop.eu.auth0.com/api/v2/", true),
            ("https://api.shop.example/api/v2/", false),
            ("https://evil-auth0.com/api/v2/", false),
            ("http://shop.eu.auth0.com/api/v2/", false),
            ("https://shop.eu.auth0.com/api/v2/x", false),
            ("https://shop.eu.auth0.com/orders", false),
            ("https://login.shop.example:8443/api/v2/", false),
            ("urn:api:v2", false),
            ("", false),
        ];
        for (audience, expected) in cases {
            assert_eq!(is_built_in(&Audience::from(audience), &issuer), expected, "{audience}");
        }
    }
}
