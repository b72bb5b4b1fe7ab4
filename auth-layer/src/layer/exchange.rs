//! Exchanging the token of a request for another API's (RFC 8693).

use crate::exchange::{ExchangeError, ExchangeErrorKind, ExchangeRequest};
use crate::flow::RelyingParty;
use crate::layer::auth::Auth;
use crate::token::{AccessToken, TokenType, rule_of};

impl Auth {
    /// Exchanges a token for one of another audience, on the same user's behalf (RFC 8693).
    ///
    /// `token` is the one that a handler was given: of the session, or of the `Authorization` header; also
    /// one that was exchanged before. What came is kept, and shared by all who ask with the same token. See
    /// the [module docs](crate::exchange).
    ///
    /// # Errors
    /// [`ExchangeError`]: there is no client (a resource server alone has none), the token cannot be
    /// exchanged, the provider refused, or gave no answer. None of them ends a session.
    ///
    /// # Cancellation
    /// May be dropped at any time: an exchange that was begun is completed and kept.
    pub async fn exchange<P>(
        &self,
        token: &AccessToken<P>,
        request: ExchangeRequest,
    ) -> Result<AccessToken, ExchangeError> {
        let token = token.clone().into_any();
        Ok(AccessToken::own(self.client()?.exchanges.exchange(&token, request).await?))
    }

    /// As [`Auth::exchange`], for what a requirement asks for: the token that comes back grants its scopes.
    ///
    /// `R` is a struct under `#[require_auth(scopes = [..])]`: a function with
    /// `&AccessToken<impl Grants<ReadInvoices>>` takes its token. The audience is the one of the scopes' API, or
    /// the configured one.
    /// ```no_run
    /// # #[cfg(feature = "macros")]
    /// # mod api {
    /// # mod scopes { auth_layer::scopes! { pub(crate) api Billing = "https://billing.example" { ReadInvoices = "read:invoices" } } }
    /// use auth_layer::exchange::ExchangeError;
    /// use auth_layer::token::Grants;
    /// use auth_layer::{AccessToken, Auth, require_auth};
    /// use scopes::ReadInvoices;
    ///
    /// #[require_auth(scopes = [ReadInvoices])]
    /// struct ReadsInvoices;
    ///
    /// async fn invoices(auth: &Auth, token: &AccessToken) -> Result<String, ExchangeError> {
    ///     Ok(list(&auth.exchange_for::<ReadsInvoices>(token).await?))
    /// }
    ///
    /// fn list(token: &AccessToken<impl Grants<ReadInvoices>>) -> String {
    ///     format!("send {token:?}")
    /// }
    /// # }
    /// ```
    /// A requirement of more does not compile: a token says nothing of roles or of an age.
    /// ```compile_fail,E0277
    /// # use auth_layer::token::{Requirement, Rule};
    /// # use auth_layer::{AccessToken, Auth};
    /// struct RecentlyLoggedIn;
    ///
    /// impl Requirement for RecentlyLoggedIn {
    ///     const RULE: Rule = Rule::authenticated("recently").with_max_age(std::time::Duration::from_secs(60));
    /// }
    ///
    /// async fn invoices(auth: &Auth, token: &AccessToken) {
    ///     let billing = auth.exchange_for::<RecentlyLoggedIn>(token).await;
    ///     # drop(billing);
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`Auth::exchange`], and [`ExchangeErrorKind::MissingScopes`] where a scope was not granted.
    ///
    /// # Cancellation
    /// As [`Auth::exchange`].
    pub async fn exchange_for<R: TokenType>(
        &self,
        token: &AccessToken<impl Sized>,
    ) -> Result<AccessToken<R>, ExchangeError> {
        const {
            assert!(
                R::RULE.is_of_scopes_alone() && R::RULE.principal().is_none(),
                "only a requirement of scopes and an audience can be met by an exchange"
            );
        }
        let rule = rule_of::<R>();
        let configured = || self.client().map(|client| client.config.audience.clone());
        let audience = match rule.audience() {
            Some(audience) => audience,
            None => configured()?.ok_or(ExchangeError::new(ExchangeErrorKind::NoAudience))?,
        };
        let request = ExchangeRequest::for_audience(audience).with_scopes(rule.scopes().iter().copied());
        let exchanged = self.exchange(token, request).await?;
        match exchanged.scopes().missing(rule.scopes()) {
            missing if missing.is_empty() => Ok(AccessToken::from_any(exchanged)),
            missing => Err(ExchangeError::missing_scopes(&missing)),
        }
    }

    fn client(&self) -> Result<&RelyingParty, ExchangeError> {
        self.relying_party().ok_or(ExchangeError::new(ExchangeErrorKind::NoClient))
    }
}
