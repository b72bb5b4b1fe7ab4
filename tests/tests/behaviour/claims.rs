//! What `#[require_auth]` requires beside scopes: permissions, roles, an organization, a user or a client.

use auth_layer::config::ClaimPath;
use auth_layer::testing::{SigningAlgorithm, TestAccessToken, User};
use auth_layer::{AccessToken, require_auth};
use axum::Router;
use axum::routing::get;
use http::StatusCode;
use serde_json::{Value, json};
use tests::{Api, SHOP, Site, Visitor};

#[require_auth(permissions = ["products:read", "products:write"])]
async fn permitted() -> &'static str {
    "permitted"
}

#[require_auth(any_permissions = ["products:read", "products:write"])]
async fn permitted_one(_token: AccessToken) -> &'static str {
    "permitted_one"
}

#[require_auth(roles = ["shop admin"])]
async fn admin() -> &'static str {
    "admin"
}

#[require_auth(any_roles = ["shop admin", "clerk"])]
async fn staff() -> &'static str {
    "staff"
}

#[require_auth(organization)]
async fn member() -> &'static str {
    "member"
}

#[require_auth(organization = "org_1")]
async fn member_of_one() -> &'static str {
    "member_of_one"
}

#[require_auth(user)]
async fn person() -> &'static str {
    "person"
}

#[require_auth(client)]
async fn machine() -> &'static str {
    "machine"
}

#[require_auth(scopes = ["read:products"], roles = ["clerk"], user)]
async fn clerk() -> &'static str {
    "clerk"
}

const HANDLERS: [&str; 9] =
    ["permitted", "permitted_one", "admin", "staff", "member", "member_of_one", "person", "machine", "clerk"];

fn routes() -> Router {
    Router::new()
        .route("/permitted", get(permitted))
        .route("/permitted_one", get(permitted_one))
        .route("/admin", get(admin))
        .route("/staff", get(staff))
        .route("/member", get(member))
        .route("/member_of_one", get(member_of_one))
        .route("/person", get(person))
        .route("/machine", get(machine))
        .route("/clerk", get(clerk))
}

fn ada() -> TestAccessToken {
    Api::ada()
}

fn with(claim: &str, value: Value) -> TestAccessToken {
    ada().with_claim(claim, value)
}

#[tokio::test]
async fn a_handler_runs_with_the_claims_that_it_requires_and_not_otherwise() {
    let api = Api::builder().quick().routes(routes()).open().await;
    let machine = TestAccessToken::for_client("worker").with_audience(SHOP);
    let cases: Vec<(&str, TestAccessToken, &[&str])> = vec![
        ("nothing", ada(), &["person"]),
        ("one permission", ada().with_permissions(&["products:read"]), &["permitted_one", "person"]),
        (
            "both permissions",
            ada().with_permissions(&["products:write", "products:read"]),
            &["permitted", "permitted_one", "person"],
        ),
        ("permissions in one text", with("permissions", json!("products:read products:write")), &["person"]),
        ("scopes of that name", ada().with_scopes("products:read products:write"), &["person"]),
        ("a role", ada().with_roles(&["shop admin"]), &["admin", "staff", "person"]),
        ("a role of two words, cut", ada().with_roles(&["shop", "admin"]), &["person"]),
        ("a role and a scope", ada().with_roles(&["clerk"]), &["staff", "person", "clerk"]),
        ("a role without its scope", ada().with_roles(&["clerk"]).with_scopes(""), &["staff", "person"]),
        (
            "Keycloak's roles",
            with("realm_access", json!({ "roles": ["shop admin"] })),
            &["admin", "staff", "person"],
        ),
        ("roles of another type", with("roles", json!([{ "name": "shop admin" }])), &["person"]),
        ("an organization", with("org_id", json!("org_1")), &["member", "member_of_one", "person"]),
        ("another organization", with("org_id", json!("org_10")), &["member", "person"]),
        ("a name like an identifier", with("org_name", json!("org_1")), &["member", "person"]),
        ("a machine", machine.clone(), &["machine"]),
        (
            "a machine with everything",
            machine
                .with_scopes("read:products")
                .with_permissions(&["products:read", "products:write"])
                .with_roles(&["shop admin", "clerk"])
                .with_claim("org_id", "org_1"),
            &["permitted", "permitted_one", "admin", "staff", "member", "member_of_one", "machine"],
        ),
    ];
    for (name, token, passes) in cases {
        for token in [api.token(token.clone()), api.token(token.signed_with(SigningAlgorithm::Es256))] {
            // Twice: what was met for one handler is met for that one alone.
            for handler in HANDLERS.into_iter().chain(HANDLERS) {
                let reply = api.get(&format!("/{handler}"), &token).await;
                let expected = if passes.contains(&handler) { StatusCode::OK } else { StatusCode::FORBIDDEN };
                assert_eq!(reply.status, expected, "{name} at {handler}: {reply:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_missing_is_said_without_an_error_code_that_no_rfc_has() {
    let api = Api::builder().quick().routes(routes()).open().await;
    let token = api.token(ada().with_permissions(&["products:read"]));
    let cases = [
        ("/permitted", "a permission is missing: products:write", Some("permissions")),
        ("/staff", "a role is missing: shop admin, clerk", Some("roles")),
        ("/member", "the user is not logged in to the organization: log in to it", None),
        ("/machine", "the access token stands for a user: bring one of a client", None),
    ];
    for (path, detail, words) in cases {
        let reply = api.get(path, &token).await;
        assert_eq!((reply.status, reply.header("www-authenticate")), (StatusCode::FORBIDDEN, ""), "{path}");
        assert_eq!((&reply.json()["detail"], &reply.json()["error"]), (&json!(detail), &Value::Null));
        if let Some(words) = words {
            assert!(reply.json()[format!("required_{words}")].is_array(), "{reply:?}");
        }
    }
    assert_eq!(api.get("/permitted", &token).await.json()["missing_permissions"], json!(["products:write"]));
}

#[tokio::test]
async fn claims_are_found_where_the_configuration_says() {
    let issuer = |issuer: auth_layer::config::TrustedIssuer| {
        issuer
            .with_roles_claims([ClaimPath::named("https://shop.example/roles")])
            .with_permissions_claims([ClaimPath::at_path(["resource_access", "shop", "roles"])])
            .with_organization_claims([ClaimPath::named("organization")])
    };
    let api = Api::builder().quick().issuer(issuer).routes(routes()).open().await;
    let token = ada()
        .with_claim("https://shop.example/roles", json!(["shop admin"]))
        .with_claim("resource_access", json!({ "shop": { "roles": ["products:read"] } }))
        .with_claim("organization", json!({ "org_1": { "id": "7" } }));
    let token = api.token(token);
    for path in ["/admin", "/permitted_one", "/member_of_one"] {
        assert_eq!(api.get(path, &token).await.status, StatusCode::OK, "{path}");
    }
    let elsewhere =
        ada().with_roles(&["shop admin"]).with_permissions(&["products:read"]).with_claim("org_id", "org_1");
    let elsewhere = api.token(elsewhere);
    for path in ["/admin", "/permitted_one", "/member_of_one"] {
        assert_eq!(api.get(path, &elsewhere).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn an_opaque_token_has_the_claims_of_its_introspection() {
    let issuer = |issuer: auth_layer::config::TrustedIssuer| issuer.with_introspection("api", "s3cret");
    let register = |op: auth_layer::testing::IdentityProviderBuilder| {
        op.client(auth_layer::testing::ClientRegistration::confidential("api", "s3cret"))
    };
    let api = Api::builder().quick().provider(register).issuer(issuer).routes(routes()).open().await;
    let token = api.token(ada().with_roles(&["clerk"]).opaque());
    for (path, status) in
        [("/staff", 200), ("/clerk", 200), ("/admin", 403), ("/machine", 403), ("/staff", 200)]
    {
        assert_eq!(api.get(path, &token).await.status.as_u16(), status, "{path}");
    }
}

/// A clerk who is logged in.
async fn dora() -> Visitor {
    let dora = || User::new("dora", "secret").add_role("clerk");
    let site = Site::builder().provider(move |op| op.add_user(dora())).open().await;
    let visitor = site.visitor();
    visitor.log_in(&dora()).await;
    visitor.at(routes().layer(site.auth.layer()))
}

#[tokio::test]
async fn a_session_has_the_claims_of_its_user() {
    let dora = dora().await;
    for (path, status) in
        [("/staff", 200), ("/person", 200), ("/admin", 403), ("/machine", 403), ("/member", 403)]
    {
        assert_eq!(dora.get(path).await.status.as_u16(), status, "{path}");
    }
    let refused = dora.get("/admin").await;
    assert_eq!(refused.json()["missing_roles"], json!(["shop admin"]));
    let stranger = Site::open().await;
    let stranger = stranger.visitor().at(routes().layer(stranger.auth.layer()));
    for handler in HANDLERS {
        assert_eq!(stranger.get(&format!("/{handler}")).await.status, StatusCode::UNAUTHORIZED, "{handler}");
    }
}

#[tokio::test]
async fn a_token_that_is_asked_in_the_handler_is_held_to_the_claims_too() {
    let typed = async |session: auth_layer::Session| -> Result<&'static str, auth_layer::gate::Rejection> {
        session.access_token().await?.require::<AdminHandler>()?;
        Ok("typed")
    };
    let site = Site::open().await;
    let app = Router::new().route("/typed", get(typed)).layer(site.auth.layer());
    let reply = site.ada().await.at(app).get("/typed").await;
    assert_eq!(
        (reply.status, &reply.json()["missing_roles"]),
        (StatusCode::FORBIDDEN, &json!(["shop admin"]))
    );
}

#[test]
fn claims_without_a_name_are_an_error_of_the_configuration() {
    use auth_layer::AuthConfig;
    let builder = || {
        AuthConfig::builder("https://op.example", "client", "https://app.example")
            .add_session_key(tests::SESSION_KEY)
    };
    assert!(builder().with_roles_claims([ClaimPath::named("r")]).build().is_ok());
    for wrong in [
        builder().with_roles_claims([]),
        builder().with_roles_claims([ClaimPath::named("")]),
        builder().with_roles_claims([ClaimPath::at_path(["a", ""])]),
    ] {
        let error = wrong.build().unwrap_err().to_string();
        assert_eq!(error, "roles claims lack a name: name a claim, such as ClaimPath::named(\"roles\")");
    }
}
