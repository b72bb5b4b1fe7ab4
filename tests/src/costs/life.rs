//! The life of a session, from login to logout, at instances of one application.

use std::time::Duration;

use auth_layer::session::SessionStore;
use auth_layer::testing::{TestLogoutToken, User};
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};

use crate::api::send_with_body;
use crate::costs::Engine;
use crate::fleet::Keep;
use crate::site::Site;
use crate::visitor::Visitor;

/// What an operation cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// The operation.
    pub operation: &'static str,
    /// How many commands, or statements.
    pub commands: u64,
}

/// The instances, of which each operation takes the next, and what was counted.
struct Life<'a> {
    engine: &'a mut Engine,
    sites: &'a [Site],
    next: usize,
    costs: Vec<Cost>,
}

/// Returns what each operation costs with sessions kept so, in the order of a session's life.
pub async fn commands_of<S: SessionStore + Clone>(engine: &mut Engine, keep: Keep, store: S) -> Vec<Cost> {
    let site = Site::builder().provider(|op| op.access_token_lifetime(TOKEN_LIFETIME));
    let sites = site.open_instances(INSTANCES, keep, store).await;
    let mut costs = Vec::new();
    for _ in 0..2 {
        costs = Life { engine, sites: &sites, next: 0, costs: Vec::new() }.run().await;
    }
    costs
}

impl Life<'_> {
    async fn run(mut self) -> Vec<Cost> {
        // A start, and what is still under way, is nobody's cost.
        self.engine.sent().await;
        let site = &self.sites[0];
        let ada = site.visitor();
        self.at_next(&ada).log_in(&User::ada()).await;
        self.count(LOGIN).await;
        self.bring_ledger().await;
        served(&self.at_next(&ada), 1).await;
        let one = self.count(REQUEST).await;
        // The first of eleven costs what it did above.
        served(&self.at_next(&ada), 11).await;
        let eleven = self.engine.sent().await;
        self.costs.push(Cost { operation: TEN_MORE, commands: eleven.saturating_sub(one) });
        site.clock.advance(ROLL_AFTER);
        served(&self.at_next(&ada), 1).await;
        self.count(ROLL).await;
        // The token's end, and less than a roll after the last one.
        site.clock.advance(TOKEN_LIFETIME.saturating_sub(ROLL_AFTER));
        served(&self.at_next(&ada), 1).await;
        self.count(REFRESH).await;
        self.bring_ledger().await;
        served(&self.at_next(&ada), 1).await;
        self.count(AFTER_REFRESH).await;
        let thief = ada.copied();
        self.at_next(&ada).get("/auth/logout").await;
        self.count(LOGOUT).await;
        assert_eq!(self.at_next(&thief).get("/session").await.status, StatusCode::UNAUTHORIZED);
        self.count(AFTER_LOGOUT).await;

        // The id token of the next login is of another second than any word of the provider's.
        site.clock.advance(Duration::from_secs(2));
        let ada = self.at_next(&site.visitor());
        ada.log_in(&User::ada()).await;
        let sid = ada.get("/auth/profile").await.json()["sid"].as_str().expect("a sid").to_owned();
        self.bring_ledger().await;
        let token = site.op.mint_logout_token(&TestLogoutToken::of_session(sid));
        let form = Request::post("/auth/backchannel-logout")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let app = self.site().app();
        let told = send_with_body(app, form, format!("logout_token={token}")).await;
        assert_eq!(told.status, StatusCode::OK, "{told:?}");
        self.count(BACK_CHANNEL).await;
        self.costs
    }

    fn site(&mut self) -> &Site {
        self.next += 1;
        &self.sites[self.next % self.sites.len()]
    }

    fn at_next(&mut self, visitor: &Visitor) -> Visitor {
        visitor.at(self.site().app())
    }

    /// Brings what the last instance counted, which it would by itself five seconds later, in the midst of another step.
    async fn bring_ledger(&mut self) {
        let site = &self.sites[self.next % self.sites.len()];
        site.auth.ledger().report_of_fleet().await.unwrap();
        self.engine.sent().await;
    }

    async fn count(&mut self, operation: &'static str) -> u64 {
        let commands = self.engine.sent().await;
        self.costs.push(Cost { operation, commands });
        commands
    }
}

async fn served(visitor: &Visitor, times: usize) {
    for _ in 0..times {
        let reply = visitor.get("/token").await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    }
}

/// A login, from its departure to its arrival.
pub const LOGIN: &str = "login";
/// A request with a living token, at an instance that has not seen the session.
pub const REQUEST: &str = "request";
/// Ten more at the same instance, at once.
pub const TEN_MORE: &str = "ten more within half a second";
/// A request past the roll threshold.
pub const ROLL: &str = "request that rolls the session";
/// A request that refreshes the token.
pub const REFRESH: &str = "request that refreshes";
/// The first request that brings the new cookie to an instance.
pub const AFTER_REFRESH: &str = "first request after a refresh";
/// A logout of the user's.
pub const LOGOUT: &str = "logout";
/// A request of a session that was logged out.
pub const AFTER_LOGOUT: &str = "request after the logout";
/// A logout of the provider's, of one session.
pub const BACK_CHANNEL: &str = "back-channel logout";

/// One for each step of a life: none has seen the session before.
const INSTANCES: usize = 12;
const ROLL_AFTER: Duration = Duration::from_secs(601);
const TOKEN_LIFETIME: Duration = Duration::from_secs(1_000);
