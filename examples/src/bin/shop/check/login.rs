//! Steps: logging in and out, and what the browser gets to see.

use http::{Method, StatusCode};

use super::visitor::Visitor;
use super::{Failure, Seen, Story, same};

pub(super) async fn anonymous(story: &Story) -> Seen {
    let call = story.ada.get("/api/products").await?.with_status(StatusCode::UNAUTHORIZED)?;
    same("the challenge", call.header("www-authenticate"), "Bearer")?;
    same("the body", call.header("content-type"), "application/problem+json")?;
    let page = story.ada.open("/products").await?.location()?;
    same("the page's redirect", page.as_str(), "/auth/login?returnTo=/products")?;
    let welcome = story.ada.open("/").await?.served()?;
    same("a login link on the home page", welcome.body.contains("id=\"login\""), true)?;
    Ok("a call gets 401, a page is sent to login, the home page offers it".to_owned())
}

pub(super) async fn log_in(visitor: &Visitor, subject: &str) -> Seen {
    let page = visitor.log_in("/products").await?.served()?;
    let products = page.body.matches("<li>").count();
    same("the number of products", products, 4)?;
    let session = visitor.session().await?;
    same("the subject", session["user"]["sub"].as_str(), Some(subject))?;
    let scopes: Vec<_> =
        session["scopes"].as_array().into_iter().flatten().filter_map(|s| s.as_str()).collect();
    let seconds = session["remaining_ms"].as_u64().unwrap_or_default().div_ceil(1_000);
    if !(200..=300).contains(&seconds) {
        return Err(Failure(format!("a new token lives 300 s, this one {seconds} s")));
    }
    let api: Vec<_> = scopes.into_iter().filter(|scope| scope.contains(':')).collect();
    Ok(format!("/products shows {products} products, {subject} has {} for {seconds} s", api.join(" ")))
}

pub(super) async fn no_token_in_the_browser(story: &Story) -> Seen {
    let paths = ["/", "/products", "/api/products", "/api/session", "/api/ledger", "/auth/profile"];
    for path in paths {
        let answer = story.ada.get(path).await?.served()?;
        same(&format!("a token in {path}"), holds_token(&answer.body), false)?;
        if !path.starts_with("/auth/") {
            let policy = answer.header("content-security-policy");
            same(&format!("a policy for {path}"), policy.starts_with("default-src 'none';"), true)?;
        }
    }
    let cookies = story.ada.cookies();
    same("a token in a cookie", cookies.values().any(|value| holds_token(value)), false)?;
    story.ada.get("/auth/access-token").await?.with_status(StatusCode::NOT_FOUND)?;
    Ok(format!(
        "in none of {} answers and {} cookies, and /auth/access-token is 404",
        paths.len(),
        cookies.len()
    ))
}

/// The tokens of the embedded provider are JWTs: three parts, the first two of which are JSON objects.
fn holds_token(text: &str) -> bool {
    let of_token = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    text.split(|letter| !of_token(letter)).any(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        parts.windows(2).any(|pair| pair.iter().all(|part| part.starts_with("eyJ")))
    })
}

pub(super) async fn log_out(story: &Story) -> Seen {
    let (ada, provider) = (&story.ada, &story.demo.provider);
    let (revoked, ended) = (provider.log_count("srrt"), provider.log_count("slo"));
    let stolen = ada.cookies();
    let at_provider = ada.call(Method::POST, "/auth/logout").await?.location()?;
    same("the way out", at_provider.starts_with(&provider.issuer()), true)?;
    let home = ada.open(&at_provider).await?.location()?;
    same("the way home", home.trim_end_matches('/'), story.base_url.as_str())?;
    same("refresh tokens revoked (srrt)", provider.log_count("srrt") - revoked, 1)?;
    same("sessions ended at the provider (slo)", provider.log_count("slo") - ended, 1)?;
    ada.get("/api/session").await?.with_status(StatusCode::UNAUTHORIZED)?;
    ada.restore(stolen);
    ada.get("/api/session").await?.with_status(StatusCode::UNAUTHORIZED)?;
    Ok("session gone, its old cookie refused, refresh token revoked, session at the provider ended"
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_in_a_page_and_not_in_a_sealed_cookie() {
        assert!(holds_token(r#"{"token":"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"}"#));
        assert!(!holds_token("AbeyJcd-eyJx_.eyJ"));
    }
}
