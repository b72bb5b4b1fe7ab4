//! The tenant log as Auth0 gives it: the export, and the Management API's endpoint.

use std::time::Duration;

use super::*;

impl Shop {
    async fn management_token(&self) -> String {
        let management = format!("{}/api/v2/", self.op.issuer());
        let asked = [("grant_type", "client_credentials"), ("audience", management.as_str())];
        self.token(&asked).await.text("access_token").to_owned()
    }

    async fn logs(&self, token: &str, query: &str) -> Answer {
        let request = self.http.get(format!("{}{query}", self.op.url(Endpoint::Logs)));
        Answer::of(request.bearer_auth(token).send().await.unwrap()).await
    }
}

fn types(events: &Value) -> Vec<&str> {
    events.as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_export_has_the_members_and_the_forms_of_auth0s_log() {
    let shop = Shop::open().await;
    shop.tokens(&User::ada(), &[]).await;
    shop.clock.advance(Duration::from_millis(1_007));
    let asked = [("grant_type", "client_credentials"), ("audience", API), ("organization", "org_1")];
    assert_eq!(shop.token(&asked).await.status, 200);
    let export = shop.op.export_log();
    let events: Vec<Value> = export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(types(&events.clone().into()), ["s", "seacft", "seccft"]);
    assert_eq!((&events[1]["user_id"], &events[1]["audience"]), (&"local|ada".into(), &API.into()));
    assert!(events[1].get("organization_id").is_none());
    let machine = &events[2];
    assert_eq!(machine["date"], "2027-01-15T08:00:01.007Z");
    assert_eq!((&machine["client_id"], &machine["organization_id"]), (&"shop".into(), &"org_1".into()));
    assert_eq!(machine["scope"], "read:products write:products");
    let ids: Vec<&str> = events.iter().map(|event| event["log_id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted_by(|earlier, later| earlier < later), "{ids:?}");
}

#[tokio::test]
async fn the_log_is_read_in_pages_newest_first_or_oldest_first() {
    let shop = Shop::open().await;
    for _ in 0..2 {
        shop.tokens(&User::ada(), &[]).await;
    }
    let token = shop.management_token().await;
    let newest_first = ["seccft", "seacft", "s", "seacft", "s"];
    assert_eq!(types(&shop.logs(&token, "").await.body), newest_first);
    assert_eq!(types(&shop.logs(&token, "?sort=date:-1&per_page=100").await.body), newest_first);
    let mut pages = Vec::new();
    for page in 0..4 {
        let answer = shop.logs(&token, &format!("?sort=date:1&per_page=2&page={page}")).await;
        pages.push(answer.body.as_array().unwrap().clone());
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1, 0]);
    assert_eq!(types(&pages.concat().into()), ["s", "seacft", "s", "seacft", "seccft"]);
    for query in ["?per_page=101", "?per_page=-1", "?page=x", "?sort=type:1", "?page=1&page=2"] {
        let refused = shop.logs(&token, query).await;
        assert_eq!(
            (refused.status, &refused.body["statusCode"]),
            (StatusCode::BAD_REQUEST, &400.into()),
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_log_is_refused_to_whoever_has_no_client_token_of_the_management_api() {
    let shop = Shop::open().await;
    let anonymous = shop.get(Endpoint::Logs).await;
    assert_eq!(
        (anonymous.status.as_u16(), &anonymous.headers["www-authenticate"]),
        (401, &"Bearer".parse().unwrap())
    );

    let elsewhere = shop.token(&[("grant_type", "client_credentials"), ("audience", API)]).await;
    let token = shop.management_token().await;
    for other in [elsewhere.text("access_token"), "made-up"] {
        let refused = shop.logs(other, "").await;
        let challenge = &refused.headers["www-authenticate"];
        assert_eq!(
            (refused.status.as_u16(), challenge),
            (401, &"Bearer error=\"invalid_token\"".parse().unwrap())
        );
    }
    // A person gets a token for the Management API, and may not read the log with it.
    let management = format!("{}/api/v2/", shop.op.issuer());
    let person = shop.tokens(&User::ada(), &[("audience", &management), ("scope", "openid read:logs")]).await;
    let refused = shop.logs(person.text("access_token"), "").await;
    assert_eq!(refused.status, 403, "{}", refused.body);

    assert_eq!(shop.logs(&token, "").await.status, 200);
    shop.clock.advance(Duration::from_secs(3_601));
    assert_eq!(shop.logs(&token, "").await.status, 401, "the token has ended");
}
