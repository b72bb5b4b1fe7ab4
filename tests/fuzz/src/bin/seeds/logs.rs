//! A tenant's log as it is exported: whole, and as it arrives where something went wrong.

use serde_json::{Value, json};

pub(crate) fn all() -> Vec<(&'static str, String)> {
    let [login, refresh, machine] = events();
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let array = json!([login, refresh, machine]);
    let cut = |text: String| text[..text.len() * 2 / 3].to_owned();
    vec![
        ("whole.lines", format!("{login}\n{refresh}\n{machine}\n")),
        ("whole.array", array.to_string()),
        ("whole.pretty", pretty(&array)),
        (
            "whole.pages",
            format!("{}\n{}", json!({ "start": 0, "logs": [login, refresh] }), json!({ "logs": [machine] })),
        ),
        ("whole.stream", json!({ "log_id": "9002", "data": machine }).to_string()),
        ("whole.marked", format!("\u{feff}{login}\r\n\r\n  {machine}")),
        ("whole.arrays", format!("[{login}][{refresh}]\n[[{machine}]]")),
        (
            "whole.deep",
            format!(r#"{{"type":"s","date":1,"details":{}{}}}"#, "[".repeat(300), "]".repeat(300)),
        ),
        ("broken.cut_array", cut(array.to_string())),
        ("broken.cut_pretty", cut(pretty(&array))),
        ("broken.no_date", format!("{login}\n{{\"type\":\"s\"}}\n{machine}")),
        (
            "broken.dates",
            r#"{"type":"s","date":-1}{"type":"s","date":"yesterday"}{"type":"s","date":1e400}"#.to_owned(),
        ),
        ("broken.page", format!(r#"{{"logs":[{login},{{"type":"x"}},{machine}]}}"#)),
        ("broken.no_page", r#"{"logs":{"a":[{}]}}"#.to_owned()),
        ("broken.in_line", format!("[{login},{{\"type\":\"x\" \"date\":1}},{machine}]")),
        ("broken.text", format!("[{login},{{\"type\":\"x,\"date\":1}},{machine}]")),
        ("broken.words", "Bad Gateway\n\"text\"\n}\n17,null,true\n<html>".to_owned()),
        ("broken.open", "{\"a\":\n{\"b\":[{ \n  {\"c\":\"\n[{".to_owned()),
        ("broken.long", "*{\"type\":\"x\",\"a\":\"\n*[{\n*},{\n*{ {},\n*{\"a\":\n*{\"a\":[".to_owned()),
        ("broken.far_on", far_on(&[118, 119, 120, 121, 122, 123])),
        ("broken.farther_on", far_on(&[124, 125, 126, 127, 128, 129, 130])),
        (
            "fields",
            "seccft\nworker\nOrder Worker\nhttps://api\norg_1\nread:b read:a read:b\n\u{1}\"\\\n~\n\u{fc}\n\n\n\ns\nweb\nWeb\nhttps://api\n\nopenid"
                .to_owned(),
        ),
    ]
}

/// Lines in which the next object begins so far behind one that is broken.
fn far_on(distances: &[usize]) -> String {
    let line = |distance: &usize| {
        let rest = "y".repeat(*distance);
        format!(r#"[{{"type":"s","date":1}},{{"type":"x" {rest}}},{{"type":"s","date":2}}]"#)
    };
    distances.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A user's login and refresh, and a machine's token.
fn events() -> [Value; 3] {
    let event = |code: &str, id: &str, more: Value| {
        let mut event = json!({
            "date": "2027-01-15T08:00:00.123Z", "type": code, "log_id": id, "_id": id, "client_id": "worker",
            "client_name": "Worker", "audience": "https://api", "isMobile": false,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            event[name] = value.clone();
        }
        event
    };
    [
        event(
            "s",
            "1",
            json!({ "details": { "prompts": [{ "name": "},{" }], "stats": { "loginsCount": 7 } } }),
        ),
        event("sertft", "2", json!({ "date": 1_800_000_000_000_u64, "scope": ["openid", "profile"] })),
        event(
            "seccft",
            "3",
            json!({ "audience": ["https://api"], "scope": "b a", "organization_name": "acme" }),
        ),
    ]
}
