//! Token exchange at the token endpoint (RFC 8693 §2), and Auth0's federated connections.

use crate::identifier::Audience;
use crate::provider::client::Provider;
use crate::provider::client_authentication::Form;
use crate::provider::error::{FailedAt, ProviderError};
use crate::provider::token_endpoint::TokenResponse;
use crate::provider::wire::{parameter, token_type, value};
use crate::scope::ScopeSet;
use crate::secret::SecretText;

/// What is exchanged, and for what (RFC 8693 §2.1); deliberately without `Debug`, since it shows tokens.
pub(crate) struct TokenExchange<'a> {
    pub(crate) subject_token: &'a str,
    /// `None` is an access token.
    pub(crate) subject_token_type: Option<&'a str>,
    /// An access token of who acts, if that is not the client itself.
    pub(crate) actor_token: Option<&'a str>,
    pub(crate) audience: &'a Audience,
    /// Nothing is what the provider gives unasked.
    pub(crate) scopes: &'a ScopeSet,
}

impl Provider {
    /// Exchanges a token for an access token of another audience.
    pub(crate) async fn exchange_token(
        &self,
        exchange: &TokenExchange<'_>,
    ) -> Result<TokenResponse, ProviderError> {
        let kind = exchange.subject_token_type.unwrap_or(token_type::ACCESS_TOKEN);
        let mut form: Form<'_> = vec![
            (parameter::GRANT_TYPE, value::TOKEN_EXCHANGE),
            (parameter::SUBJECT_TOKEN, exchange.subject_token),
            (parameter::SUBJECT_TOKEN_TYPE, kind),
            (parameter::REQUESTED_TOKEN_TYPE, token_type::ACCESS_TOKEN),
        ];
        if let Some(actor) = exchange.actor_token {
            form.push((parameter::ACTOR_TOKEN, actor));
            form.push((parameter::ACTOR_TOKEN_TYPE, token_type::ACCESS_TOKEN));
        }
        form.extend(self.audience_parameters(Some(exchange.audience)));
        if !exchange.scopes.is_empty() {
            form.push((parameter::SCOPE, exchange.scopes.as_str()));
        }
        self.issued(form, &[token_type::ACCESS_TOKEN, token_type::JWT]).await
    }

    /// Exchanges a refresh token, which stays as it is, for the access token of a connection.
    pub(crate) async fn exchange_for_connection(
        &self,
        refresh_token: &SecretText,
        connection: &str,
        login_hint: Option<&str>,
    ) -> Result<TokenResponse, ProviderError> {
        let mut form: Form<'_> = vec![
            (parameter::GRANT_TYPE, value::FEDERATED_CONNECTION),
            (parameter::SUBJECT_TOKEN, refresh_token.expose()),
            (parameter::SUBJECT_TOKEN_TYPE, token_type::REFRESH_TOKEN),
            (parameter::REQUESTED_TOKEN_TYPE, token_type::FEDERATED),
            (parameter::CONNECTION, connection),
        ];
        form.extend(login_hint.map(|hint| (parameter::LOGIN_HINT, hint)));
        self.issued(form, &[token_type::FEDERATED, token_type::ACCESS_TOKEN]).await
    }

    /// An answer with a token of one of these types; one that does not say what it is, is a bearer token all
    /// the same.
    async fn issued(&self, form: Form<'_>, types: &[&str]) -> Result<TokenResponse, ProviderError> {
        let response = self.post_for_token(form).await?;
        match &response.issued_token_type {
            Some(issued) if !types.contains(&issued.as_str()) => {
                Err(ProviderError::new(FailedAt::Answer, "a token of another type was issued than asked for"))
            }
            _ => Ok(response),
        }
    }
}
