//! What providers send: which of their tokens pass, whom they stand for, and what they grant.

use auth_layer::config::{ClaimPath, TokenProfile, TrustedIssuer};
use auth_layer::testing::TestAccessToken;
use http::StatusCode;
use serde_json::json;
use tests::{Api, SHOP};

type Shape = fn(TestAccessToken) -> TestAccessToken;

const SHAPES: [(&str, Shape); 6] = [
    ("RFC 9068", |token| token),
    ("Auth0", TestAccessToken::auth0),
    ("Keycloak", TestAccessToken::keycloak),
    ("Okta", TestAccessToken::okta),
    ("Entra ID v2.0", TestAccessToken::entra),
    ("Entra ID v1.0", TestAccessToken::entra_v1),
];

fn client() -> TestAccessToken {
    TestAccessToken::for_client("worker").with_audience(SHOP).with_scopes("read:products")
}

/// An API over a provider with one profile and these claims for scopes.
async fn api(profile: TokenProfile, scopes: Option<Vec<ClaimPath>>) -> Api {
    Api::builder()
        .issuer(move |issuer: TrustedIssuer| {
            let issuer = issuer.with_profile(profile);
            match scopes {
                Some(scopes) => issuer.with_scope_claims(scopes),
                None => issuer,
            }
        })
        .open()
        .await
}

#[tokio::test]
async fn the_strict_profile_takes_rfc_9068_and_the_lenient_one_what_providers_send() {
    let (strict, lenient) = (api(TokenProfile::Rfc9068, None).await, api(TokenProfile::Lenient, None).await);
    let at_jwt: Shape = |token| token.keycloak().with_header("typ", "at+jwt");
    let more = [
        ("Auth0, RFC 9068 profile", (|token| token.with_claim("gty", "password")) as Shape, true),
        ("Keycloak, with its option", at_jwt, false),
        (
            "Keycloak, and a client_id",
            |token| token.keycloak().with_header("typ", "at+jwt").with_claim("client_id", "shop"),
            true,
        ),
        (
            "of 2019",
            |token| token.without_header("typ").without_claim("jti").without_claim("client_id"),
            false,
        ),
    ];
    let table = SHAPES.into_iter().map(|(name, shape)| (name, shape, name == "RFC 9068")).chain(more);
    for (name, shape, is_strict) in table {
        let reply = strict.issued(shape(Api::ada())).await;
        assert_eq!(reply.status == StatusCode::OK, is_strict, "{name}: {reply:?}");
        let reply = lenient.issued(shape(Api::ada())).await;
        assert_eq!(reply.status, StatusCode::OK, "{name}: {reply:?}");
        assert_eq!(reply.json()["subject"], "local|ada", "{name}");
        assert_eq!(reply.json()["audience"], SHOP, "{name}");
    }
}

#[tokio::test]
async fn the_client_is_known_under_each_of_its_names() {
    let api = api(TokenProfile::Lenient, None).await;
    for (name, shape) in SHAPES {
        let reply = api.issued(shape(Api::ada().with_client_id("spa"))).await;
        assert_eq!(reply.json()["client"], "spa", "{name}: {reply:?}");
        let reply = api.issued(shape(client())).await;
        assert_eq!(reply.json()["client"], "worker", "{name}: {reply:?}");
    }
}

#[tokio::test]
async fn a_users_token_is_a_users_and_a_clients_is_a_clients_at_every_provider() {
    let api = api(TokenProfile::Lenient, None).await;
    for (name, shape) in SHAPES {
        let user = api.issued(shape(Api::ada())).await;
        assert_eq!(user.json()["principal"], "User", "{name}: {user:?}");
        let client = api.issued(shape(client())).await;
        assert_eq!(client.json()["principal"], "Client", "{name}: {client:?}");
    }
}

#[tokio::test]
async fn a_principal_is_told_by_what_the_provider_alone_can_say() {
    let api = api(TokenProfile::Lenient, None).await;
    let plain = || Api::ada().with_client_id("shop");
    for (name, token, principal) in [
        ("the subject is the client (RFC 9068 §2.2)", plain().with_claim("sub", "shop"), "Client"),
        ("the subject is another client", plain().with_claim("sub", "other"), "User"),
        ("no subject", plain().without_claim("sub"), "Client"),
        ("Auth0's ending", plain().with_claim("sub", "shop@clients"), "Client"),
        ("its ending, of another client", plain().with_claim("sub", "other@clients"), "User"),
        ("the grant", plain().with_claim("gty", "client-credentials"), "Client"),
        ("the grant in RFC 6749's words", plain().with_claim("gty", "client_credentials"), "Client"),
        ("the grant among others", plain().with_claim("gty", json!(["refresh_token", "password"])), "User"),
        ("Entra ID says so", plain().with_claim("idtyp", "app"), "Client"),
        ("Entra ID says that it is a user", plain().with_claim("idtyp", "user"), "User"),
        (
            "Keycloak's account of the client",
            plain().with_claim("preferred_username", "service-account-shop"),
            "Client",
        ),
        (
            "in lower case, as Keycloak writes user names",
            plain().with_client_id("Shop").with_claim("preferred_username", "service-account-shop"),
            "Client",
        ),
        (
            "a person who calls himself an account of some other client",
            plain().with_claim("preferred_username", "service-account-root"),
            "User",
        ),
        (
            "a person whose name only holds the words",
            plain().with_claim("name", "service-account-shop").with_claim("nickname", "idtyp"),
            "User",
        ),
        (
            "Entra ID's object is its own subject",
            plain().with_claim("tid", "t").with_claim("oid", "local|ada"),
            "Client",
        ),
        (
            "Entra ID's subject of a person is another for each client",
            plain().with_claim("tid", "t").with_claim("oid", "ada"),
            "User",
        ),
        ("an object at another provider", plain().with_claim("oid", "local|ada"), "User"),
        (
            "claims of another type",
            plain().with_claim("idtyp", 7).with_claim("preferred_username", 7),
            "User",
        ),
    ] {
        let reply = api.issued(token).await;
        assert_eq!(reply.json()["principal"], principal, "{name}: {reply:?}");
    }
}

#[tokio::test]
async fn scopes_come_from_the_claims_that_the_api_names_and_from_no_other() {
    let claim = ClaimPath::named;
    let roles = || ClaimPath::at_path(["realm_access", "roles"]);
    let ada = || Api::ada().without_claim("scope");
    let keycloak = || ada().keycloak().with_roles(&["editor"]).without_claim("scope");
    type Case = (&'static str, Option<Vec<ClaimPath>>, TestAccessToken, &'static str);
    let table: Vec<Case> = vec![
        ("scope", None, ada().with_claim("scope", "b a"), "a b"),
        ("scope as an array", None, ada().with_claim("scope", json!(["b", "a"])), "a b"),
        ("scp as a text", None, ada().with_claim("scp", "b a"), "a b"),
        ("scp as an array", None, ada().with_claim("scp", json!(["b", "a"])), "a b"),
        (
            "both: scope is the standard one",
            None,
            ada().with_claim("scope", "a").with_claim("scp", json!(["b"])),
            "a",
        ),
        ("neither", None, ada(), ""),
        ("empty", None, ada().with_claim("scope", ""), ""),
        ("an element with a space in it", None, ada().with_claim("scp", json!(["not a", "b"])), "b"),
        ("permissions unasked", None, ada().with_permissions(&["a"]), ""),
        ("permissions", Some(vec![claim("permissions")]), ada().with_permissions(&["b", "a"]), "a b"),
        ("scope is no longer asked", Some(vec![claim("permissions")]), ada().with_claim("scope", "a"), ""),
        (
            "both are asked",
            Some(vec![claim("scope"), claim("permissions")]),
            ada().with_claim("scope", "a").with_permissions(&["b", "a"]),
            "a b",
        ),
        ("roles unasked", None, keycloak(), ""),
        (
            "roles at a path",
            Some(vec![roles()]),
            keycloak(),
            "default-roles-test editor offline_access uma_authorization",
        ),
        (
            "roles of a client",
            Some(vec![ClaimPath::at_path(["resource_access", "account", "roles"])]),
            keycloak(),
            "manage-account manage-account-links view-profile",
        ),
        ("a path that leads nowhere", Some(vec![roles()]), ada().with_claim("roles", json!(["a"])), ""),
        (
            "a name with dots and slashes",
            Some(vec![claim("https://shop.example/roles")]),
            ada().with_claim("https://shop.example/roles", json!(["a"])),
            "a",
        ),
        ("a name with dots is no path", Some(vec![claim("realm_access.roles")]), keycloak(), ""),
        (
            "a claim of one's own, as a text",
            Some(vec![claim("rights")]),
            ada().with_claim("rights", "b a"),
            "a b",
        ),
    ];
    for (name, claims, token, scopes) in table {
        let api = api(TokenProfile::Lenient, claims).await;
        let reply = api.issued(token).await;
        assert_eq!((reply.status, &reply.json()["scopes"]), (StatusCode::OK, &json!(scopes)), "{name}");
    }
}

#[tokio::test]
async fn a_scope_claim_of_the_wrong_type_is_a_bad_token_and_not_one_without_scopes() {
    let claims = vec![ClaimPath::named("scope"), ClaimPath::at_path(["realm_access", "roles"])];
    let api = api(TokenProfile::Lenient, Some(claims)).await;
    for (name, value) in [
        ("scope", json!(7)),
        ("scope", json!({ "a": 1 })),
        ("scope", json!(["a", 7])),
        ("scope", json!(null)),
        ("scp", json!(true)),
        ("permissions", json!([["a"]])),
        ("realm_access", json!("roles")),
        ("realm_access", json!({ "roles": { "a": true } })),
        ("realm_access", json!({ "roles": ["a", null] })),
    ] {
        let reply = api.issued(Api::ada().with_claim(name, value.clone())).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{name} = {value}: {reply:?}");
    }
}
