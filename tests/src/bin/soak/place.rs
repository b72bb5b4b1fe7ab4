//! Where browsers go: one instance, or three that share a store.

use std::time::Duration;

use auth_layer::Clock;
use auth_layer::session::MemoryStore;
use auth_layer::testing::IdentityProvider;
use axum::Router;
use tests::{FaultyStore, Fleet, Keep, Site, SiteBuilder, Visitor};

/// An application at one or more instances, with its provider.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) op: IdentityProvider,
    pub(crate) clock: Clock,
    /// What instances share, where there are several.
    pub(crate) store: Option<FaultyStore<MemoryStore>>,
    /// How long half a second of the application takes.
    pub(crate) half_second: Duration,
    apps: Vec<Router>,
}

impl Place {
    pub(crate) async fn alone(keep: Keep) -> Self {
        let site = match keep {
            Keep::InTheStore => site().open_with_store(MemoryStore::new).await,
            _ => site().open().await,
        };
        let (op, clock, apps) = (site.op.clone(), site.clock.clone(), vec![site.app()]);
        Self { op, clock, store: None, half_second: Duration::from_millis(15), apps }
    }

    pub(crate) async fn fleet(instances: usize, keep: Keep) -> Self {
        // Leases are renewed by the time of the machine, and end by that of the store: the two may not
        // be as far apart here as where nobody leases anything.
        let half_second = Duration::from_millis(150);
        let lease = Duration::from_secs(15);
        let fleet: Fleet =
            site().config(move |config| config.with_refresh_lease(lease)).open_fleet(instances, keep).await;
        let apps = fleet.auths.iter().map(tests::routes_behind).collect();
        Self { op: fleet.op, clock: fleet.clock, store: Some(fleet.store), half_second, apps }
    }

    /// Someone with an empty cookie jar, as each instance sees them.
    pub(crate) fn visitor(&self) -> Vec<Visitor> {
        let visitor = Visitor::new(self.apps[0].clone(), self.op.clone());
        self.apps.iter().map(|app| visitor.at(app.clone())).collect()
    }
}

fn site() -> SiteBuilder {
    Site::builder().provider(|op| op.access_token_lifetime(Duration::from_secs(30))).config(|config| {
        // As fast as time runs here, a minute of grace is two seconds of ours.
        config.with_refresh_grace(Duration::from_secs(600)).with_refresh_patience(Duration::from_millis(5))
    })
}
