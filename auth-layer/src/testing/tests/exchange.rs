//! Token exchange (RFC 8693): whose token it is, for which API, with which scope.

use super::*;
use crate::testing::{ClientRegistration, TestAccessToken};

const BILLING: &str = "https://billing.example";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const OWN: &str = "urn:acme:token";

async fn open() -> Shop {
    Shop::with(|builder| {
        builder
            .add_api(BILLING, &["read:invoices", "pay:invoices"])
            .add_user(User::bob().without_scope("pay:invoices"))
            .add_token_exchange_profile(OWN)
    })
    .await
}

impl Shop {
    /// Exchanges a token for billing; `change` replaces parameters, or removes them with "".
    async fn exchange(&self, subject: &str, change: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", TOKEN_EXCHANGE),
            ("subject_token", subject),
            ("subject_token_type", ACCESS_TOKEN),
            ("audience", BILLING),
        ];
        form.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
        form.extend(change);
        self.token(&form).await
    }
}

#[tokio::test]
async fn a_token_is_exchanged_for_one_of_another_api_and_keeps_its_subject() {
    let shop = open().await;
    let ada = shop.tokens(&User::ada(), &[]).await;
    let answer = shop.exchange(ada.text("access_token"), &[]).await;
    assert_eq!((answer.status.as_u16(), answer.text("token_type")), (200, "Bearer"));
    assert_eq!(answer.text("issued_token_type"), ACCESS_TOKEN);
    assert_eq!(answer.text("scope"), "read:invoices pay:invoices");
    assert_eq!(answer.body["expires_in"], 3_600);
    assert!(answer.body.get("refresh_token").is_none() && answer.body.get("id_token").is_none());
    let [_, claims] = decoded(answer.text("access_token"));
    assert_eq!((&claims["sub"], &claims["aud"]), (&"local|ada".into(), &BILLING.into()));
    assert_eq!(claims["client_id"], "shop");
    assert!(claims.get("act").is_none(), "nobody acts for her");
    assert!(shop.is_active(answer.text("access_token")).await);
    assert_eq!(shop.op.log_count("success_on_behalf_of_token_exchange"), 1);
    assert_eq!((shop.op.log_count("seccft"), shop.op.log_count("secte")), (0, 0));
    assert_eq!(shop.op.token_calls(TOKEN_EXCHANGE), 1);
}

#[tokio::test]
async fn the_scope_is_what_is_asked_declared_and_allowed() {
    let shop = open().await;
    let bob = shop.tokens(&User::bob(), &[]).await;
    for (asked, granted) in [
        ("read:invoices pay:invoices", "read:invoices"),
        ("", "read:invoices"),
        ("read:products read:invoices openid", "read:invoices"),
    ] {
        let answer = shop.exchange(bob.text("access_token"), &[("scope", asked)]).await;
        assert_eq!(answer.text("scope"), granted, "{asked:?}");
    }
    let refused = shop.exchange(bob.text("access_token"), &[("scope", "pay:invoices")]).await;
    refused.assert_error(400, "invalid_scope");
}

#[tokio::test]
async fn a_jwt_an_id_token_and_a_type_of_ones_own_are_taken_and_nothing_else() {
    let shop = open().await;
    let ada = shop.tokens(&User::ada(), &[]).await;
    let (access_token, id_token) = (ada.text("access_token"), ada.text("id_token"));
    for (subject, kind, status) in [
        (access_token, ACCESS_TOKEN, 200),
        (access_token, JWT, 200),
        (id_token, ID_TOKEN, 200),
        (access_token, OWN, 200),
        (id_token, ACCESS_TOKEN, 400),
        (access_token, ID_TOKEN, 400),
        (access_token, "urn:acme:unknown", 400),
        (ada.text("refresh_token"), "urn:ietf:params:oauth:token-type:refresh_token", 400),
    ] {
        let answer = shop.exchange(subject, &[("subject_token_type", kind)]).await;
        assert_eq!(answer.status.as_u16(), status, "{kind}: {}", answer.body);
        match status {
            200 => assert_eq!(decoded(answer.text("access_token"))[1]["sub"], "local|ada", "{kind}"),
            _ => answer.assert_error(400, "invalid_request"),
        }
    }
    assert_eq!((shop.op.log_count("secte"), shop.op.log_count("fecte")), (1, 1));
    assert_eq!(shop.op.log_count("success_on_behalf_of_token_exchange"), 3);
    assert_eq!(shop.op.log_count("failed_on_behalf_of_token_exchange"), 3);
}

#[tokio::test]
async fn a_token_that_is_over_forged_or_of_a_dead_grant_is_not_exchanged() {
    let shop = open().await;
    let ada = shop.tokens(&User::ada(), &[]).await;
    let first = shop.exchange(ada.text("access_token"), &[]).await;
    for subject in ["", "garbage", "a.b.c", &shop.op.sign_access_token(&TestAccessToken::new("local|ada"))] {
        shop.exchange(subject, &[]).await.assert_error(400, "invalid_request");
    }
    shop.op.revoke_grants(&User::ada());
    for (subject, kind) in [(ada.text("access_token"), ACCESS_TOKEN), (ada.text("id_token"), ID_TOKEN)] {
        let refused = shop.exchange(subject, &[("subject_token_type", kind)]).await;
        refused.assert_error(400, "invalid_request");
    }
    assert!(!shop.is_active(first.text("access_token")).await, "what was exchanged dies with the grant");
    let bob = shop.tokens(&User::bob(), &[]).await;
    shop.clock.advance(std::time::Duration::from_secs(3_600));
    shop.exchange(bob.text("access_token"), &[]).await.assert_error(400, "invalid_request");
}

#[tokio::test]
async fn what_is_asked_for_in_the_wrong_way_is_refused() {
    let shop = open().await;
    let ada = shop.tokens(&User::ada(), &[]).await;
    for (change, error) in [
        (("audience", "https://unknown.example"), "invalid_target"),
        (("resource", "https://other.example"), "invalid_target"),
        (("audience", ""), "invalid_request"),
        (("subject_token_type", ""), "invalid_request"),
        (("requested_token_type", "urn:ietf:params:oauth:token-type:saml2"), "invalid_request"),
        (("actor_token", "garbage"), "invalid_request"),
        (("actor_token_type", ACCESS_TOKEN), "invalid_request"),
    ] {
        shop.exchange(ada.text("access_token"), &[change]).await.assert_error(400, error);
    }
}

#[tokio::test]
async fn a_client_without_a_secret_exchanges_nothing() {
    let shop = Shop::with(|builder| {
        builder.add_api(BILLING, &["read:invoices"]).client(ClientRegistration::public("spa"))
    })
    .await;
    let ada = shop.tokens(&User::ada(), &[]).await;
    let form = [
        ("grant_type", TOKEN_EXCHANGE),
        ("client_id", "spa"),
        ("subject_token", ada.text("access_token")),
        ("subject_token_type", ACCESS_TOKEN),
        ("audience", BILLING),
    ];
    let request = shop.http.post(shop.op.url(Endpoint::Token)).form(&form);
    Answer::of(request.send().await.unwrap()).await.assert_error(400, "unauthorized_client");
}

#[tokio::test]
async fn the_new_token_says_who_acts_and_who_acted_before() {
    let shop = open().await;
    let ada = shop.tokens(&User::ada(), &[]).await;
    let machine = |client: &str| shop.op.issue_access_token(TestAccessToken::for_client(client));
    let (first, second) = (machine("worker"), machine("printer"));
    let acting = |actor| [("actor_token", actor), ("actor_token_type", ACCESS_TOKEN)];
    let once = shop.exchange(ada.text("access_token"), &acting(&first)).await;
    assert_eq!(decoded(once.text("access_token"))[1]["act"], serde_json::json!({ "sub": "worker" }));
    let twice = shop.exchange(once.text("access_token"), &acting(&second)).await;
    let [_, claims] = decoded(twice.text("access_token"));
    assert_eq!(claims["act"], serde_json::json!({ "sub": "printer", "act": { "sub": "worker" } }));
    assert_eq!(claims["sub"], "local|ada");

    let only =
        TestAccessToken::new("local|ada").with_claim("may_act", serde_json::json!({ "sub": "worker" }));
    let only = shop.op.issue_access_token(only);
    assert_eq!(shop.exchange(&only, &acting(&first)).await.status, 200);
    shop.exchange(&only, &acting(&second)).await.assert_error(400, "invalid_request");
}

#[tokio::test]
async fn a_bound_token_is_exchanged_only_with_a_proof_of_its_key() {
    let shop = open().await;
    let key = shop.op.dpop_key();
    let bound = TestAccessToken::new("local|ada").bound_to(key.thumbprint());
    let bound = shop.op.issue_access_token(bound);
    shop.exchange(&bound, &[]).await.assert_error(400, "invalid_request");
    let form = [
        ("grant_type", TOKEN_EXCHANGE),
        ("subject_token", &bound),
        ("subject_token_type", ACCESS_TOKEN),
        ("audience", BILLING),
    ];
    let url = shop.op.url(Endpoint::Token);
    let proof = key.proof("POST", &url, None, None);
    let request = shop.http.post(&url).basic_auth("shop", Some(shop.op.client_secret())).form(&form);
    let answer = Answer::of(request.header("DPoP", proof).send().await.unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.text("token_type")), (200, "DPoP"));
}
