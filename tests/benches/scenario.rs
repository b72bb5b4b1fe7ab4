//! What the benches measure: one request through a router, by oneshot, with a real session's cookie.

use auth_layer::{AccessToken, User, public};
use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use axum::body::Body;
use axum::routing::get;
use axum::{Extension, Router};
use http::{HeaderValue, Request};
use tests::{Site, Visitor};
use tower::ServiceExt as _;

/// A router, and the cookies that each request brings.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    app: Router,
    path: &'static str,
    cookie: Option<HeaderValue>,
}

/// The scenarios of one logged-in user; the first is the bare one that all others are compared with.
pub(crate) async fn scenarios() -> (Site, Vec<Scenario>) {
    let site = Site::open().await;
    let ada = site.ada().await;
    let cookie = cookie_of(&ada);
    let handlers = Router::new()
        .route("/open", get(async || "open"))
        .route("/user", get(async |_: User| "open"))
        .route("/token", get(async |_: AccessToken| "open"));
    let bare = Router::new().route("/open", get(async || "open"));
    let layered = handlers.layer(site.auth.layer());
    let guarded = auth_layer::axum::Router::new().route("/open", auth_layer::axum::routing::get(open)).into();
    let scenario = |name, app: &Router, path, cookie: Option<&HeaderValue>| Scenario {
        name,
        app: app.clone(),
        path,
        cookie: cookie.cloned(),
    };
    let all = vec![
        scenario("bare axum handler", &bare, "/open", None),
        scenario("bare, with the session's cookie", &bare, "/open", Some(&cookie)),
        scenario("one Extension layer", &bare.clone().layer(Extension(7_u32)), "/open", None),
        scenario("public route behind the layer", &layered, "/open", None),
        scenario("public route behind the layer, with the cookie", &layered, "/open", Some(&cookie)),
        scenario("session request: User", &layered, "/user", Some(&cookie)),
        scenario("session request: AccessToken", &layered, "/token", Some(&cookie)),
        scenario("public handler of the guarded router", &guarded, "/open", None),
    ];
    (site, all)
}

#[public]
async fn open() -> &'static str {
    "open"
}

impl Scenario {
    /// Sends one request.
    pub(crate) async fn run(&self) {
        let mut request = Request::get(self.path);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie.clone());
        }
        let request = request.body(Body::empty()).expect("a sound request");
        let response = self.app.clone().oneshot(request).await.expect("a router does not fail");
        assert_eq!(response.status(), 200, "{}", self.name);
    }
}

/// Opening the seal of a cookie and nothing else: what no session request can do without.
pub(crate) struct SealFloor {
    key: LessSafeKey,
    sealed: Vec<u8>,
    buffer: Vec<u8>,
}

impl SealFloor {
    /// A seal of the same size as the one in the visitor's cookies.
    pub(crate) fn new(visitor: &Visitor) -> Self {
        let base64_bytes: usize = visitor.cookies().values().map(String::len).sum();
        let plaintext = base64_bytes * 3 / 4 - 33;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, &[7; 32]).expect("32 bytes"));
        let mut sealed = vec![7; plaintext];
        let nonce = Nonce::assume_unique_for_key([9; NONCE_LEN]);
        key.seal_in_place_append_tag(nonce, Aad::from(b"name"), &mut sealed).expect("it seals");
        Self { key, buffer: sealed.clone(), sealed }
    }

    /// How many bytes are opened.
    pub(crate) fn len(&self) -> usize {
        self.sealed.len()
    }

    /// Opens it once.
    pub(crate) fn open(&mut self) -> usize {
        self.buffer.copy_from_slice(&self.sealed);
        let nonce = Nonce::assume_unique_for_key([9; NONCE_LEN]);
        self.key.open_in_place(nonce, Aad::from(b"name"), &mut self.buffer).expect("it opens").len()
    }
}

fn cookie_of(visitor: &Visitor) -> HeaderValue {
    let cookies = visitor.cookies();
    let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    HeaderValue::try_from(pairs.join("; ")).expect("cookies are text")
}
