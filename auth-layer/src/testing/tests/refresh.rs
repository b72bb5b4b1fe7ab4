//! Refresh tokens: rotation, reuse, scope and audience.

use std::time::Duration;

use super::*;
use crate::testing::Rotation;

#[tokio::test]
async fn strict_rotation_lets_a_reused_token_kill_its_family() {
    let shop = Shop::open().await;
    let first = shop.tokens(&User::ada(), &[]).await;
    let second = shop.refresh(first.text("refresh_token")).await;
    assert_ne!(first.text("refresh_token"), second.text("refresh_token"));
    let reused = shop.refresh(first.text("refresh_token")).await;
    reused.assert_error(400, "invalid_grant");
    let sibling = shop.refresh(second.text("refresh_token")).await;
    sibling.assert_error(400, "invalid_grant");
    assert!(!shop.is_active(second.text("access_token")).await);
    assert_eq!(shop.op.log_count("sertft"), 1);
    assert_eq!(shop.op.log_count("ferrt"), 2);
    assert_eq!(shop.op.token_calls("refresh_token"), 3);
}

#[tokio::test]
async fn a_family_that_dies_leaves_other_families_alone() {
    let shop = Shop::open().await;
    let here = shop.tokens(&User::ada(), &[]).await;
    let there = shop.tokens(&User::ada(), &[]).await;
    shop.refresh(here.text("refresh_token")).await;
    shop.refresh(here.text("refresh_token")).await.assert_error(400, "invalid_grant");
    assert_eq!(shop.refresh(there.text("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn overlap_accepts_a_used_token_for_a_while() {
    let overlap = Duration::from_secs(30);
    let shop = Shop::with(|builder| builder.rotation(Rotation::Overlap(overlap))).await;
    let first = shop.tokens(&User::ada(), &[]).await;
    let second = shop.refresh(first.text("refresh_token")).await;
    shop.clock.advance(overlap);
    let again = shop.refresh(first.text("refresh_token")).await;
    assert_eq!(again.status, 200);
    assert_ne!(again.text("refresh_token"), second.text("refresh_token"));
    shop.clock.advance(Duration::from_millis(1));
    let late = shop.refresh(first.text("refresh_token")).await;
    late.assert_error(400, "invalid_grant");
    for answer in [second, again] {
        shop.refresh(answer.text("refresh_token")).await.assert_error(400, "invalid_grant");
    }
}

#[tokio::test]
async fn without_rotation_the_answer_carries_no_refresh_token() {
    let shop = Shop::with(|builder| builder.rotation(Rotation::Never)).await;
    let first = shop.tokens(&User::ada(), &[]).await;
    for _ in 0..3 {
        let answer = shop.refresh(first.text("refresh_token")).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.get("refresh_token").is_none());
    }
}

#[tokio::test]
async fn a_refreshed_id_token_keeps_subject_session_and_login_time_and_has_no_nonce() {
    let shop = Shop::open().await;
    let first = shop.tokens(&User::ada(), &[]).await;
    shop.clock.advance(Duration::from_secs(3_600));
    let second = shop.refresh(first.text("refresh_token")).await;
    let [_, before] = decoded(first.text("id_token"));
    let [_, after] = decoded(second.text("id_token"));
    for claim in ["iss", "sub", "aud", "sid", "auth_time"] {
        assert_eq!(before[claim], after[claim], "{claim}");
    }
    assert_eq!(after["iat"], 1_800_003_600);
    assert!(after.get("nonce").is_none());
}

#[tokio::test]
async fn scope_may_narrow_one_access_token_and_never_widen() {
    let shop = Shop::open().await;
    let first = shop.tokens(&User::ada(), &[("scope", "offline_access read:products")]).await;
    let with_scope = async |token: &str, scope: &str| {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
        shop.token(&form).await
    };
    let wide = with_scope(first.text("refresh_token"), "read:products write:products").await;
    wide.assert_error(400, "invalid_scope");
    let narrow = with_scope(first.text("refresh_token"), "read:products").await;
    assert_eq!(narrow.text("scope"), "read:products", "the refusal has not spent the token");
    let whole = shop.refresh(narrow.text("refresh_token")).await;
    assert_eq!(whole.text("scope"), "offline_access read:products");
}

#[tokio::test]
async fn one_refresh_token_gets_tokens_for_several_apis() {
    let billing = "https://billing.example";
    let shop = Shop::with(|builder| builder.add_api(billing, &["read:invoices"])).await;
    let scope = "offline_access read:products read:invoices";
    let first = shop.tokens(&User::ada(), &[("scope", scope)]).await;
    assert_eq!(first.text("scope"), "offline_access read:products");
    for parameter in ["audience", "resource"] {
        let first = shop.tokens(&User::ada(), &[("scope", scope)]).await;
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", first.text("refresh_token")),
            (parameter, billing),
        ];
        let answer = shop.token(&form).await;
        assert_eq!(answer.text("scope"), "offline_access read:invoices");
        assert_eq!(decoded(answer.text("access_token"))[1]["aud"], billing);
    }
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", first.text("refresh_token")),
        ("resource", "https://unknown.example"),
    ];
    shop.token(&form).await.assert_error(400, "invalid_target");
}

#[tokio::test]
async fn a_refresh_token_ends_with_its_lifetime_with_its_revocation_and_by_an_administrator() {
    let shop = Shop::with(|builder| builder.refresh_token_lifetime(Duration::from_secs(60))).await;
    let old = shop.tokens(&User::ada(), &[]).await;
    shop.clock.advance(Duration::from_secs(60));
    shop.refresh(old.text("refresh_token")).await.assert_error(400, "invalid_grant");

    let revoked = shop.tokens(&User::ada(), &[]).await;
    let form = [("token", revoked.text("refresh_token"))];
    assert_eq!(shop.post(Endpoint::Revocation, &form).await.status, 200);
    shop.refresh(revoked.text("refresh_token")).await.assert_error(400, "invalid_grant");
    assert!(!shop.is_active(revoked.text("access_token")).await);

    let dismissed = shop.tokens(&User::ada(), &[]).await;
    shop.op.revoke_grants(&User::ada());
    shop.refresh(dismissed.text("refresh_token")).await.assert_error(400, "invalid_grant");
}
