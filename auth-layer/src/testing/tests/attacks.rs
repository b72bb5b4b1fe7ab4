//! What is refused, one function per attack.

use super::*;
use crate::testing::{ClientAuthentication, ClientRegistration};

#[tokio::test]
async fn an_unregistered_redirect_uri_is_never_redirected_to() {
    let shop = Shop::open().await;
    for uri in [
        "https://evil.example/",
        "http://127.0.0.1:3000/auth/callback/",
        "http://127.0.0.1:3000/auth/callback?x=1",
        "http://127.0.0.1:3000/auth/Callback",
        "http://127.0.0.1:3001/auth/callback",
        "",
    ] {
        let url = shop.authorize_url(&[("redirect_uri", uri)]);
        assert!(shop.op.browser().open(&url).await.is_err(), "{uri}");
    }
    let url = shop.authorize_url(&[("client_id", "stranger")]);
    assert!(shop.op.browser().open(&url).await.is_err());
}

#[tokio::test]
async fn a_wrong_verifier_spends_the_code() {
    let shop = Shop::open().await;
    let code = shop.code(&User::ada(), &[]).await;
    let guess = "a".repeat(43);
    let answer = shop
        .token(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", &guess),
        ])
        .await;
    answer.assert_error(400, "invalid_grant");
    shop.exchange_code(&code).await.assert_error(400, "invalid_grant");
    assert_eq!(shop.op.log_count("feacft"), 2);
    assert_eq!(shop.op.log_count("seacft"), 0);
}

#[tokio::test]
async fn a_wrong_redirect_uri_at_the_token_endpoint_is_refused() {
    let shop = Shop::open().await;
    shop.op.register_redirect_uri("http://127.0.0.1:3000/other");
    let code = shop.code(&User::ada(), &[]).await;
    let answer = shop
        .token(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", "http://127.0.0.1:3000/other"),
            ("code_verifier", VERIFIER),
        ])
        .await;
    answer.assert_error(400, "invalid_grant");
}

#[tokio::test]
async fn a_replayed_code_revokes_the_tokens_of_its_first_use() {
    let shop = Shop::open().await;
    let code = shop.code(&User::ada(), &[]).await;
    let first = shop.exchange_code(&code).await;
    assert!(shop.is_active(first.text("access_token")).await);
    shop.exchange_code(&code).await.assert_error(400, "invalid_grant");
    assert!(!shop.is_active(first.text("access_token")).await);
    let refreshed = shop.refresh(first.text("refresh_token")).await;
    refreshed.assert_error(400, "invalid_grant");
}

#[tokio::test]
async fn a_code_older_than_a_minute_is_refused() {
    let shop = Shop::open().await;
    let code = shop.code(&User::ada(), &[]).await;
    shop.clock.advance(std::time::Duration::from_secs(60));
    shop.exchange_code(&code).await.assert_error(400, "invalid_grant");
}

#[tokio::test]
async fn a_code_of_another_client_is_refused_and_stays_good() {
    let shop = Shop::with(|builder| builder.client(ClientRegistration::public("spa"))).await;
    let code = shop.code(&User::ada(), &[]).await;
    let stolen = shop
        .http
        .post(shop.op.url(Endpoint::Token))
        .form(&[
            ("client_id", "spa"),
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ])
        .send()
        .await
        .unwrap();
    Answer::of(stolen).await.assert_error(400, "invalid_grant");
    assert_eq!(shop.exchange_code(&code).await.status, 200);
}

#[tokio::test]
async fn authorization_requests_without_pkce_or_with_plain_are_refused() {
    let shop = Shop::open().await;
    for (change, error) in [
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("response_mode", "fragment"), "invalid_request"),
        (("request", "e30."), "request_not_supported"),
        (("request_uri", "https://evil.example/"), "request_uri_not_supported"),
        (("prompt", "none login"), "invalid_request"),
        (("max_age", "-1"), "invalid_request"),
        (("audience", "https://unknown.example"), "invalid_target"),
        (("resource", "https://unknown.example"), "invalid_target"),
    ] {
        let callback = shop.op.browser().open(&shop.authorize_url(&[change])).await.unwrap();
        assert_eq!(query(&callback)["error"], error, "{change:?}");
        assert_eq!(query(&callback)["iss"], shop.op.issuer());
    }
}

#[tokio::test]
async fn a_repeated_parameter_is_refused() {
    let shop = Shop::open().await;
    let url = format!("{}&scope=admin", shop.authorize_url(&[]));
    assert!(shop.op.browser().open(&url).await.is_err());
    let grant = [("grant_type", "refresh_token"), ("grant_type", "refresh_token")];
    shop.token(&grant).await.assert_error(400, "invalid_request");
}

#[tokio::test]
async fn client_authentication_is_one_method_and_a_registered_one() {
    let basic_only = ClientRegistration::confidential("basic", "s+e c%")
        .with_authentication([ClientAuthentication::Basic]);
    let shop = Shop::with(|builder| builder.client(basic_only)).await;
    let post = |basic: Option<(&'static str, &'static str)>, form: &[(&str, &str)]| {
        let mut form = form.to_vec();
        form.extend([("grant_type", "client_credentials"), ("audience", API)]);
        let mut request = shop.http.post(shop.op.url(Endpoint::Token)).form(&form);
        if let Some((client_id, secret)) = basic {
            request = request.basic_auth(client_id, Some(secret));
        }
        async { Answer::of(request.send().await.unwrap()).await }
    };
    let encoded = Some(("basic", "s%2Be+c%25"));
    assert_eq!(post(encoded, &[]).await.status, 200, "form-urlencoded first");
    post(Some(("basic", "s+e c%")), &[]).await.assert_error(401, "invalid_client");
    let wrong = post(Some(("shop", "wrong")), &[]).await;
    wrong.assert_error(401, "invalid_client");
    assert!(wrong.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    let in_form = [("client_id", "basic"), ("client_secret", "s+e c%")];
    post(None, &in_form).await.assert_error(401, "invalid_client");
    post(encoded, &in_form).await.assert_error(400, "invalid_request");
    post(encoded, &[("client_id", "shop")]).await.assert_error(400, "invalid_request");
    post(None, &[("client_id", "shop")]).await.assert_error(401, "invalid_client");
    post(None, &[]).await.assert_error(401, "invalid_client");
    assert_eq!(shop.op.log_count("feccft"), 7);
}

#[tokio::test]
async fn a_body_over_64_kib_and_a_body_of_another_type_are_refused() {
    let shop = Shop::open().await;
    let answer = shop.token(&[("grant_type", &"x".repeat(70_000))]).await;
    assert_eq!(answer.status, 413);
    let request = shop.http.post(shop.op.url(Endpoint::Token)).json(&["grant_type"]);
    let answer = Answer::of(request.send().await.unwrap()).await;
    answer.assert_error(400, "invalid_request");
    let answer = shop.http.get(shop.op.url(Endpoint::Token)).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["allow"]), (405, &"POST".parse().unwrap()));
}
