//! The pages, and the files that they load.

use auth_layer::{AccessToken, Session, User, public, require_auth};
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use super::Shop;
use super::html::{Part, fill};
use crate::demo::PEOPLE;
use crate::error::ShopError;

/// GET /: who is logged in and what the token may do, or an invitation to log in.
#[public]
pub(crate) async fn home(session: Option<Session>, State(shop): State<Shop>) -> Html<String> {
    let Some(session) = session else { return welcome(&shop) };
    let user = session.user();
    let expire = if shop.demo.is_some() { EXPIRE_BUTTON } else { "" };
    let work = if shop.demo.is_some() { WORK_BUTTON } else { "" };
    let demo = if shop.demo.is_some() { "yes" } else { "no" };
    let burst = if shop.demo.is_some() {
        "Fire 20 parallel requests with an expired token"
    } else {
        "Fire 20 parallel requests"
    };
    let main = fill(
        DASHBOARD,
        &[
            ("name", Part::Text(name_of(user))),
            ("subject", Part::Text(user.subject().as_str())),
            ("connection", Part::Text(connection(user).unwrap_or("not told"))),
            ("email", Part::Text(user.email().unwrap_or("not told"))),
            ("expire", Part::Html(expire)),
            ("work", Part::Html(work)),
            ("burst", Part::Text(burst)),
            ("demo", Part::Text(demo)),
        ],
    );
    page("Home", &main, Some(user))
}

/// GET /products: a page for people, so that whoever is not logged in is sent to login and back.
#[require_auth(scopes = ["read:products"])]
pub(crate) async fn products(
    token: AccessToken,
    user: User,
    State(shop): State<Shop>,
) -> Result<Html<String>, ShopError> {
    let mut items = String::new();
    for product in shop.backend.list(&token).await? {
        let price = format!("{}.{:02} €", product.price_cents / 100, product.price_cents % 100);
        let parts = [("name", Part::Text(&product.name)), ("price", Part::Text(&price))];
        items.push_str(&fill(PRODUCT, &parts));
    }
    let may = if token.scopes().contains("write:products") {
        "Your token has the scope write:products."
    } else {
        "Your token lacks the scope write:products: the shop will refuse, and say so."
    };
    let main = fill(CATALOGUE, &[("items", Part::Html(&items)), ("may", Part::Text(may))]);
    Ok(page("Products", &main, Some(&user)))
}

fn welcome(shop: &Shop) -> Html<String> {
    let mut people = String::new();
    if shop.demo.is_some() {
        for (name, username, password, may) in PEOPLE {
            let parts = [
                ("name", Part::Text(name)),
                ("username", Part::Text(username)),
                ("password", Part::Text(password)),
                ("may", Part::Text(may)),
            ];
            people.push_str(&fill(PERSON, &parts));
        }
        people = fill(PEOPLE_TABLE, &[("rows", Part::Html(&people))]);
    }
    page("Welcome", &fill(WELCOME, &[("people", Part::Html(&people))]), None)
}

fn page(title: &str, main: &str, user: Option<&User>) -> Html<String> {
    let account = user.map_or_else(
        || LOG_IN.to_owned(),
        |user| {
            let name = name_of(user);
            let initial: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
            fill(ACCOUNT, &[("initial", Part::Text(&initial)), ("name", Part::Text(name))])
        },
    );
    Html(fill(
        PAGE,
        &[("title", Part::Text(title)), ("account", Part::Html(&account)), ("main", Part::Html(main))],
    ))
}

#[public]
pub(crate) async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, page("Not found", NOT_FOUND, None)).into_response()
}

#[public]
pub(crate) async fn stylesheet() -> Response {
    file("text/css; charset=utf-8", include_str!("assets/shop.css"))
}

#[public]
pub(crate) async fn script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("assets/shop.js"))
}

#[public]
pub(crate) async fn icon() -> Response {
    file("image/svg+xml", include_str!("assets/shop.svg"))
}

fn file(kind: &'static str, content: &'static str) -> Response {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], content).into_response()
}

fn name_of(user: &User) -> &str {
    user.name().unwrap_or(user.subject().as_str())
}

/// The connection that a user came through: many providers write it before the bar of the subject.
pub(crate) fn connection(user: &User) -> Option<&str> {
    user.subject().as_str().split_once('|').map(|(connection, _)| connection)
}

const PAGE: &str = include_str!("assets/page.html");
const WELCOME: &str = include_str!("assets/welcome.html");
const DASHBOARD: &str = include_str!("assets/dashboard.html");
const CATALOGUE: &str = include_str!("assets/catalogue.html");
const LOG_IN: &str = r#"<a id="login" class="button primary" href="/auth/login">Log in</a>"#;
const ACCOUNT: &str = r#"<span class="avatar" aria-hidden="true">{{initial}}</span><span class="who">{{name}}</span>
<form method="post" action="/auth/logout"><button id="logout" class="button">Log out</button></form>"#;
const EXPIRE_BUTTON: &str =
    r#"<button id="expire" class="button" type="button">Let the token expire</button>"#;
const WORK_BUTTON: &str = r#"<button id="work" class="button" type="button">Let it run now</button>"#;
const PRODUCT: &str = r#"<li><span>{{name}}</span><data class="price">{{price}}</data></li>"#;
const PERSON: &str = "<tr><td>{{name}}</td><td><code>{{username}}</code></td><td><code>{{password}}</code></td><td>{{may}}</td></tr>";
const PEOPLE_TABLE: &str = r#"<section class="card"><h2>Who can log in</h2><p class="hint">The people of the embedded provider.</p>
<div class="scroll"><table id="people"><thead><tr><th>Name</th><th>Username</th><th>Password</th><th>Scopes</th></tr></thead>
<tbody>{{rows}}</tbody></table></div></section>"#;
const NOT_FOUND: &str = r#"<section class="card"><h1>There is no such page</h1><p><a href="/">Back to the shop</a></p></section>"#;
