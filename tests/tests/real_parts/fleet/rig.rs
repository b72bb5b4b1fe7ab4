//! The provider, the shops, and visitors whose tokens expire when a case wants it.

use std::time::Duration;

use auth_layer::testing::{
    Endpoint, Fault, IdentityProvider, IdentityProviderBuilder, SigningAlgorithm, TestAccessToken, User,
};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream;
use http::StatusCode;
use reqwest::redirect::Policy;
use serde_json::json;
use tests::Keep;

use super::{Answer, Engine, Instances, Visitor};

/// Shops that share a store, and their provider.
#[derive(Debug)]
pub(super) struct Rig {
    pub(super) op: IdentityProvider,
    pub(super) shops: Instances,
    /// What its figures are of.
    pub(super) name: String,
    client: reqwest::Client,
}

/// Returns one of the people whom the provider knows.
pub(super) fn user(number: usize) -> User {
    User::new(format!("user-{}", number % USERS), "password")
}

impl Rig {
    /// Starts three shops.
    pub(super) async fn start(engine: &Engine, keep: Keep) -> Self {
        Self::start_with(engine, keep, |provider| provider).await
    }

    /// As [`Self::start`], at a provider that differs.
    pub(super) async fn start_with(
        engine: &Engine,
        keep: Keep,
        change: impl FnOnce(IdentityProviderBuilder) -> IdentityProviderBuilder,
    ) -> Self {
        Self::start_in(engine, keep, change, &[]).await
    }

    /// As [`Self::start_with`], with more variables in the environment of each shop.
    pub(super) async fn start_in(
        engine: &Engine,
        keep: Keep,
        change: impl FnOnce(IdentityProviderBuilder) -> IdentityProviderBuilder,
        more: &[(&'static str, &str)],
    ) -> Self {
        let provider = IdentityProvider::builder().signing(SigningAlgorithm::Es256);
        let provider = (0..USERS).fold(provider, |provider, number| provider.add_user(user(number)));
        let op = change(provider).start().await.unwrap();
        let sessions = if keep == Keep::InCookies { "cookies" } else { "store" };
        let mut environment = vec![
            ("AUTH_ISSUER", op.issuer()),
            ("AUTH_CLIENT_ID", op.client_id()),
            ("AUTH_CLIENT_SECRET", op.client_secret()),
            ("AUTH_SESSION_KEYS", "b".repeat(64)),
            ("API_TOKEN_PROFILE", "rfc9068".to_owned()),
            ("SHOP_STORE", engine.url()),
            ("SHOP_SESSIONS", sessions.to_owned()),
        ];
        environment.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let shops = Instances::start(3, environment).await;
        op.register_redirect_uri(&format!("{}/auth/callback", shops.base_url()));
        op.register_post_logout_redirect_uri(&format!("{}/", shops.base_url()));
        // A shop that was killed leaves no half-open connection behind that a request could meet.
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(0)
            .timeout(LIMIT)
            .build()
            .unwrap();
        Self { op, shops, name: format!("{}, sessions: {sessions}", engine.name()), client }
    }

    pub(super) fn url(&self, instance: usize, path: &str) -> String {
        format!("{}{path}", self.shops.url(instance))
    }

    /// Returns someone without cookies.
    pub(super) fn stranger(&self) -> Visitor {
        Visitor::new(self.client.clone(), String::new())
    }

    /// Logs somebody in at a shop, through the provider's own pages.
    pub(super) async fn log_in(&self, instance: usize, number: usize) -> Visitor {
        let user = user(number);
        let mut visitor = Visitor::new(self.client.clone(), user.subject().to_string());
        let departure = visitor.open(&self.url(instance, "/auth/login")).await;
        let callback = self.op.browser().log_in(&user, departure.location()).await.unwrap();
        let path = callback.strip_prefix(&self.shops.base_url()).unwrap();
        let arrival = visitor.open(&self.url(instance, path)).await;
        assert_eq!(arrival.status, StatusCode::SEE_OTHER, "{arrival:?}");
        visitor
    }

    /// Logs so many people in, with tokens that live for so long; what comes after lives for an hour.
    pub(super) async fn log_in_for(&self, count: usize, seconds: u64) -> Vec<Visitor> {
        self.op.fault(Endpoint::Token, lives(seconds));
        let logins = (0..count).map(|number| self.log_in(number % self.shops.count(), number));
        let visitors = stream::iter(logins).buffered(LOGINS_AT_ONCE).collect().await;
        self.op.clear_faults();
        visitors
    }

    /// Logs so many people in, and waits until their tokens have expired.
    pub(super) async fn expired(&self, count: usize) -> Vec<Visitor> {
        let visitors = self.log_in_for(count, 1).await;
        tokio::time::sleep(OVER_A_SECOND).await;
        visitors
    }

    /// Gives a session a token that lives for a second, and waits until it has expired.
    pub(super) async fn let_expire(&self, visitor: &mut Visitor) {
        self.op.fault_times(Endpoint::Token, lives(1), 1);
        let answer = visitor.post(&self.url(0, "/api/refresh")).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        tokio::time::sleep(OVER_A_SECOND).await;
    }

    /// Sends so many requests at once to the first shops, all with the cookies as they are.
    ///
    /// Each comes back with the browser as it is after that answer alone.
    pub(super) async fn at_once(
        &self,
        visitor: &Visitor,
        count: usize,
        shops: usize,
    ) -> Vec<(Visitor, Answer)> {
        let requests = (0..count).map(|number| tokio::spawn(self.asked(visitor, number % shops)));
        join_all(requests).await.into_iter().map(Result::unwrap).collect()
    }

    /// As [`Self::at_once`], with thirty under way at any time: however busy this machine is, the shops
    /// are not asked for more than it can take.
    pub(super) async fn in_turn(
        &self,
        visitor: &Visitor,
        count: usize,
        shops: usize,
    ) -> Vec<(Visitor, Answer)> {
        let requests = (0..count).map(|number| self.asked(visitor, number % shops));
        stream::iter(requests).buffer_unordered(UNDER_WAY).collect().await
    }

    /// Asks, and once more where the shop was too busy to hear its store in time: that is this machine's
    /// doing, and is told by [`Answer::came_again`].
    fn asked(
        &self,
        visitor: &Visitor,
        instance: usize,
    ) -> impl Future<Output = (Visitor, Answer)> + Send + 'static {
        let (mut visitor, url) = (visitor.clone(), self.url(instance, SESSION));
        async move {
            let mut answer = visitor.get(&url).await;
            if answer.status == StatusCode::SERVICE_UNAVAILABLE && answer.body.contains(STORE_IS_AWAY) {
                tokio::time::sleep(OVER_A_SECOND).await;
                answer = visitor.get(&url).await;
                answer.came_again = true;
            }
            (visitor, answer)
        }
    }

    /// Returns how many refresh tokens the provider was sent.
    pub(super) fn refreshes(&self) -> usize {
        self.op.token_calls("refresh_token")
    }

    /// Returns how often a refresh token was used that had been spent or was dead.
    pub(super) fn reuses(&self) -> usize {
        self.op.log_count("ferrt")
    }

    /// Returns a token for the products API.
    pub(super) fn bearer_token(&self) -> String {
        let token = TestAccessToken::new(user(0).subject()).with_audience("https://api.shop.example");
        self.op.issue_access_token(token.with_scopes("read:products"))
    }

    /// Expects that these sessions are whole: their own users', at each shop, past a refresh.
    pub(super) async fn are_untouched(&self, visitors: &mut [Visitor]) {
        for visitor in visitors {
            let answer = visitor.post(&self.url(0, "/api/refresh")).await;
            assert_eq!(answer.status, StatusCode::OK, "{}: {answer:?}", self.name);
            for instance in 0..self.shops.count() {
                let answer = visitor.get(&self.url(instance, SESSION)).await;
                assert_eq!(answer.subject().as_ref(), Some(&visitor.subject), "{}: {answer:?}", self.name);
            }
        }
    }
}

/// An answer of the token endpoint whose token lives for so long.
fn lives(seconds: u64) -> Fault {
    Fault::rewrite(move |answer| {
        if answer.get("expires_in").is_some() {
            answer["expires_in"] = json!(seconds);
        }
    })
}

/// What a script of the page asks: whose session this is, and when its token expires.
pub(super) const SESSION: &str = "/api/session";
const STORE_IS_AWAY: &str = "the session store gives no answer";
const USERS: usize = 50;
const LOGINS_AT_ONCE: usize = 8;
const UNDER_WAY: usize = 30;
const OVER_A_SECOND: Duration = Duration::from_millis(1_200);
/// Longer than anything is waited for.
const LIMIT: Duration = Duration::from_secs(40);
