//! Discovery, the login through the provider's own pages, and who is let in.

use std::time::Duration;

use auth_layer::config::UserInfo;
use http::StatusCode;
use http::header::{LOCATION, SET_COOKIE};
use url::Url;

use crate::app::{App, PRODUCTS, part};
use crate::node::{BASIC, CLIENTS, Client};
use crate::person::Person;

#[tokio::test]
async fn all_three_ways_of_client_authentication_log_in() {
    for client in CLIENTS {
        let app = App::start(client).await;
        let (person, landed) = app.log_in("ada").await;
        assert_eq!((landed.status, landed.body.as_str()), (StatusCode::OK, "ada"), "{}", client.method);
        assert_eq!(person.call(&app.url("/products")).await.json()["claims"]["client_id"], client.id);
        assert_eq!(app.provider.count("authorization_code").await, 1, "{}", client.method);
        assert_eq!(app.provider.count("refused").await, 0, "{}", client.method);
    }
}

#[tokio::test]
async fn a_login_comes_back_to_its_page_with_a_profile_and_a_token_for_the_api() {
    let app = App::start(BASIC).await;
    let person = Person::new();
    let landed = person.log_in(&app.url("/products"), "ada").await;

    assert_eq!(landed.url.as_str(), app.url("/products"));
    let token = landed.json();
    assert_eq!(token["claims"]["iss"], app.provider.issuer);
    assert_eq!(token["claims"]["aud"], PRODUCTS);
    assert_eq!(token["claims"]["sub"], "ada");
    assert_eq!(token["claims"]["scope"], "read:products write:products");
    assert_eq!(token["scopes"], "read:products write:products");

    let profile = person.call(&app.url("/auth/profile")).await;
    assert_eq!(profile.status, StatusCode::OK);
    assert_eq!(profile.json()["sub"], "ada");
    assert_eq!(profile.json()["email"], "ada@test.example");
    assert!(!profile.body.contains("eyJ"), "a token is in the profile: {}", profile.body);
}

#[tokio::test]
async fn a_response_that_names_another_issuer_is_refused() {
    let app = App::start(BASIC).await;
    let person = Person::new();
    let login_page = person.open(&app.url("/auth/login")).await;
    let consent_page = person.submit(&login_page, &[("login", "ada"), ("password", "any")]).await;
    let callback = person.submit_up_to(&consent_page, &app.url("/auth/callback")).await;
    let issuer = callback.query_pairs().find(|(name, _)| name == "iss").map(|(_, value)| value.into_owned());
    assert_eq!(issuer.as_ref(), Some(&app.provider.issuer), "the provider names itself");

    let mut mixed_up = callback.clone();
    let parameters: Vec<_> = callback.query_pairs().into_owned().collect();
    mixed_up.query_pairs_mut().clear().extend_pairs(parameters.iter().map(|(name, value)| {
        (name.as_str(), if name == "iss" { "https://attacker.example" } else { value.as_str() })
    }));
    let refused = person.open(mixed_up.as_str()).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.body.contains("another issuer"), "{}", refused.body);
    assert_eq!(app.provider.count("authorization_code").await, 0, "the code was sent on");
    assert_eq!(person.call(&app.url("/products")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_wrong_client_secret_leaves_no_session() {
    let app = App::start(Client { secret: "p:1%2B+/=&?", ..BASIC }).await;
    let (person, failed) = app.log_in("ada").await;

    assert!(failed.url.as_str().starts_with(&app.url("/auth/callback")));
    assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(failed.body.contains("does not accept this application"), "{}", failed.body);
    assert!(!failed.body.contains(BASIC.secret), "the secret is on the page");
    assert_eq!(app.provider.count("refused").await, 1);
    let sets_session = |value: &http::HeaderValue| value.as_bytes().starts_with(b"auth_session=");
    assert!(!failed.headers.get_all(SET_COOKIE).iter().any(sets_session));
    assert!(!person.has_cookie("auth_session"));
    assert_eq!(person.call(&app.url("/products")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_person_who_refuses_at_the_provider_is_told_so() {
    let app = App::start(BASIC).await;
    let person = Person::new();
    let login_page = person.open(&app.url("/auth/login")).await;
    let refused = person.open(&format!("{}/abort", login_page.url)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("access_denied"), "{}", refused.body);
    assert!(!person.has_cookie("auth_session"));
}

#[tokio::test]
async fn userinfo_adds_its_claims_to_the_profile() {
    let app = App::start_with(BASIC, |config| config.with_user_info(UserInfo::Fetch)).await;
    let (person, _) = app.log_in("grace").await;
    let profile = person.call(&app.url("/auth/profile")).await.json();
    assert_eq!(profile["name"], "grace of Test");
    assert_eq!(app.provider.count("userinfo").await, 1);
}

#[tokio::test]
async fn userinfo_that_takes_no_token_of_an_api_fails_no_login() {
    let app =
        App::start_with(BASIC, |config| config.with_audience(PRODUCTS).with_user_info(UserInfo::Fetch)).await;
    let (person, landed) = app.log_in("grace").await;
    assert_eq!((landed.status, landed.body.as_str()), (StatusCode::OK, "grace"));
    assert_eq!(app.provider.count("userinfo").await, 0);
    // This provider puts its claims into the id token where userinfo is out of reach.
    assert_eq!(person.call(&app.url("/auth/profile")).await.json()["name"], "grace of Test");
}

#[tokio::test]
async fn id_tokens_of_every_asymmetric_algorithm_are_accepted() {
    for algorithm in ["RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"] {
        let app = App::start(Client { algorithm, ..BASIC }).await;
        let (person, landed) = app.log_in("ada").await;
        assert_eq!((landed.status, landed.body.as_str()), (StatusCode::OK, "ada"), "{algorithm}");
        // The logout shows which id token the session holds.
        let departure = person.call(&app.url("/auth/logout")).await;
        let location = Url::parse(departure.headers[LOCATION].to_str().unwrap()).unwrap();
        let (_, hint) = location.query_pairs().find(|(name, _)| name == "id_token_hint").unwrap();
        assert_eq!(part(&hint, 0)["alg"], algorithm);
    }
}

#[tokio::test]
async fn a_login_that_has_to_be_recent_is_one_with_its_time() {
    let app =
        App::start_with(BASIC, |config| config.with_audience(PRODUCTS).with_max_age(Duration::from_secs(60)))
            .await;
    let (person, landed) = app.log_in("ada").await;
    assert_eq!((landed.status, landed.body.as_str()), (StatusCode::OK, "ada"));
    let profile = person.call(&app.url("/auth/profile")).await.json();
    assert!(profile["auth_time"].is_u64(), "{profile}");
}

#[tokio::test]
async fn a_provider_that_may_not_ask_says_that_a_login_is_required() {
    let app = App::start_with(BASIC, |config| config.with_audience(PRODUCTS)).await;
    let person = Person::new();
    let departure = person.call(&app.url("/auth/login")).await;
    let asked = departure.headers[LOCATION].to_str().unwrap().replace("prompt=consent", "prompt=none");
    let refused = person.open(&asked).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("login_required"), "{}", refused.body);
    assert!(!person.has_cookie("auth_session"));
}

#[tokio::test]
async fn a_login_after_a_key_rotation_fetches_the_new_keys() {
    let app = App::start(BASIC).await;
    app.log_in("ada").await;
    app.provider.rotate_keys().await;
    app.clock.advance(Duration::from_secs(31));
    let (_, landed) = app.log_in("grace").await;
    assert_eq!((landed.status, landed.body.as_str()), (StatusCode::OK, "grace"));
}
