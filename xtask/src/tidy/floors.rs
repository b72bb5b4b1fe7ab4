//! Floors: imports go down, and never into another room's private file.

use super::finding::Finding;
use super::resolve::{Target, resolve};
use super::source::{LIBRARY, RustFile, Tree};

/// Rooms on one level, the lowest floor first.
struct Floor {
    name: &'static str,
    rooms: &'static [&'static str],
    within: Within,
}

/// What rooms of one floor may import of each other.
enum Within {
    /// Nothing.
    Apart,
    /// Those listed before.
    Listed,
}

const FLOORS: [Floor; 7] = [
    Floor {
        name: "0 words",
        rooms: &["secret", "identifier", "scope", "one_time", "clock", "period", "algorithm", "claim_path"],
        within: Within::Listed,
    },
    Floor { name: "1 things", rooms: &["token", "config"], within: Within::Apart },
    Floor { name: "2 crafts", rooms: &["jose", "session"], within: Within::Apart },
    Floor { name: "3 provider", rooms: &["provider"], within: Within::Apart },
    Floor {
        name: "4 flows",
        rooms: &["ledger", "resource_server", "refresh", "fleet", "machine", "exchange", "flow"],
        within: Within::Listed,
    },
    Floor { name: "5 gate", rooms: &["gate"], within: Within::Apart },
    Floor {
        name: "6 edge",
        rooms: &["layer", "extract", "axum", "outbound", "__private", "grpc", "manual", "fuzzing"],
        within: Within::Listed,
    },
];

/// Rooms that never import each other, whatever their floors.
const STRANGERS: [(&str, &str); 1] = [("provider", "session")];

/// The room beside the floors, and what it may import beside the words.
const BESIDE: &str = "testing";
const BESIDE_MAY: [&str; 5] = ["token", "config", "session", "flow", "layer"];

/// Every import that goes up, sideways, or into a private file.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let mut all = Vec::new();
    for file in tree.library().filter(|file| !file.is_test) {
        if file.room() != BESIDE && position(&file.room()).is_none() {
            let room = file.room();
            let fix = format!("room `{room}` is on no floor: give it one in xtask/src/tidy/floors.rs");
            all.push(Finding::new(&file.path, 1, fix));
            continue;
        }
        for path in file.syntax.paths.iter().filter(|path| !path.in_test) {
            let Target::Here(target) = resolve(tree, file, path) else { continue };
            if let Some(why) = refusal(tree, file, &target) {
                all.push(Finding::new(&file.path, path.line, why));
            }
        }
    }
    all
}

fn refusal(tree: &Tree, file: &RustFile, target: &[String]) -> Option<String> {
    let (from, to) = (file.room(), target.first()?);
    if to == "*" {
        return Some("`use crate::*` hides what it imports: name the rooms".into());
    }
    if from == *to || !is_room(tree, to) {
        return None;
    }
    may_import(&from, to).err().or_else(|| private_file(tree, target))
}

/// Decides whether a file of the room `from` may name something of the room `to`.
fn may_import(from: &str, to: &str) -> Result<(), String> {
    let shown = format!("`{from}` imports `{to}`");
    if to == BESIDE {
        return Err(format!("{shown}: `{BESIDE}` stands beside the floors, nothing imports it"));
    }
    let Some((upper, upper_at)) = position(to) else { return Ok(()) };
    if from == BESIDE {
        let may = upper == 0 || BESIDE_MAY.contains(&to);
        return if may {
            Ok(())
        } else {
            Err(format!("{shown}: `{BESIDE}` may import words and {BESIDE_MAY:?}"))
        };
    }
    let Some((lower, lower_at)) = position(from) else { return Ok(()) };
    if STRANGERS.iter().any(|&(a, b)| (from, to) == (a, b) || (from, to) == (b, a)) {
        return Err(format!("{shown}: the two never import each other"));
    }
    let down = upper < lower
        || (upper == lower && upper_at < lower_at && matches!(FLOORS[lower].within, Within::Listed));
    if down {
        return Ok(());
    }
    let (own, other) = (FLOORS[lower].name, FLOORS[upper].name);
    let why = match upper.cmp(&lower) {
        std::cmp::Ordering::Greater => format!("up from floor {own} to floor {other}"),
        _ => format!("sideways on floor {own}"),
    };
    Err(format!("{shown}: {why}; imports go down (ARCHITECTURE.md)"))
}

/// The floor of a room and its place there.
fn position(room: &str) -> Option<(usize, usize)> {
    FLOORS
        .iter()
        .enumerate()
        .find_map(|(at, floor)| Some((at, floor.rooms.iter().position(|&known| known == room)?)))
}

fn is_room(tree: &Tree, name: &str) -> bool {
    let (file, folder) = (format!("{LIBRARY}{name}.rs"), format!("{LIBRARY}{name}/mod.rs"));
    tree.paths.contains(&file) || tree.paths.contains(&folder)
}

/// Refuses `crate::room::file::Item`; `crate::room::item` may share its name with a file.
fn private_file(tree: &Tree, target: &[String]) -> Option<String> {
    let [room, file, item, ..] = target else { return None };
    let stem = format!("{LIBRARY}{room}/{file}");
    if !tree.paths.contains(&format!("{stem}.rs")) && !tree.paths.contains(&format!("{stem}/mod.rs")) {
        return None;
    }
    Some(format!(
        "`crate::{room}::{file}` is a private file of room `{room}`: import `crate::{room}::{item}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The messages for a file among the others of a small library.
    fn messages(path: &str, text: &str) -> Vec<String> {
        let mut files = vec![("auth-layer/src/lib.rs", "//! L.\nmod flow;\npub use flow::Flow;\n")];
        let others = [
            "auth-layer/src/clock.rs",
            "auth-layer/src/secret.rs",
            "auth-layer/src/token/mod.rs",
            "auth-layer/src/config/mod.rs",
            "auth-layer/src/session/mod.rs",
            "auth-layer/src/session/seal.rs",
            "auth-layer/src/provider/mod.rs",
            "auth-layer/src/ledger/mod.rs",
            "auth-layer/src/refresh/mod.rs",
            "auth-layer/src/refresh/obtain.rs",
            "auth-layer/src/flow/mod.rs",
            "auth-layer/src/gate/mod.rs",
            "auth-layer/src/layer/mod.rs",
            "auth-layer/src/testing/mod.rs",
        ];
        files.extend(others.iter().filter(|other| **other != path).map(|other| (*other, "//! M.\n")));
        files.push((path, text));
        let tree = Tree::of(&files);
        findings(&tree).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn every_way_to_write_an_upward_import_is_refused() {
        for text in [
            "use crate::flow::Flow;",
            "use crate::{clock::Clock, flow::{self}};",
            "use super::super::flow::Flow;",
            "use crate::Flow;",
            "fn f(flow: &crate::flow::Flow) {}",
            "fn f() { crate::flow::go() }",
            "fn f() { tracing::debug!(\"{}\", crate::flow::go()) }",
            "mod inner { use super::super::super::flow::Flow; }",
            "#[cfg(any(test, feature = \"testing\"))] use crate::flow::Flow;",
        ] {
            let found = messages("auth-layer/src/refresh/commit.rs", text);
            assert_eq!(
                found,
                ["`refresh` imports `flow`: sideways on floor 4 flows; imports go down (ARCHITECTURE.md)"],
                "{text}"
            );
        }
    }

    #[test]
    fn down_and_within_the_room_is_allowed_and_so_is_a_test() {
        for text in [
            "use crate::clock::Clock; use crate::ledger::Ledger; use crate::provider::Provider;",
            "use crate::refresh::decide::Wanted; use super::decide::Wanted as W;",
            "#[cfg(test)] mod tests { use crate::layer::Auth; }",
            "use http::flow::Flow; use std::time::Duration;",
        ] {
            assert_eq!(messages("auth-layer/src/refresh/commit.rs", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn the_floors_hold() {
        for (from, to, allowed) in [
            ("scope", "clock", false),
            ("one_time", "secret", true),
            ("secret", "one_time", false),
            ("scope", "token", false),
            ("token", "secret", true),
            ("token", "config", false),
            ("config", "token", false),
            ("session", "config", true),
            ("jose", "session", false),
            ("provider", "session", false),
            ("session", "provider", false),
            ("provider", "jose", true),
            ("ledger", "refresh", false),
            ("refresh", "ledger", true),
            ("refresh", "flow", false),
            ("flow", "refresh", true),
            ("flow", "gate", false),
            ("gate", "layer", false),
            ("extract", "layer", true),
            ("layer", "extract", false),
            ("__private", "extract", true),
            ("testing", "clock", true),
            ("testing", "session", true),
            ("testing", "provider", false),
            ("testing", "layer", true),
            ("testing", "gate", false),
            ("layer", "testing", false),
            ("clock", "testing", false),
        ] {
            assert_eq!(may_import(from, to).is_ok(), allowed, "{from} imports {to}");
        }
    }

    #[test]
    fn another_rooms_private_file_is_refused_and_an_item_of_that_name_is_not() {
        let private = messages("auth-layer/src/flow/login.rs", "use crate::session::seal::KeyRing;");
        assert_eq!(
            private,
            ["`crate::session::seal` is a private file of room `session`: import `crate::session::KeyRing`"]
        );
        assert_eq!(messages("auth-layer/src/flow/login.rs", "use crate::refresh::obtain;"), [""; 0]);
        let alias = "use crate::refresh::obtain; fn f(world: obtain::World) {}";
        assert_eq!(messages("auth-layer/src/flow/login.rs", alias).len(), 1);
    }

    #[test]
    fn a_room_without_a_floor_is_refused() {
        assert_eq!(messages("auth-layer/src/cellar/mod.rs", "//! C.\n").len(), 1);
    }

    #[test]
    fn a_glob_of_the_root_is_refused() {
        assert_eq!(messages("auth-layer/src/refresh/commit.rs", "use crate::*;").len(), 1);
    }
}
