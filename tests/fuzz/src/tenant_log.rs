//! A tenant's log as it was exported, whole or broken, and what `quota audit` reads of it.
//!
//! # Invariants
//! 1. Neither how the bytes come nor where they end up in memory matters, and no more than the longest object is
//!    asked for at once.
//! 2. What is broken is reported with a line that there is, in order.
//! 3. Between lines that are whole events, a line costs nothing but itself: the events around it are all told,
//!    once and in order, and of the line the same as where it is alone, under its own number.
//! 4. A line that does not begin with a good object is reported.
//! 5. Events are the same as lines, in one array, in arrays, printed over many lines, in a page, and in the
//!    wrapper of a log stream.

use std::io::{self, Read};

use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::NOW_SECONDS;
use crate::log::{self, Event, LONGEST, LONGEST_NAME, Sink};

/// Takes a log; a line that begins with `*` is repeated until it is longer than any object may be.
pub fn tenant_log(data: &[u8]) {
    read_whole(data);
    let lines: Vec<Vec<u8>> = data.split(|byte| *byte == b'\n').take(MAX_LINES).map(repeated).collect();
    let alone: Vec<Vec<Told>> = lines.iter().map(|line| read_alone(line)).collect();
    for [begin, between] in [["", "\n"], ["[\n", ",\n"]] {
        read_spliced(&lines, &alone, begin, between);
    }
    let events: Vec<Value> = data
        .split(|byte| *byte == b'\n')
        .collect::<Vec<_>>()
        .chunks(FIELDS)
        .take(MAX_EVENTS)
        .enumerate()
        .map(|(at, fields)| event(at, fields))
        .collect();
    read_in_every_form(&events);
}

fn read_whole(data: &[u8]) {
    // With a mark of the byte order, if it begins with one.
    told(data);
    let log = [b"\n", data].concat();
    let all = told(&log);
    assert_eq!(all, told_in_pieces(&log, 7), "it matters how the bytes come");
    let lines = log.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
    let broken: Vec<u64> = all.iter().filter_map(Told::line).collect();
    assert!(broken.is_sorted() && broken.iter().all(|line| (2..=lines).contains(line)), "{broken:?}");
    let begun = log.iter().filter(|byte| **byte == b'{').count();
    assert!(all.len() - broken.len() <= begun, "{} objects give {all:?}", begun);
    // Whatever is at the end of what is in memory at once.
    for more in [64 + data.len() % 64] {
        let log = [&b"\n".repeat(more), log.as_slice()].concat();
        let moved: Vec<Told> = told(&log).into_iter().map(|told| told.up(more as u64)).collect();
        assert_eq!(moved, all, "it matters where in the memory it is");
    }
}

/// Reads a line alone: it is the second.
fn read_alone(line: &[u8]) -> Vec<Told> {
    let all = told(&[b"\n", line, b"\n"].concat());
    assert!(all.iter().filter_map(Told::line).all(|line| line == 2), "{all:?}");
    let between = line.iter().take_while(|byte| b" \t\r,[]".contains(byte)).count();
    let has_broken = all.iter().any(|told| told.line().is_some());
    match &line[between..] {
        [] => assert_eq!(all, []),
        object @ [b'{', ..] => {
            let mut objects = serde_json::Deserializer::from_slice(object).into_iter::<IgnoredAny>();
            let is_good = matches!(objects.next(), Some(Ok(_)));
            assert!(is_good || has_broken, "a broken object is not reported");
            // A page may be empty.
            let is_page = object.windows(4).any(|window| window == b"logs" || window == b"\\u00");
            assert!(!all.is_empty() || is_page, "an object is neither told nor reported");
        }
        _ => assert!(
            matches!(all.first(), Some(Told::Broken(2))),
            "what is no object is not reported: {all:?}"
        ),
    }
    all
}

/// Reads lines, each between two that are whole events.
fn read_spliced(lines: &[Vec<u8>], alone: &[Vec<Told>], begin: &str, between: &str) {
    let mut log = begin.as_bytes().to_vec();
    let mut line = begin.lines().count() as u64 + 1;
    let mut expected = Vec::new();
    for (at, (garbage, alone)) in lines.iter().zip(alone).enumerate() {
        let (whole, told) = whole(at);
        log.extend([whole.as_bytes(), between.as_bytes(), garbage, b"\n"].concat());
        expected.push(told);
        // Alone it is the second line, and here the one after `line`.
        expected.extend(alone.iter().map(|told| told.clone().down(line - 1)));
        line += 2;
    }
    let (last, last_told) = whole(lines.len());
    log.extend(last.as_bytes());
    expected.push(last_told);
    assert_eq!(told(&log), expected);
}

/// An event on one line, and how it is told.
fn whole(at: usize) -> (String, Told) {
    let code = format!("whole-{at}");
    let event =
        json!({ "type": code, "date": NOW_SECONDS, "details": { "a": "},{", "b": [{}, { "c": "\"" }] } });
    (event.to_string(), Told::Event(shown(&code, NOW_SECONDS, [None; 5], &[])))
}

fn read_in_every_form(events: &[Value]) {
    let expected: Vec<Option<Told>> = events.iter().map(expected).collect();
    let count = expected.iter().filter(|told| told.is_none()).count();
    let expected: Vec<Told> = expected.into_iter().flatten().collect();
    let lines = |event: fn(&Value) -> String, between: &str| {
        events.iter().map(event).collect::<Vec<_>>().join(between)
    };
    let pretty = |event: &Value| serde_json::to_string_pretty(event).expect("it is a value");
    let wrapped = |event: &Value| json!({ "log_id": event["log_id"], "data": event }).to_string();
    let forms = [
        ("lines", lines(Value::to_string, "\n")),
        ("Windows's lines", lines(Value::to_string, "\r\n")),
        ("array", format!("[{}]", lines(Value::to_string, ", "))),
        ("lines of an array", format!("[\n{}\n]\n", lines(Value::to_string, ",\n"))),
        ("arrays", format!("[{}]", lines(Value::to_string, "][\n"))),
        ("pretty lines", lines(pretty, "\n")),
        ("pretty array", pretty(&Value::from(events))),
        ("page", json!({ "start": 0, "logs": events, "total": events.len() }).to_string()),
        ("stream", lines(wrapped, "\n")),
    ];
    for (form, log) in forms {
        let (events, broken): (Vec<Told>, Vec<Told>) =
            told(log.as_bytes()).into_iter().partition(|told| told.line().is_none());
        assert_eq!(events, expected, "{form}: {log}");
        assert_eq!(broken.len(), count, "{form}: {broken:?}: {log}");
    }
}

/// An event whose members are the fuzzer's.
fn event(at: usize, fields: &[&[u8]]) -> Value {
    let text = |field: usize| match fields.get(field).copied().unwrap_or_default() {
        [b'~', ..] => "n".repeat(LONGEST_NAME + 1),
        text => String::from_utf8_lossy(text).chars().take(24).collect(),
    };
    let date = match at % 2 {
        0 => json!(NOW_SECONDS * 1_000 + at as u64),
        _ => json!(format!("2027-01-15T08:00:00.{at:03}Z")),
    };
    let audience = match at % 3 {
        2 => json!([text(3)]),
        _ => json!(text(3)),
    };
    json!({
        "type": text(0), "date": date, "log_id": at.to_string(), "client_id": text(1), "client_name": text(2),
        "audience": audience, "organization_id": text(4), "scope": text(5),
        "details": { "prompts": [{ "name": text(0) }, {}], text(1): [[text(2)]] },
    })
}

/// How an event is told; none where a name in it is too long.
fn expected(event: &Value) -> Option<Told> {
    let text = |name: &str| {
        let value = event[name].get(0).unwrap_or(&event[name]);
        value.as_str().filter(|text| !text.is_empty())
    };
    let names = ["log_id", "client_id", "client_name", "audience", "organization_id"].map(text);
    let code = text("type").unwrap_or_default();
    if names.iter().flatten().chain([&code]).any(|name| name.len() > LONGEST_NAME) {
        return None;
    }
    let mut scopes: Vec<&str> = text("scope").unwrap_or_default().split_ascii_whitespace().collect();
    scopes.sort_unstable();
    scopes.dedup();
    let at: u64 = text("log_id").and_then(|id| id.parse().ok()).unwrap_or_default();
    Some(Told::Event(shown(code, NOW_SECONDS * 1_000 + at, names, &scopes)))
}

/// What is told of a log.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    Event(String),
    /// In this line.
    Broken(u64),
}

impl Told {
    const fn line(&self) -> Option<u64> {
        match self {
            Self::Event(_) => None,
            Self::Broken(line) => Some(*line),
        }
    }

    fn down(self, lines: u64) -> Self {
        match self {
            Self::Broken(line) => Self::Broken(line + lines),
            event => event,
        }
    }

    fn up(self, lines: u64) -> Self {
        match self {
            Self::Broken(line) => Self::Broken(line.checked_sub(lines).expect("it is not above the log")),
            event => event,
        }
    }
}

fn shown(code: &str, date: u64, names: [Option<&str>; 5], scopes: &[&str]) -> String {
    format!("{code:?} {date} {names:?} {scopes:?}")
}

#[derive(Default)]
struct Listener(Vec<Told>);

impl Sink for Listener {
    fn event(&mut self, event: &Event<'_>) {
        let Event { code, date, id, client_id, client_name, audience, organization, scope } = event;
        let names = [id, client_id, client_name, audience, organization].map(Option::as_deref);
        self.0.push(Told::Event(shown(code, *date, names, &scope.set())));
    }

    fn broken(&mut self, line: u64, why: &str) {
        assert!(!why.is_empty() && why.len() <= 1_000, "{why:?}");
        self.0.push(Told::Broken(line));
    }
}

/// Gives so many bytes at a time, as a pipe may.
struct Dribble<'a>(&'a [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        assert!(buffer.len() <= LONGEST, "{} bytes are asked for at once", buffer.len());
        let most = self.1.min(buffer.len());
        self.0.read(&mut buffer[..most])
    }
}

fn told(log: &[u8]) -> Vec<Told> {
    told_in_pieces(log, usize::MAX)
}

fn told_in_pieces(log: &[u8], most: usize) -> Vec<Told> {
    let mut listener = Listener::default();
    log::read(Dribble(log, most), &mut listener).expect("what is in memory can be read");
    listener.0
}

fn repeated(line: &[u8]) -> Vec<u8> {
    match line {
        [b'*', piece @ ..] if !piece.is_empty() => piece.repeat(LONGEST / piece.len() + 2),
        line => line.to_vec(),
    }
}

#[cfg(test)]
pub(crate) fn counts(log: &[u8]) -> (usize, usize) {
    let all = told(log);
    let broken = all.iter().filter(|told| told.line().is_some()).count();
    (all.len() - broken, broken)
}

const MAX_LINES: usize = 12;
const MAX_EVENTS: usize = 3;
const FIELDS: usize = 6;
