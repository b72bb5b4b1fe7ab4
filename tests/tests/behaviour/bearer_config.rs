//! A configuration of a resource server that cannot work: what is wrong, and what to write instead.

use std::collections::HashMap;
use std::time::Duration;

use auth_layer::config::{
    ClaimPath, ClientAuthentication, ConfigError, DpopPolicy, ResourceServerConfig,
    ResourceServerConfigBuilder, TrustedIssuer,
};
use auth_layer::testing::{IdentityProvider, TestAccessToken};
use http::StatusCode;
use tests::{Api, SHOP};

const OP: &str = "https://op.example";
const SECOND: Duration = Duration::from_secs(1);

fn trusting(change: impl FnOnce(TrustedIssuer) -> TrustedIssuer) -> ResourceServerConfigBuilder {
    ResourceServerConfig::builder(SHOP).add_issuer(change(TrustedIssuer::new(OP)))
}

fn config(
    change: impl FnOnce(ResourceServerConfigBuilder) -> ResourceServerConfigBuilder,
) -> ResourceServerConfigBuilder {
    change(trusting(|issuer| issuer))
}

fn of_audience(audience: &str) -> ResourceServerConfigBuilder {
    ResourceServerConfig::builder(audience).add_issuer(TrustedIssuer::new(OP))
}

fn of_issuer(issuer: &str) -> ResourceServerConfigBuilder {
    ResourceServerConfig::builder(SHOP).add_issuer(TrustedIssuer::new(issuer))
}

fn dpop(policy: DpopPolicy) -> ResourceServerConfigBuilder {
    config(|config| config.with_base_url("https://api.shop.example").with_dpop(policy))
}

#[track_caller]
fn assert_refused(table: Vec<(ResourceServerConfigBuilder, &str)>) {
    for (builder, message) in table {
        let error = builder.build().map(drop).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(format!("{error:?}"), message, "it is what a main that returns it prints");
    }
}

const AUDIENCE: &str = "write the API's identifier as the provider writes it into `aud`";
const ISSUER: &str = "write it as the provider's metadata does, such as https://tenant.eu.auth0.com/";

#[test]
fn whose_tokens_are_taken_is_said_and_said_once() {
    let client = |name: &str| TrustedIssuer::new(name).with_introspection("api", "secret");
    assert_refused(vec![
        (
            ResourceServerConfig::builder(SHOP),
            "a trusted issuer is missing: add_issuer(TrustedIssuer::new(\"https://op.example\")), or AUTH_ISSUER",
        ),
        (of_audience(""), &format!("audience \"\" is empty: {AUDIENCE}")),
        (
            of_audience("https://api\n.example"),
            &format!("audience \"https://api\\n.example\" cannot be written in a challenge: {AUDIENCE}"),
        ),
        (
            of_audience("h\u{e9}"),
            &format!("audience \"h\u{e9}\" cannot be written in a challenge: {AUDIENCE}"),
        ),
        (trusting(|issuer| issuer.add_audience("")), &format!("audience \"\" is empty: {AUDIENCE}")),
        (of_issuer("op.example"), &format!("issuer \"op.example\" is no URL: {ISSUER}")),
        (
            of_issuer("http://op.example"),
            "issuer \"http://op.example\" must be https: use https, or danger_allow_http_urls() in a test network",
        ),
        (
            of_issuer("https://op.example/?a"),
            &format!("issuer \"https://op.example/?a\" has more than an origin and a path: {ISSUER}"),
        ),
        (
            of_issuer("https://op.example/.well-known/openid-configuration"),
            &format!(
                "issuer \"https://op.example/.well-known/openid-configuration\" is the address of the metadata: {ISSUER}"
            ),
        ),
        (
            of_issuer("https://ada:hunter22@op.example"),
            &format!("the issuer has a username or a password: {ISSUER}"),
        ),
        (
            config(|config| config.add_issuer(TrustedIssuer::new(OP))),
            "issuer \"https://op.example\" is trusted twice: add it once, with every audience that it issues tokens for",
        ),
        (
            ResourceServerConfig::builder(SHOP)
                .add_issuer(client("https://a.example"))
                .add_issuer(client("https://b.example")),
            "introspection is asked of two issuers, and an opaque token does not say whose it is: \
             introspect at one of them: a token is shown to nobody but its own issuer",
        ),
    ]);
}

#[test]
fn what_is_expected_of_tokens_makes_sense() {
    assert_refused(vec![
        (
            trusting(|issuer| issuer.with_algorithms([])),
            "algorithms of \"https://op.example\" are none: name at least one, or leave the list out",
        ),
        (
            trusting(|issuer| issuer.with_scope_claims([])),
            "scope claims of \"https://op.example\" lack a name: name a claim, such as ClaimPath::named(\"scope\")",
        ),
        (
            trusting(|issuer| issuer.with_scope_claims([ClaimPath::at_path(["realm_access", ""])])),
            "scope claims of \"https://op.example\" lack a name: name a claim, such as ClaimPath::named(\"scope\")",
        ),
        (
            trusting(|issuer| issuer.with_introspection("", "secret")),
            "the introspection client's id is missing: register this API as a client with a secret (RFC 7662 §2.1)",
        ),
        (
            trusting(|issuer| issuer.with_introspection("api", "")),
            "the introspection client's secret is empty: register this API as a client with a secret (RFC 7662 §2.1)",
        ),
        (
            trusting(|issuer| issuer.with_introspection_as("api", ClientAuthentication::None)),
            "the introspection client has no secret: register this API as a client with a secret (RFC 7662 §2.1)",
        ),
        (
            trusting(|issuer| issuer.with_introspection_endpoint("https://op.example/introspect")),
            "introspection endpoint \"https://op.example/introspect\" lacks a client: \
             add with_introspection(client_id, client_secret): an issuer answers known clients only",
        ),
        (
            trusting(|issuer| {
                issuer.with_introspection("api", "s").with_introspection_endpoint("http://op.example/i")
            }),
            "introspection endpoint \"http://op.example/i\" must be https: write an https URL",
        ),
        (
            trusting(|issuer| issuer.with_jwks_uri("jwks.json")),
            "JWKS URI \"jwks.json\" is no URL: write an https URL",
        ),
        (
            trusting(|issuer| issuer.with_jwks_uri("file:///etc/passwd")),
            "JWKS URI \"file:///etc/passwd\" must be https: write an https URL",
        ),
        (
            trusting(|issuer| issuer.with_jwks_uri("https://ada:hunter22@op.example/")),
            "JWKS URI has a username or a password: write an https URL",
        ),
    ]);
}

#[test]
fn what_is_published_has_a_place_and_dpop_has_an_address() {
    let nonce_key =
        "the DPoP nonce key has fewer than 32 bytes: set it to the output of `openssl rand -hex 32`";
    assert_refused(vec![
        (
            config(|config| config.with_name("Shop")),
            "name \"Shop\" is published nowhere: add with_base_url(..), under which the metadata is served",
        ),
        (
            config(|config| config.with_documentation("https://docs.example")),
            "documentation \"https://docs.example\" is published nowhere: \
             add with_base_url(..), under which the metadata is served",
        ),
        (
            config(|config| config.add_scope("read:products")),
            "scope \"read:products\" is published nowhere: add with_base_url(..), under which the metadata is served",
        ),
        (
            config(|config| config.with_base_url("https://api.example").with_documentation("docs")),
            "documentation \"docs\" is no URL: write an https URL",
        ),
        (
            config(|config| config.with_base_url("http://api.example")),
            "base URL \"http://api.example\" must be https: \
             use https, http on loopback, or danger_allow_http_urls() in a test network",
        ),
        (
            config(|config| config.with_base_url("https://api.example/?a=1")),
            "base URL \"https://api.example/?a=1\" has more than an origin and a path: \
             write the address that users type, such as https://app.example",
        ),
        (
            config(|config| config.with_dpop(DpopPolicy::new())),
            "the base URL that DPoP needs is missing: \
             add with_base_url(\"https://api.example\"): a proof names the address that it was made for",
        ),
        (
            dpop(DpopPolicy::new().with_max_age(Duration::ZERO)),
            "age of a DPoP proof \"0ns\" is out of bounds: choose between 1s and 60s",
        ),
        (
            dpop(DpopPolicy::new().with_max_age(SECOND * 61)),
            "age of a DPoP proof \"61s\" is out of bounds: choose between 1s and 60s",
        ),
        (dpop(DpopPolicy::new().with_nonce_key("0123456789abcdef0123456789abcde")), nonce_key),
    ]);
}

#[test]
fn times_and_sizes_are_bounded() {
    type Bound = (fn(Duration) -> ResourceServerConfigBuilder, &'static str, &'static str, u64, u64);
    let bounds: [Bound; 5] = [
        (|time| config(|config| config.with_clock_skew(time)), "clock skew", "0ns and 60s", 0, 60_000),
        (
            |time| config(|config| config.with_introspection_cache(time)),
            "introspection cache",
            "0ns and 3600s",
            0,
            3_600_000,
        ),
        (
            |time| config(|config| config.with_stale_keys(time)),
            "age of stale keys",
            "600s and 604800s",
            600_000,
            604_800_000,
        ),
        (
            |time| config(|config| config.with_connect_timeout(time)),
            "connect timeout",
            "100ms and 60s",
            100,
            60_000,
        ),
        (|time| config(|config| config.with_timeout(time)), "timeout", "100ms and 120s", 100, 120_000),
    ];
    for (build, what, between, least, most) in bounds {
        for (millis, good) in
            [(least, true), (most, true), (most + 1, false), (least.wrapping_sub(1), least == 0)]
        {
            let time = Duration::from_millis(if millis == u64::MAX { 0 } else { millis });
            let built = build(time).build().map(drop);
            let message = format!("{what} \"{time:?}\" is out of bounds: choose between {between}");
            assert_eq!(built.map_err(|error| error.to_string()), if good { Ok(()) } else { Err(message) });
        }
    }
    for (bytes, good) in [(0, true), (1, false), ((1 << 20) - 1, false), (1 << 20, true)] {
        let built = config(|config| config.with_token_cache_bytes(bytes)).build().map(drop);
        let message = format!(
            "token cache of \"{bytes}\" bytes is too small: give it 1 MiB or more, or 0 to turn it off"
        );
        assert_eq!(built.map_err(|error| error.to_string()), if good { Ok(()) } else { Err(message) });
    }
}

#[test]
fn danger_allows_plain_http_and_no_other_scheme() {
    let of = |issuer: &str, jwks_uri: &str| {
        let issuer = TrustedIssuer::new(issuer).with_jwks_uri(jwks_uri);
        ResourceServerConfig::builder(SHOP).add_issuer(issuer).danger_allow_http_urls().build()
    };
    assert!(of("http://op.internal", "http://op.internal/jwks").is_ok());
    for jwks_uri in ["file:///etc/passwd", "ftp://op.internal/jwks", "data:application/json,{}"] {
        assert!(of("http://op.internal", jwks_uri).is_err(), "{jwks_uri}");
    }
}

fn from(variables: &[(&str, &str)]) -> Result<ResourceServerConfig, ConfigError> {
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    ResourceServerConfig::builder_from(|name| variables.get(name).map(|value| (*value).to_owned()))?.build()
}

#[test]
fn an_environment_that_lacks_something_says_what() {
    let both = [("AUTH_ISSUER", OP), ("AUTH_AUDIENCE", SHOP)];
    let with = |more: (&'static str, &'static str)| [&both[..], &[more]].concat();
    let issuer = "AUTH_ISSUER is missing: set it to the issuer whose tokens are taken";
    let audience = "AUTH_AUDIENCE is missing: set it to the API's identifier, as tokens have it in `aud`";
    for (variables, message) in [
        (vec![], format!("{issuer}; {audience}")),
        (vec![("AUTH_ISSUER", ""), ("AUTH_AUDIENCE", SHOP)], issuer.to_owned()),
        (vec![("AUTH0_DOMAIN", "tenant.eu.auth0.com")], audience.to_owned()),
        (
            vec![("AUTH_INTROSPECTION_CLIENT_ID", "api"), ("AUTH_ISSUER", OP)],
            format!(
                "{audience}; AUTH_INTROSPECTION_CLIENT_SECRET is missing: an issuer answers known clients only (RFC 7662 §2.1)"
            ),
        ),
        (
            with(("AUTH_TOKEN_PROFILE", "loose")),
            "AUTH_TOKEN_PROFILE \"loose\" is no profile: write rfc9068 or lenient".to_owned(),
        ),
        (
            with(("AUTH_INTROSPECTION_CLIENT_ID", "api")),
            "AUTH_INTROSPECTION_CLIENT_SECRET is missing: an issuer answers known clients only (RFC 7662 §2.1)"
                .to_owned(),
        ),
        (
            with(("AUTH_INTROSPECTION_CLIENT_SECRET", "hunter22")),
            "AUTH_INTROSPECTION_CLIENT_ID is missing: name the client that the secret is of".to_owned(),
        ),
    ] {
        assert_eq!(from(&variables).unwrap_err().to_string(), message);
    }
    for (name, value) in
        [("AUTH_TOKEN_PROFILE", "rfc9068"), ("AUTH_TOKEN_PROFILE", ""), ("AUTH_API_BASE_URL", SHOP)]
    {
        assert!(from(&with((name, value))).is_ok(), "{name}={value}");
    }
    assert!(from(&with(("AUTH_API_BASE_URL", "api"))).is_err());
    assert!(from(&[("AUTH0_DOMAIN", "tenant.eu.auth0.com"), ("AUTH0_AUDIENCE", SHOP)]).is_ok());
}

#[tokio::test]
async fn an_environment_makes_the_api_that_it_describes() {
    let op = IdentityProvider::start().await;
    let (issuer, secret) = (op.issuer(), op.client_secret());
    let variables = [
        ("AUTH_ISSUER", issuer.as_str()),
        ("AUTH_AUDIENCE", SHOP),
        ("AUTH_TOKEN_PROFILE", "lenient"),
        ("AUTH_INTROSPECTION_CLIENT_ID", "shop"),
        ("AUTH_INTROSPECTION_CLIENT_SECRET", secret.as_str()),
        ("AUTH_API_BASE_URL", "https://api.shop.example/v1"),
    ];
    let config = from(&variables).unwrap();
    assert!(!format!("{config:?}").contains(&secret), "Debug shows no secret");
    let auth = auth_layer::Auth::resource_server(config).await.unwrap();
    let app = Api::routes().layer(auth.layer());
    let call = async |token: TestAccessToken| {
        let value = auth_layer::testing::bearer(&op.issue_access_token(token));
        tests::send(app.clone(), http::Request::get("/who").header("authorization", value)).await.status
    };
    assert_eq!(call(Api::ada().keycloak()).await, StatusCode::OK, "lenient");
    assert_eq!(call(Api::ada().opaque()).await, StatusCode::OK, "introspection");
    assert_eq!(call(Api::ada().with_audience("https://x.example")).await, StatusCode::UNAUTHORIZED);
    let metadata = http::Request::get("/.well-known/oauth-protected-resource/v1");
    assert_eq!(tests::send(app, metadata).await.status, StatusCode::OK);
}
