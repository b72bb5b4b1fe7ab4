//! Invariants of `auth-layer/src`: what only one file, or one room, may do.

use super::finding::Finding;
use super::resolve::{Target, resolve};
use super::source::{RustFile, Tree};
use super::syntax::Named;

/// Names of token responses; the names of requests are read from `provider/wire.rs` itself.
const ANSWERED: [&str; 4] = ["access_token", "id_token", "expires_in", "token_type"];

/// Rooms below the gate, which know no HTTP response, and where any `.refresh(` spends a token.
const BELOW_THE_GATE: [&str; 17] = [
    "secret",
    "identifier",
    "scope",
    "one_time",
    "clock",
    "algorithm",
    "token",
    "config",
    "jose",
    "session",
    "provider",
    "resource_server",
    "ledger",
    "refresh",
    "exchange",
    "flow",
    "machine",
];

/// The client of the proxy, which talks to the application's own API and never to the provider.
const BACKEND: &str = "outbound/proxy/backend.rs";

/// Every place that does what is another's to do.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let wire = wire_names(tree);
    let mut all = Vec::new();
    if wire.is_none() && tree.library().any(|file| file.room() == "provider") {
        all.push(Finding::new("auth-layer/src/provider/wire.rs", 1, "is missing: wire names have no home"));
    }
    for file in tree.library() {
        for path in &file.syntax.paths {
            let is_test = file.is_test || path.in_test;
            if let Some(why) = refused_path(tree, file, path, is_test) {
                all.push(Finding::new(&file.path, path.line, why));
            }
        }
        if file.is_test {
            continue;
        }
        let calls =
            file.syntax.calls.iter().filter(|call| !call.in_test && spends_a_refresh_token(file, call));
        all.extend(calls.map(|call| {
            Finding::new(
                &file.path,
                call.line,
                "only refresh/commit.rs spends a refresh token: call it there",
            )
        }));
        let knows_wire = file.room() != "provider" || file.in_library() == "provider/wire.rs";
        let wire = wire.iter().flatten().filter(|_| !knows_wire);
        for name in wire {
            let written =
                file.syntax.literals.iter().filter(|literal| !literal.in_test && literal.what == *name);
            all.extend(written.map(|literal| {
                let why = format!("wire name \"{name}\" belongs in provider/wire.rs: use its constant");
                Finding::new(&file.path, literal.line, why)
            }));
        }
    }
    all
}

fn refused_path(tree: &Tree, file: &RustFile, path: &Named<Vec<String>>, is_test: bool) -> Option<String> {
    let Target::Elsewhere(target) = resolve(tree, file, path) else { return None };
    let names: Vec<&str> = target.iter().map(String::as_str).collect();
    let room = file.room();
    let below_the_gate = BELOW_THE_GATE.contains(&room.as_str());
    match names.as_slice() {
        // Holds for tests too: they move a clock, they do not wait for one.
        [.., kind @ ("SystemTime" | "Instant"), "now"] if room != "clock" => {
            Some(format!("`{kind}::now` is read in clock.rs only: ask a `Clock`"))
        }
        _ if is_test => None,
        ["aws_lc_rs", "aead", ..] if file.in_library() != "session/seal.rs" => {
            Some("only session/seal.rs sees the sealing keys: use `KeyRing`".into())
        }
        ["reqwest" | "hyper" | "hyper_util" | "hyper_rustls", ..]
            if !matches!(room.as_str(), "provider" | "testing") && file.in_library() != BACKEND =>
        {
            Some(format!("only `provider` opens sockets, and for the proxy {BACKEND}"))
        }
        ["http", "Response", ..] | ["http", "response", ..] | ["axum", ..] if below_the_gate => {
            Some(format!(
                "`{room}` is below the gate and knows no HTTP response: return a value and let the edge answer"
            ))
        }
        [.., "Provider", "refresh"] if file.in_library() != "refresh/commit.rs" && room != "testing" => {
            Some("only refresh/commit.rs spends a refresh token: call it there".into())
        }
        _ => None,
    }
}

/// Above the gate `.refresh(` may be a session's own; below, there is only the provider's.
fn spends_a_refresh_token(file: &RustFile, call: &Named<(String, Option<String>)>) -> bool {
    let (method, receiver) = &call.what;
    method == "refresh"
        && file.in_library() != "refresh/commit.rs"
        && file.room() != "testing"
        && (BELOW_THE_GATE.contains(&file.room().as_str()) || receiver.as_deref() == Some("provider"))
}

fn wire_names(tree: &Tree) -> Option<Vec<String>> {
    let wire = tree.library().find(|file| file.in_library() == "provider/wire.rs")?;
    let is_name = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let mut names: Vec<String> = ANSWERED.iter().map(|&name| name.to_owned()).collect();
    let written = wire.syntax.literals.iter().filter(|literal| !literal.in_test && is_name(&literal.what));
    names.extend(written.map(|literal| literal.what.clone()));
    names.sort();
    names.dedup();
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIRE: &str =
        "//! W.\npub const REDIRECT_URI: &str = \"redirect_uri\";\nconst E: &str = \"no number\";\n";

    fn messages(path: &str, text: &str) -> Vec<String> {
        let path = format!("auth-layer/src/{path}");
        let tree = Tree::of(&[("auth-layer/src/provider/wire.rs", WIRE), (path.as_str(), text)]);
        findings(&tree).into_iter().map(|finding| finding.message).collect()
    }

    #[track_caller]
    fn refused(path: &str, text: &str, says: &str) {
        let found = messages(path, text);
        assert!(!found.is_empty(), "{path}: {text}: not refused");
        assert!(found.iter().all(|message| message.contains(says)), "{path}: {text}: {found:?}");
    }

    #[track_caller]
    fn allowed(path: &str, text: &str) {
        assert_eq!(messages(path, text), [""; 0], "{path}: {text}");
    }

    #[test]
    fn only_the_clock_reads_time() {
        for text in [
            "use std::time::SystemTime; fn f() { SystemTime::now(); }",
            "fn f() { std::time::Instant::now(); }",
            "use tokio::time::Instant as I; fn f() { I::now(); }",
            "use std::time::SystemTime; fn f() { g(SystemTime::now) }",
            "fn f() { m!(std::time::SystemTime::now()) }",
            "#[cfg(test)] mod tests { use std::time::Instant; fn t() { Instant::now(); } }",
        ] {
            refused("refresh/decide.rs", text, "clock.rs");
            refused("testing/state.rs", text, "clock.rs");
            allowed("clock.rs", text);
        }
        let constant = "use std::time::SystemTime; fn f() { g(SystemTime::UNIX_EPOCH) }";
        allowed("provider/http.rs", constant);
    }

    #[test]
    fn only_wire_holds_the_names_on_the_wire() {
        for text in [
            "fn f() { g(\"redirect_uri\") }",
            "fn f() { g!(\"redirect_uri\") }",
            "#[serde(rename = \"access_token\")] struct S;",
        ] {
            refused("provider/client.rs", text, "wire.rs");
            allowed("testing/code_grant.rs", text);
        }
        allowed("provider/client.rs", "#[cfg(test)] mod tests { fn t() { g(\"redirect_uri\") } }");
        allowed("provider/client.rs", "/// A redirect_uri.\nfn f() { g(\"no number\", \"a redirect_uri\") }");
    }

    #[test]
    fn a_provider_without_its_wire_is_refused() {
        let tree = Tree::of(&[("auth-layer/src/provider/client.rs", "//! C.\n")]);
        assert_eq!(findings(&tree).len(), 1);
    }

    #[test]
    fn only_the_seal_sees_keys() {
        refused("session/cookie.rs", "use aws_lc_rs::aead::Aad;", "seal.rs");
        refused("session/cookie.rs", "use aws_lc_rs::{aead, digest};", "seal.rs");
        refused("session/cookie.rs", "use aws_lc_rs as c; fn f() { c::aead::open() }", "seal.rs");
        allowed("session/seal.rs", "use aws_lc_rs::aead::Aad;");
        allowed("session/cookie.rs", "use aws_lc_rs::digest;");
    }

    #[test]
    fn only_commit_spends_a_refresh_token() {
        refused("flow/login.rs", "fn f() { self.provider.refresh(t); }", "commit.rs");
        refused("flow/login.rs", "fn f() { p.refresh(t); }", "commit.rs");
        refused("refresh/obtain.rs", "fn f() { m!(p.refresh(t)); }", "commit.rs");
        refused("flow/login.rs", "fn f() { Provider::refresh(&p, t); }", "commit.rs");
        refused("layer/routes.rs", "fn f() { context.provider().refresh(t); }", "commit.rs");
        allowed("layer/routes.rs", "fn f() { session.refresh(); }");
        allowed("refresh/commit.rs", "fn f() { self.provider.refresh(t); }");
        allowed(
            "refresh/obtain.rs",
            "fn f() { m!(p.refresh_key, 0..refresh, self.refresh, self.refresh.x); }",
        );
    }

    #[test]
    fn nothing_below_the_gate_knows_a_response() {
        for text in [
            "use http::Response;",
            "use http::{Request, Response as R};",
            "fn f() -> http::Response<()> {}",
            "use http::response::Parts;",
            "use axum::Json;",
        ] {
            refused("flow/login.rs", text, "below the gate");
            allowed("gate/rejection.rs", text);
        }
        allowed("flow/login.rs", "use http::HeaderValue; struct Response;");
        allowed("provider/mod.rs", "//! P.\nmod http;\npub use http::Response;\n");
    }

    #[test]
    fn only_the_provider_opens_sockets() {
        refused("flow/login.rs", "use reqwest::Client;", "sockets");
        allowed("provider/client.rs", "use reqwest::Client;");
        refused("outbound/proxy/answer.rs", "use hyper::body::Incoming;", "sockets");
        refused("outbound/authorize/service.rs", "use hyper_util::client::legacy::Client;", "sockets");
        allowed("outbound/proxy/backend.rs", "use hyper_rustls::HttpsConnector;");
    }
}
