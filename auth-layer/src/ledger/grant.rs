//! The grants, and the codes under which a tenant's log has their outcomes.

use serde::{Deserialize, Serialize};

/// How a token was asked for.
///
/// In a shared ledger a grant is its place in this list: new ones go to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Grant {
    /// A user's login; no exchange, and listed since the tenant's log lists it.
    Login,
    /// The code of a login (RFC 6749 §4.1).
    AuthorizationCode,
    /// A refresh token (RFC 6749 §6).
    RefreshToken,
    /// A client's own credentials (RFC 6749 §4.4): a machine's token.
    ClientCredentials,
    /// An access token, for one of another audience (RFC 8693; Auth0's On-Behalf-Of).
    OnBehalfOf,
    /// A token of a type of one's own (RFC 8693; Auth0's Custom Token Exchange).
    TokenExchange,
    /// A refresh token, for the token of a federated connection (Auth0's Token Vault).
    FederatedConnection,
}

/// What became of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// The provider issued a token.
    Token,
    /// It judged the request, and refused it.
    Refused,
    /// It gave no answer that could be used, or said that there were too many requests.
    NoAnswer,
}

impl Grant {
    /// Returns the code of the tenant's log; none where the provider gave no answer to log.
    #[must_use]
    pub const fn log_code(self, outcome: Outcome) -> Option<&'static str> {
        match (self, outcome) {
            (Self::Login, Outcome::Token) => Some("s"),
            (Self::Login, Outcome::Refused) => Some("f"),
            (Self::AuthorizationCode, Outcome::Token) => Some("seacft"),
            (Self::AuthorizationCode, Outcome::Refused) => Some("feacft"),
            (Self::RefreshToken, Outcome::Token) => Some("sertft"),
            (Self::RefreshToken, Outcome::Refused) => Some("fertft"),
            (Self::ClientCredentials, Outcome::Token) => Some("seccft"),
            (Self::ClientCredentials, Outcome::Refused) => Some("feccft"),
            (Self::OnBehalfOf, Outcome::Token) => Some("success_on_behalf_of_token_exchange"),
            (Self::OnBehalfOf, Outcome::Refused) => Some("failed_on_behalf_of_token_exchange"),
            (Self::TokenExchange, Outcome::Token) => Some("secte"),
            (Self::TokenExchange, Outcome::Refused) => Some("fecte"),
            (Self::FederatedConnection, Outcome::Token) => Some("seta"),
            (Self::FederatedConnection, Outcome::Refused) => Some("feta"),
            (_, Outcome::NoAnswer) => None,
        }
    }

    /// The name of the grant, for labels.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::OnBehalfOf => "on_behalf_of",
            Self::TokenExchange => "token_exchange",
            Self::FederatedConnection => "federated_connection",
        }
    }
}
