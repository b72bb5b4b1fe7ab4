//! Someone with a browser, who does as they please.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use auth_layer::testing::User;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use tests::{Chance, Reply, Visitor};
use tokio::sync::RwLock;

/// What was seen; what may be lost is at most what the faults took.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) requests: AtomicUsize,
    pub(crate) unavailable: AtomicUsize,
    pub(crate) hang_ups: AtomicUsize,
    pub(crate) logouts: AtomicUsize,
    pub(crate) lost: AtomicUsize,
    pub(crate) resurrected: AtomicUsize,
    pub(crate) strangers: AtomicUsize,
}

/// Someone with a browser, several tabs and little patience.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) user: User,
    /// The same cookies at each instance.
    pub(crate) instances: Vec<Visitor>,
    pub(crate) chance: Chance,
    pub(crate) seen: Arc<Seen>,
    pub(crate) still: Arc<RwLock<()>>,
}

impl Browser {
    pub(crate) async fn live(mut self, end: Instant) {
        self.log_in().await;
        while Instant::now() < end {
            match self.chance.below(20) {
                0 => self.log_out().await,
                1..=3 => self.hang_up().await,
                4..=8 => self.tabs().await,
                _ => {
                    let (visitor, path) = (self.somewhere(), self.path());
                    let reply = ask(&visitor, path).await;
                    self.judge(&[reply]).await;
                }
            }
            tokio::time::sleep(Duration::from_millis(self.chance.below(40))).await;
        }
    }

    /// The browser as one of the instances sees it.
    fn somewhere(&mut self) -> Visitor {
        let count = self.instances.len() as u64;
        self.instances[usize::try_from(self.chance.below(count)).unwrap()].clone()
    }

    fn path(&mut self) -> &'static str {
        const PATHS: [&str; 6] = ["/token", "/token", "/billing", "/force", "/maybe", "/session"];
        PATHS[usize::try_from(self.chance.below(6)).unwrap()]
    }

    async fn tabs(&mut self) {
        let tabs: Vec<_> = (0..self.chance.below(6) + 2)
            .map(|_| {
                let (visitor, path) = (self.somewhere(), self.path());
                tokio::spawn(async move { ask(&visitor, path).await })
            })
            .collect();
        let mut replies = Vec::new();
        for tab in tabs {
            replies.push(tab.await.unwrap());
        }
        self.judge(&replies).await;
    }

    async fn hang_up(&mut self) {
        let (visitor, path) = (self.somewhere(), self.path());
        let request = tokio::spawn(async move { ask(&visitor, path).await });
        tokio::time::sleep(Duration::from_millis(self.chance.below(6))).await;
        request.abort();
        self.seen.hang_ups.fetch_add(1, Ordering::Relaxed);
        if let Ok(reply) = request.await {
            self.judge(&[reply]).await;
        }
    }

    /// Logs out while other tabs are under way, and in again.
    async fn log_out(&mut self) {
        let here = self.somewhere();
        let copied = here.copied();
        let (late, path) = (self.somewhere(), self.path());
        let late = tokio::spawn(async move { ask(&late, path).await });
        ask(&here, "/auth/logout").await;
        self.seen.logouts.fetch_add(1, Ordering::Relaxed);
        // While the store is away nobody is told more than that.
        if ask(&copied, "/session").await.status == StatusCode::OK {
            self.seen.resurrected.fetch_add(1, Ordering::Relaxed);
        }
        let login = self.chance.below(2) == 0;
        if login {
            self.log_in().await;
        }
        let late = late.await.unwrap();
        if late.status == StatusCode::OK {
            self.is_own(&late);
        }
        if !login {
            if ask(&here, "/session").await.status == StatusCode::OK {
                self.seen.resurrected.fetch_add(1, Ordering::Relaxed);
            }
            self.log_in().await;
        }
    }

    /// A provider with a bad day is asked until it answers.
    async fn log_in(&mut self) {
        let still = Arc::clone(&self.still);
        let _still = still.read().await;
        for _ in 0..100 {
            let (visitor, user) = (self.somewhere(), self.user.clone());
            let login = tokio::spawn(async move {
                let departure = ask(&visitor, "/auth/login").await.location();
                let callback = visitor.provider().browser().log_in(&user, &departure).await.unwrap();
                ask(&visitor, &callback[tests::BASE_URL.len()..]).await
            });
            if login.await.unwrap().status == StatusCode::SEE_OTHER {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no login in a hundred");
    }

    async fn judge(&mut self, replies: &[Reply]) {
        self.seen.requests.fetch_add(replies.len(), Ordering::Relaxed);
        let mut is_lost = false;
        for reply in replies {
            match reply.status {
                StatusCode::OK if reply.body == "null" => is_lost = true,
                StatusCode::OK => self.is_own(reply),
                StatusCode::UNAUTHORIZED => is_lost = true,
                StatusCode::BAD_GATEWAY if reply.body == "InvalidGrant" => is_lost = true,
                StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE => {
                    self.seen.unavailable.fetch_add(1, Ordering::Relaxed);
                }
                other => panic!("{other}: {}", reply.body),
            }
        }
        if is_lost {
            // What was served has a token in it, and is not what is looked for.
            let said = replies.iter().map(|reply| (reply.status.as_u16(), reply.body.as_str()));
            let said: Vec<_> = said.filter(|(_, body)| !body.starts_with('{')).collect();
            println!("a session is lost: {said:?}");
            self.seen.lost.fetch_add(1, Ordering::Relaxed);
            self.log_in().await;
        }
    }

    fn is_own(&self, reply: &Reply) {
        let subject = match reply.body.starts_with('{') {
            true => reply.json()["token"].as_str().map(subject).unwrap(),
            false => reply.body.clone(),
        };
        if subject != self.user.subject() && subject != "null" {
            self.seen.strangers.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn ask(visitor: &Visitor, path: &str) -> Reply {
    tokio::time::timeout(Duration::from_secs(30), visitor.get(path)).await.expect("an answer in time")
}

fn subject(token: &str) -> String {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice::<serde_json::Value>(&claims).unwrap()["sub"].as_str().unwrap().to_owned()
}
