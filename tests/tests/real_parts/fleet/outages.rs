//! A store that is killed, stopped or slow under traffic.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http::StatusCode;
use tests::Keep;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::effort::outage;
use super::rig::SESSION;
use super::{Engine, Rig, Visitor};

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    /// Whose session this is.
    Session,
    /// A page that is everybody's.
    Public,
    /// The products API, with a bearer token.
    Bearer,
}

/// An answer, and when it was waited for.
#[derive(Clone, Copy, Debug)]
struct Sample {
    route: Route,
    began: Instant,
    ended: Instant,
    status: StatusCode,
}

/// Clients that ask all shops in turn until they are told to stop.
struct Traffic {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Vec<Sample>>>,
}

impl Traffic {
    fn start(rig: &Rig, visitors: &[Visitor]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let machine = rig.stranger().with_bearer(rig.bearer_token());
        let clients = visitors.iter().map(|visitor| {
            let callers = (0..3).flat_map(|shop| {
                [
                    (Route::Session, visitor.clone(), rig.url(shop, SESSION)),
                    (Route::Public, rig.stranger(), rig.url(shop, "/")),
                    (Route::Public, visitor.clone(), rig.url(shop, "/shop.css")),
                    (Route::Bearer, machine.clone(), format!("{}/products", rig.shops.api_url(shop))),
                ]
            });
            tokio::spawn(ask_in_turn(callers.collect(), Arc::clone(&stop)))
        });
        Self { clients: clients.collect(), stop }
    }

    async fn stop(self) -> Vec<Sample> {
        self.stop.store(true, Ordering::Relaxed);
        let mut samples = Vec::new();
        for client in self.clients {
            samples.extend(client.await.unwrap());
        }
        samples
    }
}

async fn ask_in_turn(mut callers: Vec<(Route, Visitor, String)>, stop: Arc<AtomicBool>) -> Vec<Sample> {
    let mut samples = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        for (route, visitor, url) in &mut callers {
            let began = Instant::now();
            let answer = visitor.get(url).await;
            samples.push(Sample { route: *route, began, ended: Instant::now(), status: answer.status });
            if *route == Route::Session {
                assert!(answer.subject().is_none_or(|subject| subject == visitor.subject), "{answer:?}");
            }
        }
        sleep(PACE).await;
    }
    samples
}

/// Looks at what was answered while the store was away between two moments, and says it in a line.
fn judge(rig: &Rig, samples: &[Sample], fault: &str, away: (Instant, Instant)) {
    let of = |route: Route| samples.iter().filter(move |sample| sample.route == route);
    let meanwhile = |sample: &&Sample| sample.began > away.0 + BELIEVED && sample.ended < away.1;
    for sample in samples {
        let is_allowed = match sample.route {
            Route::Session if meanwhile(&sample) => sample.status == StatusCode::SERVICE_UNAVAILABLE,
            Route::Session if sample.ended < away.0 || sample.began > away.1 + BACK => {
                sample.status == StatusCode::OK
            }
            // Never anonymous, whenever it was.
            Route::Session => matches!(sample.status, StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE),
            Route::Public | Route::Bearer => sample.status == StatusCode::OK,
        };
        assert!(is_allowed, "{}, {fault}: {sample:?}, away {away:?}", rig.name);
    }
    let longest = samples.iter().map(|sample| sample.ended - sample.began).max().unwrap();
    let last = of(Route::Session).filter(|sample| sample.status != StatusCode::OK).map(|sample| sample.ended);
    let back = last.max().map_or(Duration::ZERO, |last| last.saturating_duration_since(away.1));
    println!(
        "{fault} for {:?} under 4 clients at 3 processes ({}): {} session requests meanwhile, all 503; \
         {} public and {} bearer requests, all 200; longest {longest:?}; the last 503 {back:?} after its return",
        away.1 - away.0,
        rig.name,
        of(Route::Session).filter(meanwhile).count(),
        of(Route::Public).filter(meanwhile).count(),
        of(Route::Bearer).filter(meanwhile).count(),
    );
    assert!(of(Route::Session).filter(meanwhile).count() > 0 && longest < ANSWERED, "{longest:?}");
}

/// The store is killed for so long, and then stopped for two seconds.
async fn away(mut engine: Engine, keep: Keep, killed_for: Duration) {
    let rig = Rig::start(&engine, keep).await;
    let mut visitors = rig.log_in_for(4, 3_600).await;
    let traffic = Traffic::start(&rig, &visitors);
    sleep(WARM).await;
    let killed = Instant::now();
    engine.kill();
    sleep(killed_for).await;
    let restarting = Instant::now();
    engine.restart().await;
    let restarted = Instant::now();
    sleep(BACK + WARM).await;
    let samples = traffic.stop().await;
    // What came while the server read its records back is neither: it is there when it answers.
    let samples: Vec<_> =
        samples.into_iter().filter(|sample| sample.ended < restarting || sample.ended > restarted).collect();
    judge(&rig, &samples, &format!("F17: {} is killed", engine.name()), (killed, restarted));

    let traffic = Traffic::start(&rig, &visitors);
    sleep(WARM).await;
    let paused = Instant::now();
    engine.pause();
    sleep(SLOW).await;
    let resumed = Instant::now();
    engine.resume();
    sleep(BACK + WARM).await;
    judge(&rig, &traffic.stop().await, &format!("F18: {} answers nothing", engine.name()), (paused, resumed));
    rig.are_untouched(&mut visitors).await;
    assert_eq!(rig.reuses(), 0, "{}", rig.name);
    println!("F17, F18: ({}): 4 of 4 sessions live, past a refresh", rig.name);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_redis_is_away_stored_sessions_are_unavailable_and_nothing_else_is() {
    away(Engine::redis().await, Keep::InTheStore, outage()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_redis_is_away_cookie_sessions_are_unavailable_and_nothing_else_is() {
    away(Engine::redis().await, Keep::InCookies, outage()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_postgres_is_away_sessions_are_unavailable_and_nothing_else_is() {
    away(Engine::postgres().await, Keep::InTheStore, Duration::from_secs(5)).await;
}

const SLOW: Duration = Duration::from_secs(2);
/// How soon after its return the store is used again.
const BACK: Duration = Duration::from_secs(2);
const WARM: Duration = Duration::from_secs(1);
/// A cookie session that was looked up is believed to live for half a second.
const BELIEVED: Duration = Duration::from_millis(600);
/// The store is waited for for a second at most, and this machine is a busy one.
const ANSWERED: Duration = Duration::from_millis(1_500);
const PACE: Duration = Duration::from_millis(50);
