//! The client's handle on its provider.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::{Map, Value};
use url::Url;

use crate::clock::Clock;
use crate::config::{AudienceParameter, ClientAuthentication};
use crate::identifier::{ClientId, Issuer, Subject};
use crate::jose::{
    IdTokenClaims, IdTokenExpectations, Jwks, LogoutToken, LogoutTokenExpectations, VerifyError,
    parse_strict, verify_id_token,
};
use crate::provider::discovery::Metadata;
use crate::provider::documents::Documents;
use crate::provider::error::{FailedAt, ProviderError};
use crate::provider::http::{self, Answer};
use crate::provider::keys::KeySource;
use crate::provider::wire::parameter;
use crate::secret::SecretText;
use crate::token::RefreshKey;

/// What a [`Provider`] is made of.
#[derive(Debug)]
pub(crate) struct ProviderSettings {
    pub(crate) issuer: Issuer,
    pub(crate) client_id: ClientId,
    pub(crate) client_authentication: ClientAuthentication,
    pub(crate) audience_parameter: AudienceParameter,
    pub(crate) connect_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) skew: Duration,
    pub(crate) clock: Clock,
}

/// An OpenID provider; its copies share metadata, keys and connections.
#[derive(Clone, Debug)]
pub(crate) struct Provider(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: ProviderSettings,
    documents: Arc<Documents>,
    keys: KeySource,
}

impl Provider {
    /// Does no I/O.
    pub(crate) fn new(settings: ProviderSettings) -> Result<Self, reqwest::Error> {
        let client = http::client(settings.connect_timeout, settings.timeout)?;
        let (issuer, clock) = (settings.issuer.clone(), settings.clock.clone());
        let documents = Arc::new(Documents::new(issuer, None, client, settings.timeout, clock));
        let keys = KeySource::new(Arc::clone(&documents), STALE_KEYS);
        Ok(Self(Arc::new(Inner { settings, documents, keys })))
    }

    pub(crate) fn settings(&self) -> &ProviderSettings {
        &self.0.settings
    }

    pub(crate) fn client(&self) -> &Client {
        self.0.documents.client()
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, ProviderError> {
        self.0.documents.send(request).await
    }

    /// The key under which a refresh with this token is shared.
    pub(crate) fn refresh_key(&self, token: &SecretText) -> RefreshKey {
        RefreshKey::new(token, &self.0.settings.client_id, &self.0.settings.issuer)
    }

    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        self.0.documents.metadata().await
    }

    /// Verifies an id token; for a key that is not known the keys are fetched again, once in 30 seconds.
    pub(crate) async fn verify_id_token(
        &self,
        token: &SecretText,
        nonce: Option<&str>,
        access_token: Option<&str>,
        max_age: Option<Duration>,
    ) -> Result<IdTokenClaims, ProviderError> {
        let settings = &self.0.settings;
        let expected = IdTokenExpectations {
            issuer: &settings.issuer,
            client_id: &settings.client_id,
            nonce,
            access_token,
            max_age,
            now: settings.clock.now(),
            skew: settings.skew,
        };
        let verify = |keys: &Jwks| verify_id_token(keys, token.expose(), &expected);
        self.verified(verify)
            .await?
            .map_err(|error| ProviderError::new(FailedAt::IdToken, format!("{:?}: {error}", error.stage())))
    }

    /// Verifies a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6), with keys as for an id token.
    ///
    /// # Errors
    /// [`FailedAt::LogoutToken`] where the token was judged and refused, any other where it could not be.
    pub(crate) async fn verify_logout_token(&self, token: &str) -> Result<LogoutToken, ProviderError> {
        let settings = &self.0.settings;
        let now = settings.clock.now();
        let expected =
            LogoutTokenExpectations::new(&settings.issuer, &settings.client_id, now).with_skew(settings.skew);
        self.verified(|keys| keys.verify_logout_token(token, &expected))
            .await?
            .map_err(|error| ProviderError::new(FailedAt::LogoutToken, error.to_string()))
    }

    /// What `verify` says with the keys of the provider, and with newer ones where no key fits.
    async fn verified<T>(
        &self,
        verify: impl Fn(&Jwks) -> Result<T, VerifyError>,
    ) -> Result<Result<T, VerifyError>, ProviderError> {
        let keys = self.0.keys.fresh(KEYS_AGE).await?;
        match verify(&keys) {
            Err(error) if error.is_unknown_key() => {
                let helps = |keys: &Jwks| !verify(keys).is_err_and(|error| error.is_unknown_key());
                Ok(verify(&*self.0.keys.newer(helps).await?))
            }
            verified => Ok(verified),
        }
    }

    /// The claims of the userinfo endpoint (OpenID Connect Core §5.3), of this subject and no other;
    /// none where it refuses the token, as those do that bind tokens to one API (RFC 8707).
    pub(crate) async fn user_info(
        &self,
        access_token: &SecretText,
        subject: &Subject,
    ) -> Result<Map<String, Value>, ProviderError> {
        let metadata = self.metadata().await?;
        let Some(endpoint) = metadata.userinfo.clone() else { return Ok(Map::new()) };
        let answer = self.send(self.client().get(endpoint).bearer_auth(access_token.expose())).await?;
        if matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            tracing::warn!("userinfo does not take a token of this audience: the id token's claims are all");
            return Ok(Map::new());
        }
        if answer.status != StatusCode::OK {
            return Err(answer.failure());
        }
        if answer.is_jwt {
            return Err(ProviderError::new(
                FailedAt::Answer,
                "userinfo as a JWT is not supported: ask the provider for JSON",
            ));
        }
        let claims = parse_strict(&answer.body)
            .ok_or(ProviderError::new(FailedAt::Answer, "userinfo is no object of unique members"))?;
        if claims.get("sub").and_then(Value::as_str) != Some(subject.as_str()) {
            return Err(ProviderError::new(FailedAt::IdToken, "userinfo is of another subject"));
        }
        Ok(claims)
    }

    /// The issuer of an authorization response (RFC 9207 §2.4): right where it is, there where it is promised.
    pub(crate) fn check_response_issuer(
        &self,
        iss: Option<&str>,
        metadata: &Metadata,
    ) -> Result<(), ProviderError> {
        match iss {
            Some(iss) if self.0.settings.issuer == iss => Ok(()),
            Some(_) => Err(ProviderError::new(FailedAt::Issuer, "the response is of another issuer")),
            None if metadata.promises_iss => {
                Err(ProviderError::new(FailedAt::Issuer, "the response names no issuer"))
            }
            None => Ok(()),
        }
    }

    /// Where a logout at the provider begins (RP-Initiated Logout 1.0 §2), if there is such a place.
    pub(crate) async fn end_session_url(
        &self,
        id_token: Option<&str>,
        return_to: &str,
    ) -> Result<Option<Url>, ProviderError> {
        let metadata = self.metadata().await?;
        let Some(mut url) = metadata.end_session.clone() else { return Ok(None) };
        {
            let mut query = url.query_pairs_mut();
            query.append_pair(parameter::CLIENT_ID, self.0.settings.client_id.as_str());
            query.append_pair(parameter::POST_LOGOUT_REDIRECT_URI, return_to);
            if let Some(hint) = id_token {
                query.append_pair(parameter::ID_TOKEN_HINT, hint);
            }
        }
        Ok(Some(url))
    }
}

/// How long a key that the provider has withdrawn may still be believed.
const KEYS_AGE: Duration = Duration::from_secs(600);
/// How old keys may become while the provider is away.
const STALE_KEYS: Duration = Duration::from_secs(24 * 3_600);
