//! Federated connections (Auth0's Token Vault): a connection's token for a refresh token, which stays.

use super::*;
use crate::testing::ClientRegistration;

const GRANT: &str = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";
const FEDERATED: &str = "http://auth0.com/oauth/token-type/federated-connection-access-token";
const CALENDAR: &str = "https://www.googleapis.com/auth/calendar";

async fn open() -> Shop {
    let ada = User::ada()
        .add_connected_account("google-oauth2", "ada@gmail.example", CALENDAR)
        .add_connected_account("google-oauth2", "lovelace@gmail.example", "openid");
    Shop::with(|builder| builder.add_user(ada).client(ClientRegistration::confidential("other", "secret")))
        .await
}

impl Shop {
    /// Asks for Google's token; `change` replaces parameters, or removes them with "".
    async fn federated(&self, refresh_token: &str, change: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", GRANT),
            ("subject_token", refresh_token),
            ("subject_token_type", REFRESH_TOKEN),
            ("requested_token_type", FEDERATED),
            ("connection", "google-oauth2"),
        ];
        form.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
        form.extend(change);
        self.token(&form).await
    }
}

#[tokio::test]
async fn a_refresh_token_gets_the_token_of_a_connection_and_stays_what_it_is() {
    let shop = open().await;
    let ada = shop.tokens(&User::ada(), &[]).await;
    let refresh_token = ada.text("refresh_token");
    for (hint, login, scope) in
        [("", "ada@gmail.example", CALENDAR), ("lovelace@gmail.example", "lovelace@gmail.example", "openid")]
    {
        let answer = shop.federated(refresh_token, &[("login_hint", hint)]).await;
        assert_eq!((answer.status.as_u16(), answer.text("token_type")), (200, "Bearer"));
        assert_eq!((answer.text("issued_token_type"), answer.text("scope")), (FEDERATED, scope));
        assert!(answer.text("access_token").starts_with(&format!("google-oauth2.{login}.")));
        assert!(answer.body.get("refresh_token").is_none());
        assert!(!shop.is_active(answer.text("access_token")).await, "it is another provider's");
    }
    assert_eq!(shop.refresh(refresh_token).await.status, 200, "it was not spent");
    assert_eq!((shop.op.log_count("seta"), shop.op.log_count("sertft")), (2, 1));
}

#[tokio::test]
async fn only_the_living_refresh_token_of_the_client_is_taken_and_a_used_one_kills_nothing() {
    let shop = open().await;
    let ada = shop.tokens(&User::ada(), &[]).await;
    let newer = shop.refresh(ada.text("refresh_token")).await;
    for token in [ada.text("refresh_token"), ada.text("access_token"), "garbage"] {
        shop.federated(token, &[]).await.assert_error(400, "invalid_grant");
    }
    assert_eq!(shop.federated(newer.text("refresh_token"), &[]).await.status, 200, "its family lives");
    let form = [
        ("grant_type", GRANT),
        ("subject_token", newer.text("refresh_token")),
        ("subject_token_type", REFRESH_TOKEN),
        ("requested_token_type", FEDERATED),
        ("connection", "google-oauth2"),
    ];
    let request = shop.http.post(shop.op.url(Endpoint::Token)).basic_auth("other", Some("secret"));
    let answer = Answer::of(request.form(&form).send().await.unwrap()).await;
    answer.assert_error(400, "invalid_grant");
    shop.op.revoke_grants(&User::ada());
    shop.federated(newer.text("refresh_token"), &[]).await.assert_error(400, "invalid_grant");
    assert_eq!(shop.op.log_count("feta"), 5);
}

#[tokio::test]
async fn a_user_without_such_an_account_and_a_malformed_request_are_refused() {
    let shop = open().await;
    let ada = shop.tokens(&User::ada(), &[]).await;
    for (change, status, error) in [
        (("connection", "github"), 401, "access_denied"),
        (("login_hint", "eve@gmail.example"), 401, "access_denied"),
        (("connection", ""), 400, "invalid_request"),
        (("requested_token_type", ""), 400, "invalid_request"),
        (("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"), 400, "invalid_request"),
    ] {
        shop.federated(ada.text("refresh_token"), &[change]).await.assert_error(status, error);
    }
    let bob = shop.tokens(&User::bob(), &[]).await;
    shop.federated(bob.text("refresh_token"), &[]).await.assert_error(401, "access_denied");
}
