//! The token endpoint (RFC 6749 §3.2), and revocation beside it (RFC 7009).

use std::fmt;
use std::time::Duration;

use reqwest::StatusCode;
use url::Url;

use crate::identifier::{Audience, Organization};
use crate::one_time::CodeVerifier;
use crate::provider::client::Provider;
use crate::provider::client_authentication::{Form, authenticate};
use crate::provider::error::{FailedAt, ProviderError};
use crate::provider::http::Answer;
use crate::provider::quota_headers::QuotaNews;
use crate::provider::wire::{ErrorDocument, TokenDocument, parameter, value};
use crate::scope::ScopeSet;
use crate::secret::SecretText;

/// What the token endpoint issued.
#[derive(Debug)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: SecretText,
    pub(crate) expires_in: Option<Duration>,
    /// `None` where the answer has no scope: as asked. An empty set is an empty set.
    pub(crate) scope: Option<ScopeSet>,
    pub(crate) refresh_token: Option<SecretText>,
    pub(crate) id_token: Option<SecretText>,
    /// What an exchange issued (RFC 8693 §2.2.1).
    pub(super) issued_token_type: Option<String>,
}

/// What a client got that asked for a token of its own, and what of the quota is left.
#[derive(Debug)]
pub(crate) struct ClientCredentialsAnswer {
    pub(crate) token: Result<TokenResponse, ProviderError>,
    pub(crate) quota: QuotaNews,
}

impl Provider {
    /// Exchanges the client's own credentials (RFC 6749 §4.4.2).
    pub(crate) async fn client_credentials(
        &self,
        audience: Option<&Audience>,
        scopes: &ScopeSet,
        organization: Option<&Organization>,
    ) -> ClientCredentialsAnswer {
        let mut form: Form<'_> = vec![(parameter::GRANT_TYPE, value::CLIENT_CREDENTIALS)];
        form.extend(self.audience_parameters(audience));
        if !scopes.is_empty() {
            form.push((parameter::SCOPE, scopes.as_str()));
        }
        form.extend(organization.map(|organization| (parameter::ORGANIZATION, organization.as_str())));
        match self.ask_for_token(form).await {
            Ok(answer) => ClientCredentialsAnswer { token: token_of(&answer), quota: answer.quota },
            Err(error) => ClientCredentialsAnswer { token: Err(error), quota: QuotaNews::default() },
        }
    }

    /// Exchanges a code (RFC 6749 §4.1.3).
    pub(crate) async fn exchange_code(
        &self,
        code: &str,
        redirect_uri: &str,
        verifier: &CodeVerifier,
        audience: Option<&Audience>,
    ) -> Result<TokenResponse, ProviderError> {
        let mut form: Form<'_> = vec![
            (parameter::GRANT_TYPE, value::AUTHORIZATION_CODE),
            (parameter::CODE, code),
            (parameter::REDIRECT_URI, redirect_uri),
            (parameter::CODE_VERIFIER, verifier.expose()),
        ];
        form.extend(self.audience_parameters(audience));
        self.post_for_token(form).await
    }

    /// Spends a refresh token (RFC 6749 §6); called by `refresh::commit` alone.
    pub(crate) async fn refresh(
        &self,
        token: &SecretText,
        audience: Option<&Audience>,
        scopes: Option<&ScopeSet>,
    ) -> Result<TokenResponse, ProviderError> {
        let scopes = scopes.map(ToString::to_string);
        let mut form: Form<'_> =
            vec![(parameter::GRANT_TYPE, value::REFRESH_TOKEN), (parameter::REFRESH_TOKEN, token.expose())];
        form.extend(self.audience_parameters(audience));
        form.extend(scopes.as_deref().map(|scopes| (parameter::SCOPE, scopes)));
        self.post_for_token(form).await
    }

    /// Revokes a refresh token; done where the provider has no such endpoint.
    pub(crate) async fn revoke(&self, token: &SecretText) -> Result<(), ProviderError> {
        let metadata = self.metadata().await?;
        let Some(endpoint) = metadata.revocation.clone() else { return Ok(()) };
        let form =
            vec![(parameter::TOKEN, token.expose()), (parameter::TOKEN_TYPE_HINT, value::REFRESH_TOKEN)];
        let answer = self.post(endpoint, form).await?;
        if answer.status.is_success() { Ok(()) } else { Err(answer.failure()) }
    }

    pub(super) async fn post_for_token(&self, form: Form<'_>) -> Result<TokenResponse, ProviderError> {
        token_of(&self.ask_for_token(form).await?)
    }

    async fn ask_for_token(&self, form: Form<'_>) -> Result<Answer, ProviderError> {
        let metadata = self.metadata().await.map_err(ProviderError::without_effect)?;
        let endpoint = metadata.token().map_err(ProviderError::without_effect)?.clone();
        self.post(endpoint, form).await
    }

    async fn post(&self, endpoint: Url, form: Form<'_>) -> Result<Answer, ProviderError> {
        let settings = self.settings();
        let request = self.client().post(endpoint);
        let client_id = settings.client_id.as_str();
        self.send(authenticate(request, form, client_id, &settings.client_authentication)).await
    }
}

fn token_of(answer: &Answer) -> Result<TokenResponse, ProviderError> {
    match answer.status {
        StatusCode::OK => TokenResponse::parse(answer),
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(oauth_error(answer))
        }
        _ => Err(answer.failure()),
    }
}

impl TokenResponse {
    fn parse(answer: &Answer) -> Result<Self, ProviderError> {
        let malformed = |why: &str| ProviderError::new(FailedAt::Answer, why);
        let document: TokenDocument =
            serde_json::from_slice(&answer.body).map_err(|_| malformed("the answer is no token response"))?;
        if !document.token_type.eq_ignore_ascii_case("bearer") {
            return Err(malformed("the token is of another type than Bearer"));
        }
        let sendable = |byte: u8| (b'!'..=b'~').contains(&byte);
        let token = &document.access_token;
        if token.is_empty() || token.len() > MAX_TOKEN_BYTES || !token.bytes().all(sendable) {
            return Err(malformed("the access token cannot be sent in a header"));
        }
        Ok(Self {
            access_token: SecretText::new(document.access_token),
            expires_in: document.expires_in.map(|seconds| Duration::from_secs(seconds.0)),
            scope: document.scope.as_deref().map(ScopeSet::parse),
            refresh_token: document.refresh_token.filter(|token| !token.is_empty()).map(SecretText::new),
            id_token: document.id_token.map(SecretText::new),
            issued_token_type: document.issued_token_type,
        })
    }
}

/// An answer is the provider's word on the request only if it is an OAuth error (RFC 6749 §5.2).
fn oauth_error(answer: &Answer) -> ProviderError {
    let Ok(document) = serde_json::from_slice::<ErrorDocument>(&answer.body) else { return answer.failure() };
    let code: String =
        document.error.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(64).collect();
    match code.as_str() {
        "invalid_grant" => ProviderError::new(FailedAt::Grant, code),
        // A secret that was rotated is the operator's to mend: no session ends for it.
        "invalid_client" | "unauthorized_client" => {
            tracing::error!(
                code,
                "the provider does not accept this client: check its id, its secret and how it is sent"
            );
            ProviderError::new(FailedAt::Client, code)
        }
        "temporarily_unavailable" | "server_error" | "slow_down" => {
            ProviderError::new(FailedAt::Answer, code).with_retry_after(answer.retry_after)
        }
        _ => ProviderError::new(FailedAt::Request, code),
    }
}

impl fmt::Debug for TokenDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDocument(..)")
    }
}

const MAX_TOKEN_BYTES: usize = 16 * 1024;
