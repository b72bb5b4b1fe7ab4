//! Users and machines at three instances, and a provider that has a bad day.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_layer::AccessToken;
use auth_layer::exchange::ExchangeRequest;
use auth_layer::machine::MachineTokenRequest;
use auth_layer::testing::{Endpoint, Fault, User};
use axum::Router;
use axum::routing::get;
use futures_util::future::join_all;
use tests::{BILLING, Chance, Fleet, Keep, SHOP, Site, Visitor};

/// Three instances, and who is logged in there.
pub(crate) struct Load {
    pub(crate) fleet: Fleet,
    /// Hands out the token of whoever asks.
    capturing: Router,
    captured: Arc<Mutex<Option<AccessToken>>>,
    chance: Mutex<Chance>,
    lossy: bool,
}

impl Load {
    pub(crate) async fn open(seed: u64, lossy: bool) -> Self {
        let year = Duration::from_secs(365 * 86_400);
        let site = Site::builder()
            .provider(move |op| op.unlimited_machine_quota().refresh_token_lifetime(year))
            .config(move |config| config.with_session_lifetime(year).with_session_inactivity(year));
        let fleet = site.open_fleet(3, Keep::InTheStore).await;
        let captured: Arc<Mutex<Option<AccessToken>>> = Arc::default();
        let place = Arc::clone(&captured);
        let capture = async move |token: AccessToken| {
            *place.lock().unwrap() = Some(token);
        };
        let capturing = Router::new().route("/capture", get(capture)).layer(fleet.auths[0].layer());
        Self { fleet, capturing, captured, chance: Mutex::new(Chance(seed)), lossy }
    }

    pub(crate) const fn is_lossy(&self) -> bool {
        self.lossy
    }

    /// Runs rounds until there were so many exchanges.
    pub(crate) async fn run(&self, exchanges: u64) {
        let mut people = vec![self.fleet.ada().await, self.fleet.ada().await];
        while self.exchanges().await < exchanges {
            // A login that meets a fault is no login: the bad day pauses for it.
            self.fleet.op.clear_faults();
            if people.len() < MOST_PEOPLE || self.below(8) == 0 {
                let visitor = self.fleet.visitor();
                let user = if self.below(2) == 0 { User::ada() } else { User::bob() };
                visitor.log_in(&user).await;
                if people.len() == MOST_PEOPLE {
                    people.remove(0);
                }
                people.push(visitor);
            }
            self.bad_weather();
            join_all(people.iter().map(|visitor| self.act(visitor))).await;
            join_all((0..8).map(|_| self.work())).await;
            self.exchange(&people[0]).await;
            // Longer than a token lives, and than any backoff.
            self.fleet.clock.advance(Duration::from_secs(3_700));
        }
        self.fleet.op.clear_faults();
        for auth in &self.fleet.auths {
            auth.drain().await;
        }
    }

    async fn exchanges(&self) -> u64 {
        let mut exchanges = 0;
        for auth in &self.fleet.auths {
            exchanges += auth.ledger().report().lines.iter().map(|line| line.count).sum::<u64>();
        }
        exchanges
    }

    fn below(&self, end: u64) -> u64 {
        self.chance.lock().unwrap().below(end)
    }

    /// One in eight of the next answers is a fault.
    fn bad_weather(&self) {
        let faults = [
            Fault::Status(500),
            Fault::DropConnection,
            Fault::RetryAfter(429, Duration::from_secs(1)),
            Fault::Error(503, "temporarily_unavailable".into()),
            if self.lossy { Fault::DropResponse } else { Fault::Status(502) },
        ];
        let fault = faults[usize::try_from(self.below(5)).unwrap()].clone();
        self.fleet.op.fault_times(Endpoint::Token, fault, 3);
    }

    async fn act(&self, visitor: &Visitor) {
        let instance = usize::try_from(self.below(3)).unwrap();
        let path = ["/token", "/token", "/force", "/billing"][usize::try_from(self.below(4)).unwrap()];
        self.fleet.at(instance, visitor).get(path).await;
    }

    async fn work(&self) {
        let machine = self.fleet.auths[usize::try_from(self.below(3)).unwrap()].client_credentials().unwrap();
        let management = format!("{}/api/v2/", self.fleet.op.issuer());
        let audience = match self.below(5) {
            0 => management.as_str(),
            1 => "https://unknown.example",
            2 => BILLING,
            _ => SHOP,
        };
        let request = MachineTokenRequest::new().with_audience(audience);
        let request = match self.below(3) {
            0 => request,
            number => request.with_organization(format!("org_{number}")),
        };
        drop(machine.token_with(request).await);
    }

    async fn exchange(&self, visitor: &Visitor) {
        visitor.at(self.capturing.clone()).get("/capture").await;
        let token = self.captured.lock().unwrap().take();
        if let Some(token) = token {
            drop(self.fleet.auths[0].exchange(&token, ExchangeRequest::for_audience(BILLING)).await);
        }
    }
}

const MOST_PEOPLE: usize = 12;
