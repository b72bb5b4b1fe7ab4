//! Who is known to the provider: clients (RFC 7591 §2) and users.

use std::collections::BTreeSet;
use std::fmt;

/// How a client proves itself at the token endpoint (OpenID Connect Core 1.0 §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// `client_secret_basic`: the `Authorization` header (RFC 6749 §2.3.1).
    Basic,
    /// `client_secret_post`: the form.
    Post,
    /// `none`: a public client, which only names itself.
    None,
}

impl ClientAuthentication {
    /// Returns the name in the registry of RFC 7591 §4.2.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::None => "none",
        }
    }
}

/// A client of the provider.
///
/// ```
/// use auth_layer::testing::ClientRegistration;
///
/// let web = ClientRegistration::confidential("shop", "a secret for loopback")
///     .add_redirect_uri("http://127.0.0.1:3000/auth/callback")
///     .add_post_logout_redirect_uri("http://127.0.0.1:3000/");
/// let spa = ClientRegistration::public("spa");
/// # let _ = (web, spa);
/// ```
#[derive(Clone)]
#[must_use]
pub struct ClientRegistration {
    pub(super) client_id: String,
    pub(super) client_secret: Option<String>,
    pub(super) redirect_uris: BTreeSet<String>,
    pub(super) post_logout_redirect_uris: BTreeSet<String>,
    pub(super) backchannel_logout_uri: Option<String>,
    pub(super) authentication: BTreeSet<ClientAuthentication>,
}

impl ClientRegistration {
    /// Returns a client with a secret, sent in the header or in the form.
    pub fn confidential(client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: Some(client_secret.into()),
            redirect_uris: BTreeSet::new(),
            post_logout_redirect_uris: BTreeSet::new(),
            backchannel_logout_uri: None,
            authentication: [ClientAuthentication::Basic, ClientAuthentication::Post].into(),
        }
    }

    /// Returns a client without a secret (RFC 6749 §2.1).
    pub fn public(client_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: None,
            redirect_uris: BTreeSet::new(),
            post_logout_redirect_uris: BTreeSet::new(),
            backchannel_logout_uri: None,
            authentication: [ClientAuthentication::None].into(),
        }
    }

    /// Adds a URI to which codes may be sent; compared byte for byte.
    pub fn add_redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.redirect_uris.insert(redirect_uri.into());
        self
    }

    /// Adds a URI to which a browser may go after a logout; compared byte for byte.
    pub fn add_post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.post_logout_redirect_uris.insert(uri.into());
        self
    }

    /// Tells the client at this address that a session is over (OpenID Connect Back-Channel Logout 1.0
    /// §2.2); default is not to tell it.
    pub fn with_backchannel_logout_uri(mut self, uri: impl Into<String>) -> Self {
        self.backchannel_logout_uri = Some(uri.into());
        self
    }

    /// Replaces the ways in which the client may authenticate.
    pub fn with_authentication(mut self, methods: impl IntoIterator<Item = ClientAuthentication>) -> Self {
        self.authentication = methods.into_iter().collect();
        self
    }
}

impl fmt::Debug for ClientRegistration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientRegistration")
            .field("client_id", &self.client_id)
            .field("redirect_uris", &self.redirect_uris)
            .field("post_logout_redirect_uris", &self.post_logout_redirect_uris)
            .field("backchannel_logout_uri", &self.backchannel_logout_uri)
            .field("authentication", &self.authentication)
            .finish_non_exhaustive()
    }
}

/// A person who can log in: with a password, or through a social connection.
#[derive(Clone)]
#[must_use]
pub struct User {
    pub(super) subject: String,
    pub(super) username: String,
    pub(super) login: LoginMethod,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) roles: BTreeSet<String>,
    pub(super) denied_scopes: BTreeSet<String>,
    pub(super) accounts: Vec<Account>,
}

/// An account at a federated connection.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) connection: String,
    pub(super) login: String,
    pub(super) scope: String,
}

impl Account {
    pub(super) fn is(&self, connection: &str, hint: Option<&str>) -> bool {
        self.connection == connection && hint.is_none_or(|hint| hint == self.login)
    }
}

/// How a user logs in.
#[derive(Clone)]
pub(super) enum LoginMethod {
    Password(String),
    Social { connection: String, label: String },
}

impl User {
    /// Returns a user with a password; the subject is `local|` and the username.
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        let username = username.into();
        Self {
            subject: format!("local|{username}"),
            login: LoginMethod::Password(password.into()),
            name: username.clone(),
            email: format!("{username}@example.com"),
            username,
            roles: BTreeSet::new(),
            denied_scopes: BTreeSet::new(),
            accounts: Vec::new(),
        }
    }

    /// Returns a user of the social connection `connection`, which the login page calls `label`;
    /// the subject is the connection, `|` and the username.
    pub fn social(
        connection: impl Into<String>,
        label: impl Into<String>,
        username: impl Into<String>,
    ) -> Self {
        let (connection, label) = (connection.into(), label.into());
        let user = Self::new(username, "");
        Self {
            subject: format!("{connection}|{}", user.username),
            login: LoginMethod::Social { connection, label },
            ..user
        }
    }

    /// Returns Ada Lovelace (`ada`, `ada-password`), an administrator who may have every scope.
    pub fn ada() -> Self {
        Self::new("ada", "ada-password").with_name("Ada Lovelace").add_role("admin")
    }

    /// Returns Bob Kahn (`bob`, `bob-password`), who may not have `write:products`.
    pub fn bob() -> Self {
        Self::new("bob", "bob-password").with_name("Bob Kahn").without_scope("write:products")
    }

    /// Returns Carol Shaw, who logs in through Acme Social and whose subject is `acme|carol`.
    pub fn carol() -> Self {
        Self::social("acme", "Acme Social", "carol").with_name("Carol Shaw")
    }

    /// Replaces the full name.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Replaces the e-mail address; default is the username at example.com.
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = email.into();
        self
    }

    /// Adds a role, which the tokens name in `roles` (RFC 9068 §2.2.3.1).
    pub fn add_role(mut self, role: impl Into<String>) -> Self {
        self.roles.insert(role.into());
        self
    }

    /// Denies a scope: where it is asked for, it is not granted.
    pub fn without_scope(mut self, scope: impl Into<String>) -> Self {
        self.denied_scopes.insert(scope.into());
        self
    }

    /// Connects an account at a federated connection, whose tokens have this scope; `login` tells the
    /// accounts of one connection apart (`login_hint`).
    pub fn add_connected_account(
        mut self,
        connection: impl Into<String>,
        login: impl Into<String>,
        scope: impl Into<String>,
    ) -> Self {
        let (connection, login, scope) = (connection.into(), login.into(), scope.into());
        self.accounts.push(Account { connection, login, scope });
        self
    }

    /// Returns the subject, the `sub` of this user's tokens.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Returns the username.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    pub(super) fn may_have(&self, scope: &str) -> bool {
        !self.denied_scopes.contains(scope)
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("subject", &self.subject)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
