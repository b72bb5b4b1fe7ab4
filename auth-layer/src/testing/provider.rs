//! The handle of a running provider.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::net::TcpListener;

use super::back_channel::{self, LogoutAnswer};
use super::browser::Browser;
use super::builder::IdentityProviderBuilder;
use super::dpop::DpopKey;
use super::faults::{Endpoint, Fault};
use super::log_export;
use super::minting::{self, TestAccessToken, TestLogoutToken};
use super::registration::User;
use super::server::{self, Server};
use super::state::{Core, State};
use super::tenant_log::LogEvent;
use crate::clock::Clock;

/// An OpenID provider on a loopback port, for tests and demos; its clones are the same provider.
///
/// It stops when the last clone is dropped. See the [module docs](super).
#[derive(Clone)]
#[must_use]
pub struct IdentityProvider {
    core: Arc<Core>,
    server: Arc<Mutex<Option<Server>>>,
}

impl IdentityProvider {
    /// Starts a provider with all defaults, on a free port.
    ///
    /// # Panics
    /// Where no port of 127.0.0.1 can be listened on, or outside a Tokio runtime.
    pub async fn start() -> Self {
        Self::builder().start().await.expect("a free port of 127.0.0.1 can be listened on")
    }

    /// Returns a builder with all defaults.
    pub fn builder() -> IdentityProviderBuilder {
        IdentityProviderBuilder::default()
    }

    pub(super) fn serving(core: Core, listener: TcpListener) -> Self {
        let core = Arc::new(core);
        let server = Server::start(Arc::clone(&core), listener);
        Self { core, server: Arc::new(Mutex::new(Some(server))) }
    }

    /// Returns the issuer, `http://127.0.0.1:` and the port.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.core.settings.issuer.clone()
    }

    /// Returns the address of an endpoint.
    #[must_use]
    pub fn url(&self, endpoint: Endpoint) -> String {
        self.core.settings.url(endpoint)
    }

    /// Returns the name of the default client.
    #[must_use]
    pub fn client_id(&self) -> String {
        DEFAULT_CLIENT_ID.to_owned()
    }

    /// Returns the secret of the default client.
    #[must_use]
    pub fn client_secret(&self) -> String {
        DEFAULT_CLIENT_SECRET.to_owned()
    }

    /// Returns the clock that the provider tells its time by.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.core.clock.clone()
    }

    /// Adds a redirect URI to the default client.
    pub fn register_redirect_uri(&self, redirect_uri: &str) {
        if let Some(client) = self.core.state().clients.get_mut(DEFAULT_CLIENT_ID) {
            client.redirect_uris.insert(redirect_uri.to_owned());
        }
    }

    /// Adds a post-logout redirect URI to the default client.
    pub fn register_post_logout_redirect_uri(&self, uri: &str) {
        if let Some(client) = self.core.state().clients.get_mut(DEFAULT_CLIENT_ID) {
            client.post_logout_redirect_uris.insert(uri.to_owned());
        }
    }

    /// Tells the default client at this address that a session is over.
    pub fn register_backchannel_logout_uri(&self, uri: &str) {
        if let Some(client) = self.core.state().clients.get_mut(DEFAULT_CLIENT_ID) {
            client.backchannel_logout_uri = Some(uri.to_owned());
        }
    }

    /// Returns how many requests came to `endpoint`, those that met a fault included.
    #[must_use]
    pub fn calls(&self, endpoint: Endpoint) -> usize {
        self.core.state().calls.get(&endpoint).copied().unwrap_or_default()
    }

    /// Returns how many requests of `grant_type` came to the token endpoint.
    #[must_use]
    pub fn token_calls(&self, grant_type: &str) -> usize {
        self.core.state().token_calls.get(grant_type).copied().unwrap_or_default()
    }

    /// Returns the log, oldest event first.
    #[must_use]
    pub fn log(&self) -> Vec<LogEvent> {
        self.core.state().log.events()
    }

    /// Returns how many events of a code (`seacft`, `ferrt`, ...) the log has.
    #[must_use]
    pub fn log_count(&self, code: &str) -> usize {
        self.core.state().log.count(code)
    }

    /// Returns the log as Auth0 exports it, oldest event first: a JSON object a line.
    #[must_use]
    pub fn export_log(&self) -> String {
        let mut lines = String::new();
        for event in self.log() {
            lines.push_str(&log_export::line(&event));
            lines.push('\n');
        }
        lines
    }

    /// Lets every request to `endpoint` meet `fault`, until [`clear_faults`](Self::clear_faults).
    pub fn fault(&self, endpoint: Endpoint, fault: Fault) {
        self.core.state().faults.stand(endpoint, fault);
    }

    /// Lets the next `times` requests to `endpoint` meet `fault`.
    pub fn fault_times(&self, endpoint: Endpoint, fault: Fault, times: usize) {
        self.core.state().faults.count(endpoint, fault, times);
    }

    /// Removes all faults, and releases the requests that are held.
    pub fn clear_faults(&self) {
        self.core.state().faults.clear();
        self.release();
    }

    /// Releases the requests that are held.
    pub fn release(&self) {
        self.core.releases.send_modify(|releases| *releases += 1);
    }

    /// Waits until at least `requests` requests are held at once.
    pub async fn wait_until_held(&self, requests: usize) {
        let mut held = self.core.held.subscribe();
        // The sender lives in `self`: the wait cannot fail.
        let _ = held.wait_for(|held| *held >= requests).await;
    }

    /// Signs with a new key from now on. With `keep_old` the old keys stay published; without,
    /// they are gone, and the tokens that they signed with them.
    pub fn rotate_keys(&self, keep_old: bool) {
        self.core.state().keys.rotate(keep_old);
    }

    /// Returns any claims as a JWT under any header, signed with the present key: for tests of
    /// what a verifier refuses.
    #[must_use]
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.core.state().keys.current().sign(header, claims)
    }

    /// Publishes a JWK, whatever it is, before the keys of the provider: for tests of a bad key
    /// among good ones. It stays when the keys are rotated.
    pub fn publish_jwk(&self, jwk: Value) {
        self.core.state().keys.publish(jwk);
    }

    /// Issues an access token without any flow; from now on introspection, `/userinfo` and
    /// revocation know it.
    ///
    /// # Panics
    /// Where the token is to be signed with an algorithm that the provider has no key of, or has
    /// permissions or roles for which its shape has no claim.
    #[must_use]
    pub fn issue_access_token(&self, token: TestAccessToken) -> String {
        let now = self.core.clock.now();
        minting::issue(&self.core.settings, &mut self.core.state(), now, &token)
    }

    /// Returns an access token which the provider signs and forgets: introspection does not know
    /// it, and a million of them cost no memory.
    ///
    /// # Panics
    /// As [`issue_access_token`](Self::issue_access_token).
    #[must_use]
    pub fn sign_access_token(&self, token: &TestAccessToken) -> String {
        minting::sign(&self.core.settings, &self.core.state(), self.core.clock.now(), token)
    }

    /// Revokes an access token, however it was issued: introspection and `/userinfo` refuse it. The
    /// signature of a JWT stays good.
    pub fn revoke_access_token(&self, token: &str) {
        self.core.state().access_tokens.remove(token);
    }

    /// Returns a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4), and ends no session: for tests
    /// of what a client refuses.
    #[must_use]
    pub fn mint_logout_token(&self, token: &TestLogoutToken) -> String {
        minting::sign_logout_token(&self.core.settings, &self.core.state(), self.core.clock.now(), token)
    }

    /// Ends the session of this `sid`, tells its clients, and returns what they answered.
    ///
    /// # Cancellation
    /// The session has ended, and the clients are told.
    pub async fn log_out(&self, sid: &str) -> Vec<LogoutAnswer> {
        let Core { settings, clock, .. } = &*self.core;
        let notices = back_channel::end_sid(settings, &mut self.core.state(), clock.now(), sid);
        back_channel::answered(back_channel::tell(&self.core, notices)).await
    }

    /// Ends all sessions of `user`, as an administrator would, tells their clients by `sub` alone, and
    /// returns what they answered.
    ///
    /// # Cancellation
    /// As [`log_out`](Self::log_out).
    pub async fn end_sessions_of(&self, user: &User) -> Vec<LogoutAnswer> {
        let Core { settings, clock, .. } = &*self.core;
        let notices = back_channel::end_subject(settings, &mut self.core.state(), clock.now(), &user.subject);
        back_channel::answered(back_channel::tell(&self.core, notices)).await
    }

    /// Waits until clients have answered `at_least` so many notices of ended sessions, those of the
    /// end-session endpoint included, and returns all answers.
    pub async fn logout_answers(&self, at_least: usize) -> Vec<LogoutAnswer> {
        self.core.telling.answers(at_least).await
    }

    /// Returns a new key of a client, whose proofs are dated by the provider's clock.
    pub fn dpop_key(&self) -> DpopKey {
        DpopKey::generate().with_clock(self.clock())
    }

    /// Revokes every grant of `user`, as an administrator would: refresh tokens are dead.
    pub fn revoke_grants(&self, user: &User) {
        let state = &mut *self.core.state();
        let State { grants, .. } = state;
        let names: Vec<String> = grants
            .iter()
            .filter(|(_, grant)| grant.session.subject == user.subject)
            .map(|(name, _)| name.clone())
            .collect();
        for name in names {
            state.revoke_grant(&name);
        }
    }

    /// Returns a new browser, which is not logged in.
    #[must_use]
    pub fn browser(&self) -> Browser {
        Browser::new(self.core.settings.issuer.trim_end_matches('/'))
    }

    /// Logs `user` in with a new browser at an authorization URL, and returns the callback URL.
    ///
    /// # Panics
    /// Where the provider shows a page instead; [`Browser::log_in`] returns it as an error.
    pub async fn log_in(&self, user: &User, authorize_url: &str) -> String {
        match self.browser().log_in(user, authorize_url).await {
            Ok(callback) => callback,
            Err(error) => panic!("{} cannot log in: {error}", user.username),
        }
    }

    /// Stops the provider: it refuses connections, and those that are open are closed. Its state
    /// stays.
    pub async fn stop(&self) {
        let server = self.lock().take();
        if let Some(server) = server {
            server.stop().await;
        }
    }

    /// Starts the provider again, on its port and with its state.
    ///
    /// # Panics
    /// Where something else has taken the port.
    pub async fn restart(&self) {
        self.stop().await;
        let listener = server::listen(self.core.settings.port).await.expect("the port is still free");
        *self.lock() = Some(Server::start(Arc::clone(&self.core), listener));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Server>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for IdentityProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityProvider").field("issuer", &self.core.settings.issuer).finish_non_exhaustive()
    }
}

/// The name of the default client.
pub const DEFAULT_CLIENT_ID: &str = "shop";

/// The secret of the default client; it opens nothing but a provider on a loopback port.
pub const DEFAULT_CLIENT_SECRET: &str = "shop-secret-for-loopback-only";
