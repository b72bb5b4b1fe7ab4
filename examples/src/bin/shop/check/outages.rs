//! Steps: the provider's token endpoint is down, and the session stays.

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault};
use http::StatusCode;

use super::refresh::Refreshes;
use super::{Failure, Seen, Story, same};

pub(super) async fn living_token(story: &Story) -> Seen {
    let (bob, demo) = (&story.bob, &story.demo);
    let session = bob.session().await?;
    let remaining = Duration::from_millis(session["remaining_ms"].as_u64().unwrap_or_default());
    demo.provider.fault(Endpoint::Token, Fault::DropConnection);
    demo.clock.advance(remaining.saturating_sub(SPARE));
    let refreshes = Refreshes::counted_from(story);
    let outcome = bob.get("/api/products").await;
    let after = bob.session().await;
    let tried = refreshes.so_far();
    demo.provider.clear_faults();
    outcome?.served()?;
    same("the token's end", &after?["expires_at"], &session["expires_at"])?;
    same("refreshes tried", tried, 1)?;
    Ok(format!("served with {} s to live, 1 refresh tried, session kept", SPARE.as_secs()))
}

pub(super) async fn expired_token(story: &Story) -> Seen {
    let (bob, demo) = (&story.bob, &story.demo);
    demo.provider.fault(Endpoint::Token, Fault::DropConnection);
    demo.expire_tokens();
    let refused = bob.get("/api/products").await;
    demo.provider.clear_faults();
    let refused = refused?.with_status(StatusCode::SERVICE_UNAVAILABLE)?;
    let wait: u64 = refused.header("retry-after").parse().unwrap_or_default();
    if wait == 0 {
        return Err(Failure("a 503 says when to come again, this one does not".to_owned()));
    }
    demo.clock.advance(Duration::from_secs(wait));
    bob.get("/api/products").await?.served()?;
    Ok(format!("503, come again in {wait} s; after that served, session kept"))
}

/// Less than the minute before the end in which a token is renewed early.
const SPARE: Duration = Duration::from_secs(30);
