//! Logs as they come, good and broken.

use std::io::{self, Read};

use super::*;

/// What was told: the codes of the events, and where it was broken.
#[derive(Debug, Default, PartialEq)]
struct Told {
    codes: Vec<String>,
    broken: Vec<(u64, String)>,
}

impl Sink for Told {
    fn event(&mut self, event: &Event<'_>) {
        self.codes.push(event.code.to_string());
    }

    fn broken(&mut self, line: u64, why: &str) {
        self.broken.push((line, why.to_owned()));
    }
}

/// Gives a few bytes at a time, as a pipe may.
struct Dribble<'a>(&'a [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.1.min(buffer.len());
        self.0.read(&mut buffer[..most])
    }
}

fn told(log: impl AsRef<[u8]>) -> Told {
    let log = log.as_ref();
    let mut told = Told::default();
    read(log, &mut told).unwrap();
    let mut dribbled = Told::default();
    read(Dribble(log, 7), &mut dribbled).unwrap();
    assert_eq!(told, dribbled, "it must not matter how the bytes come");
    told
}

#[track_caller]
fn reads(log: impl AsRef<[u8]>, codes: &[&str]) {
    assert_eq!(
        told(log),
        Told { codes: codes.iter().map(|code| (*code).to_owned()).collect(), broken: vec![] }
    );
}

/// Expects these events, and what is broken in these lines, for a reason that has these words.
#[track_caller]
fn breaks(log: impl AsRef<[u8]>, codes: &[&str], broken: &[(u64, &str)]) {
    let told = told(log);
    assert_eq!(told.codes, codes, "{:?}", told.broken);
    assert_eq!(told.broken.len(), broken.len(), "{:?}", told.broken);
    for ((line, why), (expected_line, words)) in told.broken.iter().zip(broken) {
        assert!(line == expected_line && why.contains(words), "{line}: {why}");
    }
}

fn event(code: &str) -> String {
    format!(
        r#"{{"date":"2026-11-28T17:34:03.123Z","type":"{code}","details":{{"a":[{{"b":1}},{{"c":"}},{{"}}]}}}}"#
    )
}

#[test]
fn an_export_is_read_in_whatever_brackets_it_comes() {
    let [a, b, c] = ["a", "b", "c"].map(event);
    let all = ["a", "b", "c"];
    reads(format!("{a}\n{b}\n{c}\n"), &all);
    reads(format!("{a}\r\n\r\n  {b}\r\n{c}"), &all);
    reads(format!("[{a},{b},{c}]"), &all);
    reads(format!("[{a}, {b}]\n[]\n[{c}]"), &all);
    reads(format!("[{a},{b}][{c}]"), &all);
    reads(format!("[\n{a},\n{b},\n{c}\n]\n"), &all);
    reads(format!("{a}{b} {c}"), &all);
    reads(format!("\u{feff}{a}\n[[{b}]]\n{c}"), &all);
    reads(format!("{{\"start\":0,\"logs\":[{a},{b}],\"total\":3}}\n{{\"logs\":[{c}]}}"), &all);
    reads("", &[]);
    reads(" \n\t[]\n", &[]);
}

#[test]
fn a_pretty_printed_export_is_read_however_it_is_indented() {
    let array = format!("[{},{},{}]", event("a"), event("b"), event("c"));
    let value: serde_json::Value = serde_json::from_str(&array).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    reads(&pretty, &["a", "b", "c"]);
    reads(format!("{pretty}\n{pretty}"), &["a", "b", "c", "a", "b", "c"]);
    reads(pretty.replace("  ", "\t"), &["a", "b", "c"]);
    reads(pretty.replace("},\n  {", "}, {").replace("[\n  {", "[{"), &["a", "b", "c"]);
    let objects: Vec<String> =
        value.as_array().unwrap().iter().map(|event| serde_json::to_string_pretty(event).unwrap()).collect();
    reads(objects.join("\n"), &["a", "b", "c"]);
}

#[test]
fn the_events_of_a_log_stream_are_read_out_of_their_wrapper() {
    let inner = event("seccft");
    reads(format!(r#"{{"log_id":"900","data":{inner}}}"#), &["seccft"]);
    breaks(r#"{"log_id":"900","data":{"type":"s"}}"#, &[], &[(1, "no date")]);
    breaks(r#"{"log_id":"900","data":"s"}"#, &[], &[(1, "invalid type")]);
}

#[test]
fn an_event_has_the_members_that_matter_and_the_forms_they_come_in() {
    struct One(Vec<String>);
    impl Sink for One {
        fn event(&mut self, event: &Event<'_>) {
            self.0.push(format!("{event:?} {:?}", event.scope.set()));
        }
        fn broken(&mut self, line: u64, why: &str) {
            panic!("{line}: {why}");
        }
    }
    let mut one = One(Vec::new());
    let log = r#"{"_id":"1","log_id":"1","date":1795887243123,"type":"seccft","client_id":"w\u0041","client_name":null,
        "audience":["https://api"],"scope":["b","a"],"organization_name":"acme","unknown":{"x":[[]]}}"#;
    read(log.as_bytes(), &mut one).unwrap();
    let seen = &one.0[0];
    for part in [
        r#"date: 1795887243123, id: Some("1"), client_id: Some("wA"), client_name: None"#,
        r#"audience: Some("https://api"), organization: Some("acme")"#,
        r#"["a", "b"]"#,
    ] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
}

#[test]
fn a_line_that_is_broken_costs_that_line_alone() {
    let [a, b] = ["a", "b"].map(event);
    for (broken, why) in [
        ("nonsense", "not an object"),
        ("\"text\"", "not an object"),
        ("}", "not an object"),
        (r#"{"type":"x" "date":1}"#, "expected `,` or `}`"),
        (r#"{"type":"x,"date":1}"#, "expected `,` or `}`"),
        (r#"{"type":"#, "before it is whole"),
        (r#"{"type":"x"#, "control character"),
        (r#"{"type":"x","details":{"a":1}"#, "before it is whole"),
        (r#"{"type":"x","date":["#, "before it is whole"),
        (r#"{"type":"x"}"#, "no date"),
        (r#"{"date":1}"#, "no type"),
        ("{}", "no type"),
        (r#"{"type":5,"date":1}"#, "invalid type: integer"),
        (r#"{"type":"x","date":"yesterday"}"#, "not ISO 8601"),
        (r#"{"type":"x","date":-5}"#, "before 1970"),
        (r#"{"type":"x","date":1,"audience":{"a":{}},"z":[{"b":1},{"c":2}]}"#, "invalid type: map"),
        (r#"{"type":"x","type":"y","date":1}"#, "duplicate field"),
    ] {
        breaks(format!("{a}\n{broken}\n{b}\n"), &["a", "b"], &[(2, why)]);
        breaks(format!("{broken}\n{a}\n{b}"), &["a", "b"], &[(1, why)]);
    }
}

#[test]
fn an_element_of_a_line_that_is_broken_costs_that_element_alone() {
    let [a, b] = ["a", "b"].map(event);
    for (broken, why) in [
        ("17", "not an object"),
        (r#"{"type":"x" "date":1}"#, "expected `,` or `}`"),
        (r#"{"type":"x,"date":1}"#, "expected `,` or `}`"),
        (r#"{"type":"x"}"#, "no date"),
        (r#"{"type":5,"date":1}"#, "invalid type: integer"),
    ] {
        breaks(format!("[{a},{broken},{b}]"), &["a", "b"], &[(1, why)]);
        breaks(format!("[{a}, {broken}, {b}]"), &["a", "b"], &[(1, why)]);
        let pretty = format!("[\n  {a},\n  {broken},\n  {b}\n]");
        breaks(pretty, &["a", "b"], &[(3, why)]);
    }
    let page = format!("{{\"logs\":[{a},{{\"type\":\"x\"}},{b}]}}");
    breaks(page, &["a", "b"], &[(1, "event 2 of the page: it has no date")]);
}

#[test]
fn an_element_that_is_broken_where_it_is_pretty_printed_costs_that_element_alone() {
    let value: serde_json::Value =
        serde_json::from_str(&format!("[{},{},{}]", event("a"), event("x"), event("b"))).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    let line = 2 + pretty.lines().skip(2).position(|line| line == "  {").unwrap() as u64 + 1;
    for (what, instead, why) in [
        ("\"type\": \"x\"", "\"type\": x", "expected value"),
        ("\"type\": \"x\"", "\"type\": \"x", "control character"),
        ("\"type\": \"x\"", "\"type\": 5", "invalid type"),
        ("\"type\": \"x\"", "\"type\": {", "before it is whole"),
    ] {
        breaks(pretty.replace(what, instead), &["a", "b"], &[(line, why)]);
    }
}

#[test]
fn a_log_that_is_cut_off_anywhere_gives_what_was_whole() {
    let whole = format!("[{},\n{}]", event("a"), event("b"));
    let first = event("a").len() + 1;
    for end in 0..whole.len() {
        let told = told(&whole[..end]);
        let expected = if end < first {
            vec![]
        } else if end < whole.len() - 1 {
            vec!["a"]
        } else {
            vec!["a", "b"]
        };
        assert_eq!(told.codes, expected, "{end}: {:?}", told.broken);
        let is_cut = !matches!(end, 0 | 1)
            && end != first
            && end != first + 1
            && end != first + 2
            && end < whole.len() - 1;
        assert_eq!(told.broken.len(), usize::from(is_cut), "{end}: {:?}", told.broken);
    }
}

#[test]
fn a_number_is_read_wherever_what_is_looked_at_first_ends() {
    let head = r#"{"date":1,"type":"x","details":{"a":""#;
    for number in ["-1", "1.5", "1e5", "1e-5", "-0.5E+7"] {
        for end in limits::NEAR - 20..=limits::NEAR {
            reads(format!("{head:y<end$}\",\"b\":{number}}}}}"), &["x"]);
        }
    }
}

#[test]
fn bytes_that_are_no_utf_8_are_reported_where_they_matter() {
    let bad = [br#"{"date":1,"type":"x"#.as_slice(), b"\xff\xfe", br#"","other":"y"}"#].concat();
    breaks(
        [event("a").into_bytes(), bad, event("b").into_bytes()].join(&b'\n'),
        &["a", "b"],
        &[(2, "unicode")],
    );
    let told = told([0xff; 1_000]);
    assert_eq!(told.broken.len(), 1);
}

#[test]
fn nesting_has_no_depth_at_which_it_breaks() {
    let deep = format!(r#"{{"date":1,"type":"x","details":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    reads(format!("{}\n{deep}\n{}", event("a"), event("b")), &["a", "x", "b"]);
    let open = format!(r#"{{"date":1,"type":"x","details":{}"#, r#"{"a":"#.repeat(100_000));
    breaks(format!("{}\n{open}\n{}", event("a"), event("b")), &["a", "b"], &[(2, "before it is whole")]);
    reads("[".repeat(1_000_000), &[]);
}

/// Gives the same bytes again and again, and remembers the largest that it was asked for.
struct Endless {
    head: &'static [u8],
    body: u8,
    left: usize,
    tail: Vec<u8>,
    largest: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.largest = self.largest.max(buffer.len());
        if !self.head.is_empty() {
            return self.head.read(buffer);
        }
        if self.left == 0 {
            return self.tail.as_slice().read(buffer).inspect(|read| drop(self.tail.drain(..*read)));
        }
        let length = buffer.len().min(self.left);
        buffer[..length].fill(self.body);
        self.left -= length;
        Ok(length)
    }
}

#[test]
fn a_line_of_100_mb_costs_that_line_and_no_memory() {
    let tail = |line: &str| format!("{line}\n{}\n", event("b")).into_bytes();
    for (head, body, millions, line_end, why) in [
        (&b"{\"date\":1,\"type\":\"x\",\"details\":\""[..], b'y', 100, "\"}", "longer than 4 MiB"),
        (b"{\"date\":1,\"type\":\"x\",\"details\":\"", b'y', 10, "", "longer than 4 MiB"),
        (b"{\"date\":1,\"type\":\"", b'y', 10, "", "longer than 4 MiB"),
        (b"{\"date\":1,\"details\":", b'[', 10, "", "longer than 4 MiB"),
        (b"{", b'{', 10, "", "key must be a string"),
        (b"z", b'z', 10, "", "not an object"),
        (b"\"", b'{', 10, "", "not an object"),
    ] {
        let mut log = Endless { head, body, left: millions * 1_000_000, tail: tail(line_end), largest: 0 };
        let mut told = Told::default();
        read(&mut log, &mut told).unwrap();
        assert_eq!(told.codes, ["b"], "{:?}", told.broken);
        assert!(told.broken.len() == 1 && told.broken[0].1.contains(why), "{:?}", told.broken);
        assert!(log.largest <= 8 * 1024 * 1024, "{} bytes were asked for", log.largest);
    }
}

#[test]
fn what_was_made_to_be_read_over_and_over_is_read_in_time() {
    let started = std::time::Instant::now();
    for (piece, times) in [
        ("{\"a\":\n", 50_000),
        ("{\"b\":[{ ", 500_000),
        ("{ {},", 50_000),
        ("{\"a\"x},", 50_000),
        ("{\"a\":{\"b\":1},", 50_000),
        ("\"},{\"", 50_000),
        ("\n{", 50_000),
    ] {
        let mut told = Counted::default();
        read(format!("[{}", piece.repeat(times)).as_bytes(), &mut told).unwrap();
        assert_eq!(told.events, 0, "{piece:?}");
        assert!(told.broken > 0, "{piece:?}");
    }
    // Were it quadratic, it would take a quarter of an hour.
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}

#[derive(Default)]
struct Counted {
    events: u64,
    broken: u64,
}

impl Sink for Counted {
    fn event(&mut self, _: &Event<'_>) {
        self.events += 1;
    }

    fn broken(&mut self, _: u64, _: &str) {
        self.broken += 1;
    }
}

#[test]
fn a_name_that_is_too_long_breaks_its_event() {
    let long = "x".repeat(513);
    for member in ["client_id", "audience", "organization_id"] {
        let log = format!("{{\"date\":1,\"type\":\"x\",\"{member}\":\"{long}\"}}");
        breaks(log, &[], &[(1, "longer than 512 bytes")]);
    }
}

#[test]
fn an_input_that_fails_is_an_error_and_no_end() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    assert!(read(Failing, &mut Told::default()).is_err());
    assert!(read(event("a").as_bytes().chain(Failing), &mut Told::default()).is_err());
}

/// Five events, in one of three forms, and where the third is.
fn five(form: usize) -> (Vec<u8>, std::ops::Range<usize>) {
    let events = ["a", "b", "c", "d", "e"].map(event);
    let (events, [head, between, tail]) = match form {
        0 => (events, ["", "\n", "\n"]),
        1 => (events, ["[", ",", "]"]),
        _ => {
            let pretty = events.map(|event| {
                let value: serde_json::Value = serde_json::from_str(&event).unwrap();
                serde_json::to_string_pretty(&value).unwrap().replace('\n', "\n  ")
            });
            (pretty, ["[\n  ", ",\n  ", "\n]\n"])
        }
    };
    let start = head.len() + events[..2].iter().map(|event| event.len() + between.len()).sum::<usize>();
    let log = format!("{head}{}{tail}", events.join(between));
    (log.into_bytes(), start..start + events[2].len())
}

proptest::proptest! {
    #[test]
    fn no_log_makes_it_panic_and_no_good_line_after_a_broken_one_is_lost(
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300),
    ) {
        let line: Vec<u8> = bytes.into_iter().filter(|byte| *byte != b'\n').collect();
        let log = [line, event("b").into_bytes()].join(&b'\n');
        let told = told(log);
        proptest::prop_assert_eq!(told.codes.last().map(String::as_str), Some("b"));
    }

    #[test]
    fn a_wrong_byte_costs_its_own_event_and_in_a_single_line_at_most_one_more(
        form in 0..3_usize,
        at in 0..10_000_usize,
        byte in proptest::prop_oneof![proptest::sample::select(&b"\"\\{}[],: x0\n"[..]), proptest::prelude::any::<u8>()],
    ) {
        let (mut log, third) = five(form);
        let at = third.start + at % third.len();
        // Where a line ends is what the lines of a log are told apart by: that stays.
        if log[at] != b'\n' && (byte != b'\n' || form != 0) {
            log[at] = byte;
        }
        let told = told(&log);
        let has = |code: &str| told.codes.iter().filter(|told| *told == code).count() == 1;
        let fourth = has("d") || form == 1;
        proptest::prop_assert!(has("a") && has("b") && fourth && has("e"), "{:?}", told);
    }
}
