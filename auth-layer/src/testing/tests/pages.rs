//! What people see.

use super::*;
use crate::testing::BrowserError;

#[tokio::test]
async fn the_login_page_has_labelled_fields_and_names_the_people() {
    let shop = Shop::open().await;
    let url = shop.authorize_url(&[("login_hint", "a\"><b")]);
    let page = shop.http.get(url).send().await.unwrap();
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("form-action"));
    let page = page.text().await.unwrap();
    for part in [
        "<label for=\"username\">",
        "<label for=\"password\">",
        "id=\"username\"",
        "id=\"password\"",
        "id=\"sign-in\"",
        "id=\"social\"",
        "Continue with Acme Social",
        "Ada Lovelace",
        "ada-password",
        "value=\"a&quot;&gt;&lt;b\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[tokio::test]
async fn a_wrong_password_shows_the_page_again_and_logs_nobody_in() {
    let shop = Shop::open().await;
    let impostor = User::new("ada", "guess");
    let refused = shop.op.browser().log_in(&impostor, &shop.authorize_url(&[])).await;
    let Err(BrowserError::Page(status, words)) = refused else {
        panic!("there is no callback");
    };
    assert_eq!(status, 401);
    assert!(words.contains("The username or the password is wrong."), "{words}");
    assert_eq!(shop.op.log_count("f"), 1);
    assert_eq!(shop.op.log_count("s"), 0);
}

#[tokio::test]
async fn cancel_returns_access_denied() {
    let shop = Shop::open().await;
    let callback = shop.op.browser().cancel(&shop.authorize_url(&[])).await.unwrap();
    assert_eq!(query(&callback)["error"], "access_denied");
    assert_eq!(query(&callback)["state"], "state-1");
}

#[tokio::test]
async fn a_login_page_of_long_ago_does_not_log_in() {
    let shop = Shop::open().await;
    let page = shop.http.get(shop.authorize_url(&[])).send().await.unwrap().text().await.unwrap();
    let (_, rest) = page.split_once("name=\"transaction\" value=\"").unwrap();
    let (transaction, _) = rest.split_once('"').unwrap();
    shop.clock.advance(std::time::Duration::from_secs(600));
    let form = [("transaction", transaction), ("username", "ada"), ("password", "ada-password")];
    let answer = shop.http.post(shop.op.url(Endpoint::Login)).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 400);
}
