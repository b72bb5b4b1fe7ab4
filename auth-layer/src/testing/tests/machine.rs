//! Client credentials and their quota.

use std::time::Duration;

use super::*;

const CLIENT_QUOTA: &str = "auth0-client-quota-limit";

async fn machine_token(shop: &Shop, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![("grant_type", "client_credentials")];
    form.extend(more);
    shop.token(&form).await
}

#[tokio::test]
async fn a_client_gets_a_token_as_itself_without_refresh_or_id_token() {
    let shop = Shop::open().await;
    let asked = [("audience", API), ("scope", "read:products read:secrets openid")];
    let answer = machine_token(&shop, &asked).await;
    assert_eq!(answer.text("scope"), "read:products");
    let [header, claims] = decoded(answer.text("access_token"));
    assert_eq!((&header["typ"], &claims["sub"]), (&"at+jwt".into(), &"shop".into()));
    assert_eq!(claims["client_id"], "shop");
    assert!(answer.body.get("refresh_token").is_none() && answer.body.get("id_token").is_none());
    let event = &shop.op.log()[0];
    assert_eq!(event.code, "seccft");
    assert_eq!(event.audience.as_deref(), Some(API));
    assert_eq!(event.scope.as_deref(), Some("read:products"));
    machine_token(&shop, &[]).await.assert_error(400, "invalid_request");
    assert_eq!(shop.op.log_count("feccft"), 1);
}

#[tokio::test]
async fn the_quota_is_told_on_200_and_on_429_and_comes_back_with_the_hour() {
    let shop = Shop::with(|builder| builder.machine_quota(2, 3)).await;
    let asked = [("audience", API)];
    shop.clock.advance(Duration::from_secs(600));
    for expected in [
        "b=per_hour;q=2;r=1;t=3000,b=per_day;q=3;r=2;t=85800",
        "b=per_hour;q=2;r=0;t=3000,b=per_day;q=3;r=1;t=85800",
    ] {
        let answer = machine_token(&shop, &asked).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.headers[CLIENT_QUOTA]),
            (200, &expected.parse().unwrap())
        );
    }
    let refused = machine_token(&shop, &asked).await;
    refused.assert_error(429, "too_many_requests");
    assert_eq!(refused.headers["retry-after"], "3000");
    assert_eq!(refused.headers[CLIENT_QUOTA], "b=per_hour;q=2;r=0;t=3000,b=per_day;q=3;r=1;t=85800");
    assert_eq!((shop.op.log_count("seccft"), shop.op.log_count("api_limit")), (2, 1));

    shop.clock.advance(Duration::from_secs(3_000));
    assert_eq!(machine_token(&shop, &asked).await.status, 200);
    let day = machine_token(&shop, &asked).await;
    assert_eq!(day.headers["retry-after"], "82800", "the day is used up");
}

#[tokio::test]
async fn an_organization_has_its_own_quota() {
    let shop = Shop::with(|builder| builder.machine_quota(5, 50)).await;
    machine_token(&shop, &[("audience", API)]).await;
    let answer = machine_token(&shop, &[("audience", API), ("organization", "org_1")]).await;
    let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    assert!(header(CLIENT_QUOTA).starts_with("b=per_hour;q=5;r=3;"));
    assert!(header("auth0-organization-quota-limit").starts_with("b=per_hour;q=5;r=4;"));
    assert_eq!(decoded(answer.text("access_token"))[1]["org_id"], "org_1");
}

#[tokio::test]
async fn the_management_api_and_the_grants_of_people_cost_no_quota() {
    let shop = Shop::with(|builder| builder.machine_quota(1, 1)).await;
    let management = format!("{}/api/v2/", shop.op.issuer());
    for _ in 0..3 {
        let answer = machine_token(&shop, &[("audience", &management)]).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.headers.contains_key(CLIENT_QUOTA));
        assert_eq!(shop.tokens(&User::ada(), &[]).await.status, 200);
    }
    assert_eq!(machine_token(&shop, &[("audience", API)]).await.status, 200);
}
