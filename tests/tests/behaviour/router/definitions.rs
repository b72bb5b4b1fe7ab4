//! Definitions as others write them: what is said there is compared, or the definition is refused.

use auth_layer::axum::routing::get;
use auth_layer::axum::{ApiDefinition, DefinitionError, Router, danger_guarded_elsewhere, public_service};
use auth_layer::{public, require_auth};
use serde_json::{Value, json};
use tests::SHOP;

#[public]
async fn home() {}

#[require_auth(scopes = ["read:products"])]
async fn list() {}

fn router() -> Router {
    let service = tower::service_fn(async |_: axum::extract::Request| Ok::<_, std::convert::Infallible>("a"));
    let files = Router::new().route("/", get(list)).route("/raw/{*path}", get(list).post(home));
    Router::new()
        .route("/", get(home))
        .nest("/api", files)
        .route("/{{literal}}", get(home))
        .nest_service("/files", public_service(service))
        .nest_service("/files/private", danger_guarded_elsewhere(service))
        .nest("/legacy", danger_guarded_elsewhere(axum::Router::new().route("/a", axum::routing::get(home))))
        .nest("/status", public_service(axum::Router::new()))
}

fn document(paths: Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "x-audience": SHOP,
        "paths": paths,
        "components": {
            "pathItems": {
                "read": { "get": { "security": [{ "provider": ["read:products"] }] } },
                "again": { "$ref": "#/components/pathItems/read" },
                "circle": { "$ref": "#/components/pathItems/circle" },
            },
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
                "key": { "type": "apiKey", "in": "header", "name": "x-key" },
                "alias": { "$ref": "#/components/securitySchemes/provider" },
                "provider": { "type": "oauth2", "flows": { "authorizationCode": {
                    "scopes": { "read:products": "", "openid": "", "offline_access": "" },
                } } },
            },
        },
    })
}

/// What differs, but for the scopes and for what such a small document does not describe.
fn said(document: &Value) -> Vec<String> {
    let definition = ApiDefinition::parse(document).unwrap();
    let said = router().access_table().drift(&definition).into_iter().map(|one| one.to_string());
    said.filter(|one| !one.contains("not described")).collect()
}

#[test]
fn an_operation_that_any_scheme_secures_is_not_public_in_the_code() {
    for scheme in ["bearer", "key"] {
        let expected = ["`GET /` requires nothing in the code, and what another scheme does in the document"];
        let secured = json!([{ scheme: [] }]);
        assert_eq!(said(&document(json!({ "/": { "get": { "security": secured } } }))), expected);
        let mut whole = document(json!({ "/": { "get": {} } }));
        whole["security"] = secured.clone();
        assert_eq!(said(&whole), expected);
        // What the scheme lets in, nobody here knows.
        assert!(said(&document(json!({ "/api": { "get": { "security": secured } } }))).is_empty());
        let optional = json!([{ scheme: [] }, {}]);
        assert!(said(&document(json!({ "/": { "get": { "security": optional } } }))).is_empty());
    }
}

#[test]
fn an_operation_behind_references_is_compared() {
    let differs = ["`GET /` requires nothing in the code, and read:products in the document"];
    for item in ["read", "again"] {
        let reference = json!({ "$ref": format!("#/components/pathItems/{item}") });
        assert_eq!(said(&document(json!({ "/": reference }))), differs, "{item}");
    }
    let alias = json!([{ "alias": ["read:products"] }]);
    assert_eq!(said(&document(json!({ "/": { "get": { "security": alias } } }))), differs);
}

#[test]
fn what_cannot_be_compared_is_refused_and_not_left_out() {
    let refused = |paths: Value| ApiDefinition::parse(&document(paths)).map_err(|error| error.to_string());
    let security = |security: Value| json!({ "/": { "get": { "security": security } } });
    for (paths, place) in [
        (json!([]), "paths"),
        (json!({ "/": "get" }), "/"),
        (json!({ "/": { "get": [] } }), "GET /"),
        (json!({ "products": {} }), "\"products\" has to begin with a slash"),
        (json!({ "/": { "$ref": "./paths.yaml#/home" } }), "leads to nothing"),
        (json!({ "/": { "$ref": "#/components/pathItems/absent" } }), "leads to nothing"),
        (json!({ "/": { "$ref": 7 } }), "leads to nothing"),
        (json!({ "/": { "$ref": "#/components/pathItems/circle" } }), "leads on"),
        (security(json!([{ "provdier": ["read:products"] }])), "the scheme `provdier` is not declared"),
        (security(json!([{ "provider": [7] }])), "security of GET /"),
        (security(json!([{ "provider": "read:products" }])), "security of GET /"),
        (security(json!(["provider"])), "security of GET /"),
        (security(json!(null)), "security of GET /"),
    ] {
        let error = refused(paths.clone()).expect_err(&paths.to_string());
        assert!(error.contains(place), "{paths}: {error}");
    }
    let mut lost = document(json!({}));
    lost["components"]["securitySchemes"]["lost"] = json!({ "$ref": "other.yaml" });
    assert!(matches!(ApiDefinition::parse(&lost), Err(DefinitionError::Malformed(_))));
    assert_eq!(refused(json!({ "x-note": "no path" })).map(drop), Ok(()));
}

#[test]
fn a_path_is_found_where_the_router_serves_it() {
    let read = || json!([{ "provider": ["read:products"] }]);
    let at = |path: &str, method: &str, security: Value| {
        document(json!({ path: { method: { "security": security } } }))
    };
    for (path, method, security, differences) in [
        ("/api/raw/{path}", "get", read(), 0),
        ("/api/raw/{path}", "head", read(), 0),
        ("/api/raw/{path}", "post", read(), 1),
        ("/api/raw/a/b", "post", json!([]), 0),
        ("/files/a", "get", read(), 1),
        ("/files/private/a", "get", read(), 0),
        ("/files/privately", "get", read(), 1),
        ("/legacy/a", "get", read(), 0),
        ("/legacy/a", "get", json!([]), 0),
        ("/status/all", "get", read(), 1),
        ("/status/all", "get", json!([]), 0),
        ("/{literal}", "get", read(), 1),
        ("/{literal}", "get", json!([]), 0),
    ] {
        let found = said(&at(path, method, security.clone()));
        assert_eq!(found.len(), differences, "{method} {path} {security}: {found:?}");
    }
    let root = at("/", "get", read());
    for prefix in ["/api", "/api/", "api"] {
        let definition = ApiDefinition::parse(&root).unwrap().with_prefix(prefix);
        let drift = router().access_table().drift(&definition);
        assert!(drift.iter().all(|one| !one.to_string().contains("`GET /`")), "{prefix}: {drift:?}");
    }
}

#[test]
fn what_a_login_asks_for_need_not_be_required() {
    let declared = said(&document(json!({})));
    assert!(declared.is_empty(), "{declared:?}");
}

#[test]
fn of_a_list_of_apis_the_one_of_the_audience_is_written() {
    let list = json!([
        { "id": "1", "name": "Auth0 Management API", "identifier": "https://tenant/api/v2/", "is_system": true },
        { "id": "2", "name": "Shop", "identifier": SHOP },
    ]);
    let table = router().access_table();
    assert_eq!(table.to_api_export(SHOP, Some(&list))["id"], "2");
    let new = table.to_api_export("https://new.example", Some(&list));
    assert_eq!((&new["id"], &new["identifier"]), (&Value::Null, &json!("https://new.example")));
}

#[test]
fn every_operation_that_is_added_has_an_id_of_its_own() {
    mod orders {
        #[auth_layer::public]
        pub(super) async fn list() {}
    }
    let router: Router =
        Router::new().route("/a", get(list)).route("/b", get(list)).route("/c", get(orders::list));
    let mut merged = document(json!({ "/d": { "get": { "operationId": "list_get_2" } } }));
    router.access_table().merge_into_openapi(&mut merged).unwrap();
    let ids: Vec<&str> =
        ["/a", "/b", "/c"].map(|path| merged["paths"][path]["get"]["operationId"].as_str().unwrap()).into();
    assert_eq!(ids, ["list_get", "list_get_3", "list_get_4"]);
}
