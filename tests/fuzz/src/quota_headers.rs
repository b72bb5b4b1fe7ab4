//! What a provider says of the quota of machine tokens, and how long it keeps a service from them.
//!
//! # Invariants
//! 1. A token that was issued is handed out, whatever the headers beside it say, and no headers make one.
//! 2. [`quota`](ClientCredentials::quota) holds what was in the headers: 16 buckets each at most, whose names
//!    are 32 of `a-z 0-9 _`, and whose numbers were there. Of a bucket that is [built](build) all is known.
//! 3. A bucket ends within its period: an hour, a day, 31 days; a day where its name says nothing.
//! 4. While a bucket is empty nothing is posted, and the error says until when; and a token that lives is
//!    served. Otherwise, and as soon as the bucket ends, the provider is asked.
//! 5. After a failure nothing is posted for so long as the error says: an hour, or until the bucket ends.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use auth_layer::config::ClientCredentialsConfig;
use auth_layer::fuzzing;
use auth_layer::ledger::SetBy;
use auth_layer::machine::{
    MachineTokenError, MachineTokenErrorKind, MachineTokenRequest, QuotaBucket, QuotaHolder,
};
use auth_layer::{AccessToken, ClientCredentials, Clock, Timestamp};
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::runtime::{Builder, Runtime};

use crate::choices::Choices;
use crate::provider::Provider;
use crate::{API, NOW};

/// Takes lines: `name: value`, a status, or the buckets of a header that are built of what follows `!` or `?`;
/// where one is `ask`, a provider answers so.
pub fn quota_headers(data: &[u8]) {
    let answer = Answer::read(data);
    let (quota, held_until) = fuzzing::quota(&answer.headers, NOW);
    answer.check(&quota, NOW);
    assert_eq!(held_until, closed_until(&quota, NOW), "{answer:?}");
    // Each of these costs several answers on loopback.
    if data.split(|byte| *byte == b'\n').any(|line| line == b"ask") {
        play(data);
    }
}

/// Until when there is nothing left.
fn closed_until(quota: &[QuotaBucket], now: Timestamp) -> Option<Timestamp> {
    let empty = quota.iter().filter(|bucket| bucket.remaining == Some(0) && bucket.resets_at > now);
    empty.map(|bucket| bucket.resets_at).max()
}

/// Plays an answer, and says until when it holds back what is asked after it.
pub(crate) fn play(data: &[u8]) -> Option<Timestamp> {
    let mut world = world().lock().unwrap_or_else(PoisonError::into_inner);
    let World { provider, runtime, machine } = &mut *world;
    runtime.block_on(async {
        let mut turned = match machine.take().filter(|machine| machine.year < LAST_YEAR) {
            Some(machine) => machine,
            None => Machine::start(provider).await,
        };
        let closed_until = turned.play(provider, &Answer::read(data)).await;
        turned.turn_the_year();
        *machine = Some(turned);
        closed_until
    })
}

/// A client, which costs too much to be made for each answer: it gets one a year, at the same moment of each.
struct Machine {
    credentials: ClientCredentials,
    clock: Clock,
    year: u64,
}

impl Machine {
    async fn start(provider: &Provider) -> Self {
        let clock = Clock::manual(NOW);
        let config = ClientCredentialsConfig::builder(&provider.origin, "worker", "not-a-secret")
            .with_clock(clock.clone())
            .build()
            .expect("the configuration is sound");
        let credentials = ClientCredentials::discover(config).await.expect("the provider is there");
        Self { credentials: credentials.for_organization("org_1"), clock, year: FIRST_YEAR }
    }

    /// An hour, a day and a month are then as far from their ends as they were.
    fn turn_the_year(&mut self) {
        self.year += 1;
        let is_leap = |year: u64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days: u64 = (FIRST_YEAR..self.year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
        self.clock.advance(NOW.plus(Duration::from_secs(days * DAY)).since(self.clock.now()));
    }

    /// Makes the client forget what it was told of a quota.
    async fn forget(&self, provider: &Provider) {
        let mut headers = HeaderMap::new();
        headers.insert(NAMES[0], HeaderValue::from_static("forgotten;r=1"));
        provider.answer(StatusCode::OK, &headers, TOKEN);
        let token = self.token("https://any.example").await;
        assert!(token.is_ok(), "it is held back for more than a year: {token:?}");
        assert_eq!(self.credentials.quota().len(), 1);
    }

    async fn token(&self, audience: &str) -> Result<AccessToken, MachineTokenError> {
        self.credentials.token_with(MachineTokenRequest::new().with_audience(audience)).await
    }

    async fn play(&self, provider: &Provider, answer: &Answer) -> Option<Timestamp> {
        self.forget(provider).await;
        let forgotten = self.credentials.quota();
        let now = self.clock.now();
        let of = |audience| self.token(audience);
        provider.answer(answer.status, &answer.headers, answer.body());
        let before = provider.posts();
        let got = of(API).await;
        assert_eq!(provider.posts(), before + 1);
        let quota = Some(self.credentials.quota()).filter(|quota| *quota != forgotten).unwrap_or_default();
        answer.check(&quota, now);
        let closed_until = closed_until(&quota, now);
        provider.answer(StatusCode::OK, &HeaderMap::new(), TOKEN);
        let wait = match &got {
            Ok(token) => {
                assert_eq!(answer.status, StatusCode::OK, "a refusal is a token");
                assert_eq!(token.expose(), "issued");
                assert_eq!(of(API).await.as_ref().map(|token| token.expose()).ok(), Some("issued"));
                Duration::ZERO
            }
            Err(error) => {
                assert_ne!(answer.status, StatusCode::OK, "{error:?}: {answer:?}");
                let wait = error.retry_after().expect("a failure says how long it is");
                match (answer.status, closed_until) {
                    (StatusCode::TOO_MANY_REQUESTS, Some(until)) => {
                        assert_eq!(error.resets_at(), Some(until), "{answer:?}");
                        assert_eq!(wait, until.since(now), "{answer:?}");
                    }
                    _ => {
                        assert_eq!(error.kind(), &MachineTokenErrorKind::Unavailable, "{answer:?}");
                        assert!((SECOND..=HOUR).contains(&wait), "{wait:?}: {answer:?}");
                    }
                }
                let again = of(API).await.expect_err("a failure is no token");
                assert_eq!(again.kind(), error.kind(), "{answer:?}");
                // The clock has milliseconds.
                let left = again.retry_after().expect("a failure says how long it is");
                assert!(
                    left <= wait && wait - left < Duration::from_millis(1),
                    "{left:?} of {wait:?}: {answer:?}"
                );
                wait
            }
        };
        assert_eq!(provider.posts(), before + 1, "a token that lives, or a pause, is not heeded: {answer:?}");
        let other = of("https://other.example").await;
        assert_eq!(other.is_ok(), closed_until.is_none(), "{other:?}: {answer:?}");
        if let (Err(error), Some(until)) = (&other, closed_until) {
            let set_by = match error.kind() {
                MachineTokenErrorKind::QuotaExhausted { set_by, .. } => *set_by,
                kind => panic!("{kind:?}: {answer:?}"),
            };
            assert_eq!((set_by, error.resets_at()), (SetBy::Provider, Some(until)), "{answer:?}");
            assert_eq!(error.retry_after(), Some(until.since(now)), "{answer:?}");
        }
        assert_eq!(provider.posts(), before + 1 + usize::from(other.is_ok()), "{answer:?}");
        self.clock.advance(closed_until.map_or(wait, |until| until.since(now).max(wait)));
        for audience in ["https://other.example", API] {
            let token = of(audience).await;
            assert!(token.is_ok(), "it is held back for longer than it was said: {token:?}: {answer:?}");
        }
        closed_until
    }
}

/// What the token endpoint answers.
#[derive(Debug, Default)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    /// The buckets that are known; none where others may be among them.
    known: [Option<Vec<Bucket>>; 2],
}

/// A bucket as it should be read.
#[derive(Clone, Debug, PartialEq)]
struct Bucket {
    name: String,
    limit: Option<u64>,
    remaining: Option<u64>,
    seconds: u64,
}

impl Answer {
    fn read(data: &[u8]) -> Self {
        let mut answer = Self { known: [Some(Vec::new()), Some(Vec::new())], ..Self::default() };
        let mut parts = [0; 2];
        for line in data.split(|byte| *byte == b'\n').take(MAX_LINES) {
            match line {
                b"429" => answer.status = StatusCode::TOO_MANY_REQUESTS,
                b"503" => answer.status = StatusCode::SERVICE_UNAVAILABLE,
                [sign @ (b'!' | b'?'), choices @ ..] => {
                    let at = usize::from(*sign == b'?');
                    let (value, buckets) = build(&mut Choices::new(choices));
                    let value = HeaderValue::from_str(&value).expect("what is built is a value");
                    answer.headers.append(NAMES[at], value);
                    for bucket in buckets {
                        parts[at] += 1;
                        if let (Some(known), true) = (&mut answer.known[at], parts[at] <= MAX_BUCKETS) {
                            known.extend(bucket);
                        }
                    }
                }
                _ => answer.add(line),
            }
        }
        answer
    }

    fn add(&mut self, line: &[u8]) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        let (Ok(name), Ok(value)) = (name, value) else { return };
        match NAMES.iter().position(|known| *known == name) {
            Some(at) => {
                self.known[at] = None;
                self.headers.append(name, value);
            }
            None if name == RETRY_AFTER => drop(self.headers.insert(name, value)),
            None => {}
        }
    }

    fn body(&self) -> &'static str {
        if self.status == StatusCode::OK { TOKEN } else { r#"{"error":"too_many_requests"}"# }
    }

    fn check(&self, quota: &[QuotaBucket], now: Timestamp) {
        for (at, holder) in [QuotaHolder::Client, QuotaHolder::Organization].into_iter().enumerate() {
            let buckets: Vec<&QuotaBucket> = quota.iter().filter(|bucket| bucket.holder == holder).collect();
            assert!(buckets.len() <= MAX_BUCKETS, "{} buckets", buckets.len());
            let numbers = self.numbers(at);
            for bucket in &buckets {
                let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
                assert!(bucket.name.len() <= 32 && bucket.name.bytes().all(is_plain), "{bucket:?}");
                assert!(bucket.limit.is_some() || bucket.remaining.is_some(), "it says nothing: {bucket:?}");
                for number in [bucket.limit, bucket.remaining].into_iter().flatten() {
                    assert!(numbers.contains(&number), "{number} was not said: {self:?}");
                }
                let longest = Duration::from_secs(longest(&bucket.name));
                assert!((now..=now.plus(longest)).contains(&bucket.resets_at), "{bucket:?}");
            }
            if let Some(known) = &self.known[at] {
                let as_read = |bucket: &&QuotaBucket| Bucket {
                    name: bucket.name.clone(),
                    limit: bucket.limit,
                    remaining: bucket.remaining,
                    seconds: bucket.resets_at.since(now).as_secs(),
                };
                let read: Vec<Bucket> = buckets.iter().map(as_read).collect();
                assert_eq!(&read, known, "{self:?}");
            }
        }
    }

    /// Every number that is in a header.
    fn numbers(&self, at: usize) -> Vec<u64> {
        let mut numbers = Vec::new();
        for value in self.headers.get_all(NAMES[at]) {
            let digits = value.as_bytes().split(|byte| !byte.is_ascii_digit());
            numbers.extend(digits.filter_map(|digits| str::from_utf8(digits).ok()?.parse::<u64>().ok()));
        }
        numbers
    }
}

/// A header, and each of its buckets; none for one that says nothing.
fn build(choices: &mut Choices<'_>) -> (String, Vec<Option<Bucket>>) {
    let buckets = (0..=choices.below(20)).map(|_| bucket(choices));
    let (texts, buckets): (Vec<String>, Vec<_>) = buckets.unzip();
    (texts.join(","), buckets)
}

fn bucket(choices: &mut Choices<'_>) -> (String, Option<Bucket>) {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte);
    let name = match choices.below(6) {
        0 => String::from_utf8_lossy(&choices.bytes(40, is_name)).into_owned(),
        at => ["per_hour", "PER_DAY", "per_month", "per_century", "per-hour"][at - 1].to_owned(),
    };
    let mut number = || match choices.below(6) {
        0 => (None, None),
        1 => (Some("-1".to_owned()), None),
        2 => (Some(choices.one_of(&["1.5", "", "1e3", "99999999999999999999", "x"]).to_owned()), None),
        3 => (Some("0".to_owned()), Some(0)),
        4 => (Some("18446744073709551615".to_owned()), Some(u64::MAX)),
        _ => {
            let number = choices.below(256) as u64 * choices.one_of(&[1, 60, 3_600, 86_400]);
            (Some(format!("{number:03}")), Some(number))
        }
    };
    let [(limit_text, limit), (remaining_text, remaining), (seconds_text, seconds)] =
        std::array::from_fn(|_| number());
    let texts = [("b", Some(name.clone())), ("q", limit_text), ("r", remaining_text), ("t", seconds_text)];
    let is_bare = choices.below(4) == 3;
    let mut members = Vec::new();
    for (key, value) in texts {
        let Some(value) = value else { continue };
        let blank = choices.one_of(&["", " ", "\t", "  "]);
        let quote = choices.one_of(&["", "\""]);
        let key = if choices.below(2) == 0 { key.to_owned() } else { key.to_ascii_uppercase() };
        members.push(match is_bare && key.eq_ignore_ascii_case("b") {
            true => format!("{blank}{quote}{value}{quote}{blank}"),
            false => format!("{blank}{key}{blank}={blank}{quote}{value}{quote}{blank}"),
        });
    }
    let (from, length) = (choices.below(8), members.len());
    members.rotate_left(from % length);
    if choices.below(4) == 3 {
        members.push(choices.one_of(&["x=1", "", "=7", "rr=0"]).to_owned());
    }
    let lower = name.to_ascii_lowercase().into_bytes();
    let kept = lower.into_iter().filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').take(32);
    let name: String = kept.map(char::from).collect();
    let seconds = match (seconds, name.as_str()) {
        (Some(seconds), name) => seconds.min(longest(name)),
        // NOW is eight o'clock on the 15th of January.
        (None, "per_hour") => 3_600,
        (None, "per_day") => 16 * 3_600,
        (None, "per_month") => 17 * 86_400 - 8 * 3_600,
        (None, _) => 60,
    };
    let says = limit.is_some() || remaining.is_some();
    (members.join(";"), says.then_some(Bucket { name, limit, remaining, seconds }))
}

/// Seconds that a bucket of this name lasts at most.
fn longest(name: &str) -> u64 {
    match name {
        "per_hour" => 3_600,
        "per_month" => 31 * 86_400,
        _ => 86_400,
    }
}

struct World {
    provider: Provider,
    runtime: Runtime,
    machine: Option<Machine>,
}

/// One at a time has it.
fn world() -> &'static Mutex<World> {
    static WORLD: OnceLock<Mutex<World>> = OnceLock::new();
    WORLD.get_or_init(|| {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        Mutex::new(World { provider: Provider::start(), runtime, machine: None })
    })
}

const NAMES: [&str; 2] = ["auth0-client-quota-limit", "auth0-organization-quota-limit"];
const TOKEN: &str = r#"{"access_token":"issued","token_type":"Bearer","expires_in":8640000}"#;
const MAX_LINES: usize = 16;
const MAX_BUCKETS: usize = 16;
const SECOND: Duration = Duration::from_secs(1);
/// Of [`NOW`].
const FIRST_YEAR: u64 = 2027;
const LAST_YEAR: u64 = FIRST_YEAR + 1_000;
const DAY: u64 = 86_400;
const HOUR: Duration = Duration::from_secs(3_600);
