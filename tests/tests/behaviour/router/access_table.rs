//! The access table: each of its rows is served, and nothing is served that has no row.

use auth_layer::axum::{
    Access, AccessTable, Reach, Router, Row, danger_guarded_elsewhere, public_service, routing,
};
use auth_layer::token::Principal;
use http::{Request, StatusCode};
use tests::{Reply, Site, Visitor};

use super::program::{METHODS, PATHS, home, list, missing, program};

fn guarded() -> Router {
    program!(auth_layer::axum, public_service)
}

async fn answer(visitor: &Visitor, method: &str, path: &str) -> Reply {
    let request = Request::builder().method(method).uri(path).header("sec-fetch-site", "same-origin");
    visitor.send(request).await
}

/// A path that the row answers, and nothing else does.
fn path_of(row: &Row) -> String {
    let path = row.path().replace("{id}", "7").replace("{shop}", "1").replace("{*rest}", "a/b");
    match row.reach() {
        Reach::Remainder => format!("{}/no/such/path", path.trim_end_matches('/')),
        _ => path,
    }
}

/// The methods that the row answers: its own, or those that no other row at its path names.
fn methods_of(table: &AccessTable, row: &Row) -> Vec<&'static str> {
    let is_named = |method: &str| {
        let mut here =
            table.iter().filter(|other| (other.path(), other.reach()) == (row.path(), row.reach()));
        here.any(|other| other.method().is_some_and(|other| answers(other.as_str(), method)))
    };
    METHODS
        .into_iter()
        .filter(|method| match row.method() {
            Some(own) => own.as_str() == *method,
            None => !is_named(method),
        })
        .collect()
}

fn answers(row: &str, request: &str) -> bool {
    row == request || (row == "GET" && request == "HEAD")
}

/// Whether a path is of those that the row answers.
fn reaches(row: &Row, path: &str) -> bool {
    let is_below = matches!(row.reach(), Reach::Remainder | Reach::Subtree);
    let mut segments = path.split('/');
    for pattern in row.path().split('/') {
        match segments.next() {
            _ if pattern.starts_with("{*") => return true,
            Some(segment) if pattern.starts_with('{') && !segment.is_empty() => {}
            // The prefix of what is below may end in a slash.
            Some(_) if is_below && pattern.is_empty() && row.path() != path => {}
            Some(segment) if segment == pattern => {}
            _ => return false,
        }
    }
    is_below || segments.next().is_none()
}

fn is_of_a_handler(row: &Row) -> bool {
    row.handler().contains("::program::") && !row.handler().contains("Box")
}

#[tokio::test]
async fn each_row_is_served_by_the_handler_that_it_names() {
    let site = Site::open().await;
    let table = guarded().access_table();
    let ada = site.ada().await.at(guarded().layer(site.auth.layer()).into());
    for row in &table {
        for method in methods_of(&table, row) {
            let path = path_of(row);
            let found = answer(&ada, method, &path).await;
            assert_ne!(found.status, StatusCode::UNAUTHORIZED, "{method} {path}: {row:?}");
            if is_of_a_handler(row) {
                assert_eq!(found.header("x-handler"), row.handler(), "{method} {path}: {row:?}");
            } else {
                assert!(row.is_public() && found.status == StatusCode::OK, "{method} {path}: {found:?}");
            }
        }
    }
}

#[tokio::test]
async fn nothing_is_served_that_has_no_row() {
    let site = Site::open().await;
    let table = guarded().access_table();
    let ada = site.ada().await.at(guarded().layer(site.auth.layer()).into());
    let mut served = 0;
    for path in PATHS {
        for method in METHODS {
            let found = answer(&ada, method, path).await;
            let handler = found.header("x-handler");
            if handler.is_empty() {
                continue;
            }
            served += 1;
            let has_row = table.iter().any(|row| {
                let of_method = row.method().is_none_or(|own| answers(own.as_str(), method));
                row.handler() == handler && of_method && reaches(row, path)
            });
            assert!(has_row, "{method} {path}: {handler}");
        }
    }
    assert!(served > 200, "{served} answers by handlers");
}

#[tokio::test]
async fn every_row_that_is_not_public_refuses_a_stranger() {
    let site = Site::open().await;
    let table = guarded().access_table();
    let stranger = site.visitor().at(guarded().layer(site.auth.layer()).into());
    let (mut refused, mut open) = (0, 0);
    for row in &table {
        for method in methods_of(&table, row) {
            let path = path_of(row);
            let found = answer(&stranger, method, &path).await;
            let is_refused = found.status == StatusCode::UNAUTHORIZED;
            assert_eq!(is_refused, !row.is_public(), "{method} {path}: {row:?}");
            *(if is_refused { &mut refused } else { &mut open }) += 1;
        }
    }
    assert!(refused > 30 && open > 30, "{refused} and {open}");
}

/// A row as one line.
fn line(row: &Row) -> String {
    let method = row.method().map_or("*", |method| method.as_str());
    let handler = row.handler().rsplit("::").next().unwrap_or_default();
    let access = match row.access() {
        Access::Required(rule) => {
            format!("{:?} {:?} {:?} {:?}", rule.scopes(), rule.any_scopes(), rule.max_age(), rule.principal())
        }
        other => format!("{other:?}"),
    };
    format!("{method} {} {:?} {handler} {access}", row.path(), row.reach())
}

#[test]
fn rows_tell_what_is_required_and_come_in_one_order() {
    let expected = [
        "GET / Path home Public",
        "HEAD / Path head_of_home Public",
        "* / Path not_allowed Public",
        "* / Remainder missing Public",
        "GET /any Path stranger Public",
    ];
    let table = guarded().access_table();
    let lines: Vec<String> = table.iter().map(line).collect();
    assert_eq!(lines[..5], expected, "{lines:#?}");
    for expected in [
        "GET /products Path list [\"read:products\"] [] None None".to_owned(),
        format!(
            "GET /products/{{id}} Path one [] [\"read:products\", \"write:products\"] Some(86400s) Some({:?})",
            Principal::User
        ),
        "GET /deep Path account Session".to_owned(),
        "PUT /dropping/deep/profile Path profile User".to_owned(),
        "* /kept/ Remainder missing_below Public".to_owned(),
        "* /nothing Path not_allowed Public".to_owned(),
        "GET /shops/{shop}/{id} Path list [\"read:products\"] [] None None".to_owned(),
    ] {
        assert!(lines.contains(&expected), "{expected}: {lines:#?}");
    }
    assert!(!lines.iter().any(|line| line.contains("/dropping") && line.contains("Remainder")), "{lines:#?}");
    assert_eq!(table, guarded().clone().with_state::<()>(()).access_table());
    let rule = table.iter().find_map(Row::rule).unwrap();
    assert_eq!(rule.handler(), table.iter().find(|row| row.rule().is_some()).unwrap().handler());
}

#[test]
fn the_order_in_which_routes_were_added_does_not_show() {
    let one = Router::<()>::new().route("/a", routing::get(home).post(list)).route("/b", routing::get(home));
    let other = Router::<()>::new()
        .route("/b", routing::get(home))
        .merge(Router::new().route("/a", routing::post(list)))
        .route("/a", routing::get(home));
    assert_eq!(one.access_table(), other.access_table());
}

#[test]
fn what_cannot_be_judged_is_in_the_table_as_what_it_was_said_to_be() {
    let plain = axum::Router::<()>::new().route("/", axum::routing::get(async || ""));
    let app = Router::<()>::new()
        .merge(public_service(plain.clone()))
        .nest("/metrics", danger_guarded_elsewhere(plain.clone()))
        .route("/file", routing::get_service(danger_guarded_elsewhere(super::program::file())));
    let found: Vec<_> = app
        .access_table()
        .iter()
        .map(|row| (row.path().to_owned(), row.reach(), row.method().cloned(), row.access()))
        .collect();
    let expected = [
        ("/", Reach::Unlisted, None, Access::Public),
        ("/file", Reach::Path, Some(http::Method::GET), Access::Elsewhere),
        ("/metrics", Reach::Unlisted, None, Access::Elsewhere),
    ];
    assert_eq!(found, expected.map(|(path, reach, method, access)| (path.to_owned(), reach, method, access)));
}

#[test]
fn a_new_fallback_takes_the_place_of_the_old_one() {
    let app = Router::<()>::new().fallback(missing).fallback(home).fallback(list);
    assert_eq!(app.access_table().rows().len(), 1);
    assert!(app.access_table().rows()[0].handler().ends_with("::list"));
    assert!(app.reset_fallback().access_table().rows().is_empty());
    for methods in [routing::any(home), routing::get(home).fallback(missing)] {
        let app = Router::<()>::new().route("/", methods.fallback(list));
        let table = app.access_table();
        let others: Vec<_> = table.iter().filter(|row| row.method().is_none()).collect();
        assert!(others.len() == 1 && others[0].handler().ends_with("::list"), "{others:?}");
    }
}
