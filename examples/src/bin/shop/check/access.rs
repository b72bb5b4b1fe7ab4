//! Steps: who may do what, what other sites may not, and what it cost.

use auth_layer::testing::{Endpoint, TestAccessToken, User};
use futures_util::future::join_all;
use http::StatusCode;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::visitor::Visitor;
use super::{Failure, Seen, Story, same};
use crate::scopes;

pub(super) async fn may_write(story: &Story) -> Seen {
    let before = products(&story.ada).await?;
    story.ada.post("/api/products", &abacus()).await?.with_status(StatusCode::CREATED)?;
    let after = products(&story.ada).await?;
    same("the number of products", after, before + 1)?;
    Ok(format!("POST /api/products is 201, and there are {after} products"))
}

pub(super) async fn may_not_write(story: &Story) -> Seen {
    let before = products(&story.bob).await?;
    let refused = story.bob.post("/api/products", &abacus()).await?.with_status(StatusCode::FORBIDDEN)?;
    let problem = refused.json()?;
    same("the error", problem["error"].as_str(), Some("insufficient_scope"))?;
    same("the missing scopes", &problem["missing_scopes"], &json!(["write:products"]))?;
    let challenge = refused.header("www-authenticate");
    same("the challenge", challenge, r#"Bearer error="insufficient_scope", scope="write:products""#)?;
    same("the number of products", products(&story.bob).await?, before)?;
    Ok("403 insufficient_scope, missing write:products, and nothing was added".to_owned())
}

pub(super) async fn cross_site(story: &Story) -> Seen {
    let before = products(&story.ada).await?;
    let refused = story.ada.post_from_elsewhere("/api/products", &abacus()).await?;
    refused.with_status(StatusCode::FORBIDDEN)?;
    let logout = story.ada.post_from_elsewhere("/auth/logout", &json!({})).await?;
    logout.with_status(StatusCode::FORBIDDEN)?;
    same("the number of products", products(&story.ada).await?, before)?;
    Ok("403 for a product and for a logout, nothing was added, and ada is still logged in".to_owned())
}

pub(super) async fn api_believes_nobody(story: &Story) -> Seen {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let address = format!("{}/products", story.api_url);
    // A token of the same provider and the same person, for another API.
    let elsewhere = TestAccessToken::new(User::ada().subject()).with_audience("https://other.example");
    let elsewhere = format!("Bearer {}", story.demo.provider.issue_access_token(elsewhere));
    let cases = [
        ("no token", None, ""),
        ("a password", Some("Basic YWRhOmFkYQ=="), ""),
        ("a made-up token", Some("Bearer made-up"), r#", error="invalid_token""#),
        ("another API's token", Some(elsewhere.as_str()), r#", error="invalid_token""#),
    ];
    let about = format!(
        r#"Bearer realm="{}", resource_metadata="{}/.well-known/oauth-protected-resource""#,
        scopes::AUDIENCE,
        story.api_url
    );
    for (what, credentials, error) in cases {
        let mut request = client.get(&address);
        if let Some(credentials) = credentials {
            request = request.header(AUTHORIZATION, credentials);
        }
        let answer = request.send().await?;
        same(what, answer.status(), StatusCode::UNAUTHORIZED)?;
        let seen = answer.headers().get("www-authenticate").and_then(|value| value.to_str().ok());
        same(what, seen, Some(format!("{about}{error}").as_str()))?;
    }
    let provider = &story.demo.provider;
    same("tokens that the API asked the provider about", provider.calls(Endpoint::Introspection), 0)?;
    Ok("401 without a token, with a password, with a made-up token, and with another API's".to_owned())
}

/// The worker's token is the shop's own: one for all runs, and the only kind that costs M2M quota.
pub(super) async fn worker(story: &Story) -> Seen {
    let provider = &story.demo.provider;
    let (tokens, refreshes) = (provider.log_count("seccft"), provider.log_count("sertft"));
    let runs = join_all((0..20).map(|_| story.bob.post("/api/demo/work", &Value::Null))).await;
    let mut products = 0;
    for run in runs {
        let done = run?.served()?.json()?;
        same("why it could not", &done["failure"], &Value::Null)?;
        same("its scopes", &done["scopes"], &json!(["read:products"]))?;
        products = done["products"].as_u64().unwrap_or_default();
    }
    same("tokens of the shop itself (seccft)", provider.log_count("seccft") - tokens, 1)?;
    same("refreshes of users", provider.log_count("sertft") - refreshes, 0)?;
    Ok(format!("{products} products counted 20 times, with one token (seccft=1)"))
}

/// The ledger counts what the provider counts: what users did costs no M2M quota, what the worker did does.
pub(super) async fn ledger(story: &Story) -> Seen {
    let provider = &story.demo.provider;
    let ledger = story.bob.get("/api/ledger").await?.served()?.json()?;
    let mut counts = Vec::new();
    for code in ["s", "seacft", "sertft", "seccft", "feacft", "fertft"] {
        let here = count(&ledger, code);
        same(
            &format!("{code} in the ledger and in the provider's log"),
            here,
            provider.log_count(code) as u64,
        )?;
        counts.push((code, here));
    }
    same("logins", count(&ledger, "seacft"), 3)?;
    same("tokens of the shop itself (seccft)", count(&ledger, "seccft"), 1)?;
    let quota = ledger["m2m_quota_consumed"].as_u64();
    same("M2M quota consumed", quota, Some(1))?;
    let of_users = ledger["lines"].as_array().into_iter().flatten();
    let of_users =
        of_users.filter(|line| line["grant"] != "client_credentials" && line["quota"] != "not_counted");
    same("lines of users that cost quota", of_users.count(), 0)?;
    let written: Vec<_> = counts[..4].iter().map(|(code, count)| format!("{code}={count}")).collect();
    Ok(format!("{}, equal in both; M2M quota consumed: 0 by users, 1 by the worker", written.join(", ")))
}

fn count(ledger: &Value, code: &str) -> u64 {
    let lines = ledger["lines"].as_array().into_iter().flatten();
    lines.filter(|line| line["log_code"] == code).filter_map(|line| line["count"].as_u64()).sum()
}

async fn products(visitor: &Visitor) -> Result<usize, Failure> {
    let products = visitor.get("/api/products").await?.served()?.json()?;
    products.as_array().map(Vec::len).ok_or_else(|| Failure("the products are no list".to_owned()))
}

fn abacus() -> Value {
    json!({ "name": "Abacus, walnut", "price_cents": 4_950 })
}
