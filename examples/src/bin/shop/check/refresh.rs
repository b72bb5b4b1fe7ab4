//! Steps: an expired token is renewed once, whoever asks and whoever leaves.

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault, IdentityProvider};
use futures_util::future::join_all;
use http::{Method, StatusCode};

use super::visitor::Visitor;
use super::{Failure, Seen, Story, same};

pub(super) async fn in_parallel(story: &Story, requests: usize) -> Seen {
    let refreshes = Refreshes::counted_from(story);
    story.ada.call(Method::POST, "/api/demo/expire").await?.served()?;
    let answers = join_all((0..requests).map(|_| story.ada.get("/api/products"))).await;
    let served = served(answers)?;
    same("requests served", served, requests)?;
    same("refreshes at the provider", refreshes.so_far(), 1)?;
    Ok(format!("{served} served, 1 refresh at the provider"))
}

pub(super) async fn two_users(story: &Story) -> Seen {
    let refreshes = Refreshes::counted_from(story);
    story.demo.expire_tokens();
    let both = [(&story.ada, "local|ada", 2), (&story.bob, "local|bob", 1)];
    let asked = (0..50).map(|number| async move {
        let (visitor, subject, api_scopes) = both[number % 2];
        let session = visitor.session().await?;
        let scopes = session["scopes"].to_string().matches(":products").count();
        same("whose session", session["user"]["sub"].as_str(), Some(subject))?;
        same("whose scopes", scopes, api_scopes)
    });
    join_all(asked).await.into_iter().collect::<Result<Vec<()>, Failure>>()?;
    same("refreshes at the provider", refreshes.so_far(), 2)?;
    Ok("50 requests of ada and bob, 2 refreshes, each was given their own token".to_owned())
}

pub(super) async fn forced(story: &Story) -> Seen {
    let refreshes = Refreshes::counted_from(story);
    let before = story.ada.session().await?["expires_at"].as_u64();
    story.demo.clock.advance(Duration::from_secs(100));
    let after = story.ada.call(Method::POST, "/api/refresh").await?.served()?.json()?["expires_at"].as_u64();
    same("refreshes at the provider", refreshes.so_far(), 1)?;
    let later = after.zip(before).map_or(0, |(after, before)| after.saturating_sub(before));
    if later < 100 {
        return Err(Failure(format!("a new token ends 100 s later, this one {later} s")));
    }
    let next = story.ada.session().await?["expires_at"].as_u64();
    same("the end of the next request's token", next, after)?;
    Ok(format!("1 refresh, the new token ends {later} s later, and the next request has it"))
}

pub(super) async fn late(story: &Story) -> Seen {
    let refreshes = Refreshes::counted_from(story);
    let old = story.ada.cookies();
    story.demo.expire_tokens();
    story.ada.get("/api/products").await?.served()?;
    same("whether the refresh changed the cookie", story.ada.cookies() != old, true)?;
    story.ada.restore(old.clone());
    story.ada.get("/api/products").await?.served()?;
    same("refreshes at the provider", refreshes.so_far(), 1)?;
    same("whether it has the new cookie now", story.ada.cookies() != old, true)?;
    Ok("served with the new token, given the new cookie, 1 refresh in all".to_owned())
}

pub(super) async fn hang_ups(story: &Story) -> Seen {
    let provider = &story.demo.provider;
    let reused = provider.log_count("ferrt");
    let mut chance = Chance::new();
    let mut alive = 0;
    for round in 0..20 {
        let refreshes = Refreshes::counted_from(story);
        story.demo.expire_tokens();
        if round % 2 == 0 {
            // For certain in the middle: the provider has the request, and holds it.
            provider.fault_times(Endpoint::Token, Fault::HoldUntilReleased, 1);
            hang_up(&story.ada, provider.wait_until_held(1)).await?;
            provider.release();
        } else {
            provider.fault_times(Endpoint::Token, Fault::Delay(Duration::from_millis(10)), 1);
            hang_up(&story.ada, tokio::time::sleep(chance.up_to(Duration::from_millis(20)))).await?;
        }
        let next = story.ada.get("/api/products").await?;
        alive += usize::from(next.status == StatusCode::OK);
        same(&format!("refreshes in round {round}"), refreshes.so_far(), 1)?;
        provider.clear_faults();
    }
    same("sessions alive", alive, 20)?;
    same("refresh tokens reused (ferrt)", provider.log_count("ferrt") - reused, 0)?;
    Ok(format!("{alive} sessions alive, 1 refresh each, no refresh token used twice"))
}

/// Sends a request and closes its connection when `moment` has come, unless it was answered before.
async fn hang_up(visitor: &Visitor, moment: impl Future<Output = ()>) -> Result<(), Failure> {
    tokio::select! {
        // An answer that came first is thrown away, cookies and all: it never reached the browser.
        () = moment => Ok(()),
        answer = visitor.get_and_forget("/api/products") => answer,
    }
}

fn served(answers: Vec<Result<super::visitor::Answer, Failure>>) -> Result<usize, Failure> {
    let mut served = 0;
    for answer in answers {
        served += usize::from(answer?.status == StatusCode::OK);
    }
    Ok(served)
}

/// Refresh requests at the provider's token endpoint, since a moment.
pub(super) struct Refreshes<'a>(&'a IdentityProvider, usize);

impl<'a> Refreshes<'a> {
    pub(super) fn counted_from(story: &'a Story) -> Self {
        let provider = &story.demo.provider;
        Self(provider, provider.token_calls("refresh_token"))
    }

    pub(super) fn so_far(&self) -> usize {
        self.0.token_calls("refresh_token") - self.1
    }
}

/// Moments by chance (a linear congruential generator: it has no secret to keep).
struct Chance(u64);

impl Chance {
    fn new() -> Self {
        Self(u64::from(std::process::id()))
    }

    fn up_to(&mut self, longest: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = u32::try_from(self.0 >> 40).unwrap_or(0);
        longest * share / (1 << 24)
    }
}
