//! What the access table is written into, and what it is compared with.

use auth_layer::axum::routing::{any, get, post};
use auth_layer::axum::{
    ApiDefinition, DefinitionError, Drift, Router, danger_guarded_elsewhere, public_service,
};
use auth_layer::{Session, public, require_auth};
use serde_json::{Value, json};
use tests::{BILLING, SHOP};

#[public]
async fn home() {}

#[require_auth(scopes = ["read:products"])]
async fn list() {}

#[require_auth(scopes = ["read:products"], any_scopes = ["write:products", "offline_access"], audience = "https://api.shop.example")]
async fn add() {}

#[require_auth(scopes = ["write:products"], roles = ["admin"], any_permissions = ["a", "b"], acr = "gold", max_age = 300, organization, user)]
async fn remove() {}

#[require_auth(scopes = ["read:invoices"])]
async fn invoices() {}

#[require_auth(organization = "org_1", client)]
async fn login_alone() {}

async fn session(_: Session) {}

/// A route of each kind.
fn router() -> Router {
    let service = tower::service_fn(async |_: axum::extract::Request| Ok::<_, std::convert::Infallible>("a"));
    Router::new()
        .route("/", get(home))
        .route("/api/products", get(list).post(add))
        .route("/api/products/{id}", get(list).delete(remove))
        .route("/api/invoices", get(invoices))
        .route("/login", any(login_alone))
        .route("/session", post(session))
        .nest_service("/files", public_service(service))
        .route_service("/webhook", danger_guarded_elsewhere(service))
        .fallback(home)
}

fn document(paths: Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "x-audience": SHOP,
        "paths": paths,
        "components": { "securitySchemes": {
            "key": { "type": "apiKey", "in": "header", "name": "x-key" },
            "provider": { "type": "oauth2", "flows": { "authorizationCode": {
                "scopes": { "read:products": "", "write:products": "", "offline_access": "" },
            } } },
        } },
    })
}

/// The document that says what the code says.
fn honest() -> Value {
    let read = json!([{ "provider": ["read:products"] }]);
    document(json!({
        "/products": {
            "get": { "security": read },
            "head": { "security": read },
            "post": { "security": [
                { "provider": ["offline_access", "read:products"] },
                { "provider": ["write:products", "read:products"] },
            ] },
        },
        "/products/{product}": {
            "get": { "security": read },
            "delete": { "security": [{ "provider": ["write:products"] }] },
        },
    }))
}

fn drift(document: &Value) -> Vec<Drift> {
    router().access_table().drift(&ApiDefinition::parse(document).unwrap().with_prefix("/api/"))
}

fn said(document: &Value) -> Vec<String> {
    drift(document).iter().map(ToString::to_string).collect()
}

#[test]
fn a_definition_that_says_the_same_has_not_drifted() {
    assert_eq!(drift(&honest()), []);
    let export = json!({ "identifier": SHOP, "scopes": [
        { "value": "read:products" }, { "value": "write:products", "description": "w" }, { "value": "offline_access" },
    ] });
    assert_eq!(drift(&export), []);
    assert_eq!(drift(&json!([export])), []);
}

#[test]
fn each_difference_is_said_with_what_can_be_done() {
    let mut changed = honest();
    changed["paths"]["/products"]["get"]["security"] = json!([{ "provider": [] }]);
    changed["paths"]["/products/{product}"]["get"].as_object_mut().unwrap().remove("security");
    changed["paths"]["/products/{product}"].as_object_mut().unwrap().remove("delete");
    changed["paths"]["/orders"] =
        json!({ "get": { "security": [{ "provider": ["read:products"] }] }, "post": {} });
    let flow = &mut changed["components"]["securitySchemes"]["provider"]["flows"]["authorizationCode"];
    flow["scopes"] = json!({ "read:products": "", "offline_access": "", "delete:products": "" });
    changed["paths"]["/products"]["post"]["security"] =
        json!([{ "provider": ["read:products", "offline_access"] }]);
    let handler = "behaviour::router::reports::remove";
    let add = "behaviour::router::reports::add";
    assert_eq!(
        said(&changed),
        [
            format!("the scope `write:products` is required by `{add}` and not declared: declare it in the definition"),
            "the scope `delete:products` is declared and never required: require it, or remove it from the definition".into(),
            "`GET /orders` is described and not served: route it, or remove it from the document".into(),
            "`GET /products` requires read:products in the code, and a login in the document".into(),
            "`POST /products` requires offline_access read:products, or read:products write:products in the code, and offline_access read:products in the document".into(),
            "`GET /products/{product}` requires read:products in the code, and nothing in the document".into(),
            format!("`DELETE /api/products/{{id}}` is served by `{handler}` and not described: add it to the document"),
        ]
    );
}

#[test]
fn what_is_declared_for_another_audience_than_the_code_requires_is_no_match() {
    let handler = "behaviour::router::reports::invoices";
    let scope = format!(
        "the scope `read:invoices` is declared for {SHOP}, and required by `{handler}` for {BILLING}: declare it there, or require it here"
    );
    let export =
        |audience: &str, scope: &str| json!({ "identifier": audience, "scopes": [{ "value": scope }] });
    assert!(said(&export(SHOP, "read:invoices")).contains(&scope));
    assert_eq!(drift(&export(BILLING, "read:invoices")), []);

    let mut invoices = honest();
    invoices["paths"]["/invoices"] = json!({ "get": { "security": [{ "provider": ["read:invoices"] }] } });
    let operation = format!(
        "`GET /invoices` requires read:invoices (for {BILLING}) in the code, and read:invoices (for {SHOP}) in the document"
    );
    assert_eq!(said(&invoices), [scope, operation.clone()]);
    invoices["paths"]["/invoices"]["get"]["security"] = json!([]);
    assert_eq!(
        said(&invoices),
        [format!(
            "`GET /invoices` requires read:invoices (for {BILLING}) in the code, and nothing in the document"
        )]
    );
    invoices.as_object_mut().unwrap().remove("x-audience");
    invoices["paths"]["/invoices"]["get"]["security"] = json!([{ "provider": ["read:invoices"] }]);
    assert_eq!(drift(&invoices), []);
}

#[test]
fn a_public_route_and_one_of_a_service_are_compared_where_something_is_known() {
    let at = |path: &str, method: &str, security: Value| {
        let mut paths = honest()["paths"].clone();
        paths[path] = json!({ method: { "security": security } });
        let table = router().access_table();
        let paths: Vec<(String, Value)> = paths.as_object().unwrap().clone().into_iter().collect();
        let below = |(path, item): (String, Value)| {
            (if path.starts_with("/products") { format!("/api{path}") } else { path }, item)
        };
        let document = document(Value::Object(paths.into_iter().map(below).collect()));
        table.drift(&ApiDefinition::parse(&document).unwrap()).len()
    };
    let read = || json!([{ "provider": ["read:products"] }]);
    for (path, method, security, differences) in [
        ("/", "get", json!([]), 0),
        ("/", "get", json!([{}, { "provider": ["read:products"] }]), 0),
        ("/", "get", read(), 1),
        ("/files/a/b.css", "get", json!([]), 0),
        ("/files/a/b.css", "get", read(), 1),
        ("/webhook", "post", read(), 0),
        ("/webhook", "post", json!([{ "key": [] }]), 0),
        ("/login", "put", json!([{ "provider": [] }]), 0),
        ("/session", "post", json!([{ "provider": [] }, { "key": [] }]), 0),
        ("/session", "post", json!([{ "key": [] }]), 0),
        ("/session", "get", read(), 1),
        ("/nowhere", "get", json!([]), 0),
        ("/nowhere", "get", read(), 1),
    ] {
        assert_eq!(at(path, method, security.clone()), differences, "{method} {path} {security}");
    }
}

#[test]
fn what_is_no_definition_is_refused() {
    let malformed = |place: &str| DefinitionError::Malformed(place.to_owned());
    let mut scheme = honest();
    scheme["components"]["securitySchemes"] = json!([]);
    let mut security = honest();
    security["paths"]["/products"]["get"]["security"] = json!({ "provider": [] });
    let mut scopes = honest();
    scopes["components"]["securitySchemes"]["provider"]["flows"]["authorizationCode"]["scopes"] =
        json!(["a"]);
    for (document, expected) in [
        (json!({}), DefinitionError::Unknown),
        (json!("openapi"), DefinitionError::Unknown),
        (json!({ "swagger": "2.0" }), DefinitionError::Unknown),
        (json!({ "openapi": "2.0" }), malformed("openapi: 3.0 and 3.1 are read")),
        (json!([]), malformed("a list of APIs: give one of them")),
        (json!({ "identifier": 7, "scopes": [] }), malformed("identifier")),
        (json!({ "identifier": "a", "scopes": [{}] }), malformed("scopes")),
        (scheme, malformed("components.securitySchemes")),
        (security, malformed("security of GET /products")),
        (scopes, malformed("flows.scopes")),
    ] {
        assert_eq!(ApiDefinition::parse(&document).unwrap_err(), expected, "{document}");
    }
}

#[test]
fn what_the_code_requires_is_merged_into_a_document_which_then_has_not_drifted() {
    let mut document = json!({
        "openapi": "3.0.3",
        "info": { "title": "Shop" },
        "paths": { "/api/products/{product}": { "parameters": [], "get": { "summary": "One", "security": [] } } },
        "components": { "securitySchemes": {
            "a-key": { "type": "http", "scheme": "basic" },
            "provider": { "type": "oauth2", "flows": { "clientCredentials": { "scopes": { "read:products": "Read" } } } },
        } },
    });
    router().access_table().merge_into_openapi(&mut document).unwrap();
    let paths = &document["paths"];
    let one = &paths["/api/products/{product}"];
    assert_eq!((&one["get"]["summary"], &one["parameters"]), (&json!("One"), &json!([])));
    assert_eq!(one["get"]["security"], json!([{ "provider": ["read:products"] }]));
    assert_eq!(one["delete"]["operationId"], "remove_delete");
    let beside = json!({
        "audience": SHOP, "roles": ["admin"], "any_permissions": ["a", "b"], "acr_values": ["gold"],
        "max_age": 300, "organization": true, "principal": "user",
    });
    assert_eq!(one["delete"]["x-access"], beside);
    assert_eq!(paths["/"]["get"]["security"], json!([]));
    assert_eq!(paths["/session"]["post"]["security"], json!([{ "provider": [] }]));
    for absent in ["/webhook", "/files", "/login"] {
        assert_eq!(paths[absent], Value::Null, "{absent}");
    }
    let flow = &document["components"]["securitySchemes"]["provider"]["flows"]["clientCredentials"];
    assert_eq!(
        (&flow["scopes"]["read:products"], &flow["scopes"]["write:products"]),
        (&json!("Read"), &json!(""))
    );
    let merged = ApiDefinition::parse(&document).unwrap();
    assert_eq!(router().access_table().drift(&merged), []);

    let once = document.clone();
    router().access_table().merge_into_openapi(&mut document).unwrap();
    assert_eq!(document, once, "a second time changes nothing");
}

#[test]
fn a_document_gets_the_operations_of_its_own_audience() {
    let mut merged = document(json!({}));
    router().access_table().merge_into_openapi(&mut merged).unwrap();
    assert_eq!(merged["paths"]["/api/invoices"], Value::Null);
    assert_eq!(router().access_table().drift(&ApiDefinition::parse(&merged).unwrap()), []);
}

/// Another name of a scheme has no flows of its own.
#[test]
fn scopes_are_declared_by_the_scheme_itself_and_not_by_another_name_of_it() {
    let scheme = json!({ "type": "oauth2", "flows": { "clientCredentials": { "scopes": {} } } });
    let declared = |document: &Value, place: &str| {
        document
            .pointer(place)
            .and_then(|scheme| scheme["flows"]["clientCredentials"]["scopes"].as_object().cloned())
    };
    let alias = |target: &str| json!({ "$ref": format!("#{target}") });
    let among = "/components/securitySchemes/provider";
    let elsewhere = "/x-schemes/provider";
    for (schemes, named, place) in [
        (json!({ "alias": alias(among), "provider": scheme }), "provider", among),
        (json!({ "alias": alias(elsewhere) }), "alias", elsewhere),
        (json!({ "an~alias/": alias("/x-schemes/first") }), "an~alias/", elsewhere),
    ] {
        let mut document = json!({
            "openapi": "3.1.0",
            "components": { "securitySchemes": &schemes },
            "x-schemes": { "first": alias(elsewhere), "provider": scheme },
        });
        router().access_table().merge_into_openapi(&mut document).unwrap();
        let security = &document["paths"]["/api/products"]["get"]["security"];
        assert_eq!(security, &json!([{ named: ["read:products"] }]));
        let scopes = declared(&document, place).unwrap();
        assert!(scopes.contains_key("read:products"), "{place} {scopes:?}");
        assert_eq!(document["components"]["securitySchemes"]["alias"], schemes["alias"]);
    }
}

#[test]
fn a_document_that_cannot_take_it_stays_as_it_was() {
    let without_scheme = json!({ "openapi": "3.1.0", "paths": {} });
    let mut reference = honest();
    reference["paths"]["/api/products"] = json!({ "$ref": "#/components/pathItems/products" });
    let mut list = honest();
    list["paths"] = json!([]);
    for (document, expected) in [
        (json!({ "paths": {} }), DefinitionError::Unknown),
        (without_scheme, DefinitionError::NoScheme),
        (list, DefinitionError::Malformed("paths".into())),
        (
            reference,
            DefinitionError::Malformed(
                "/api/products is a reference: write its operations where they are described".into(),
            ),
        ),
    ] {
        let mut changed = document.clone();
        assert_eq!(router().access_table().merge_into_openapi(&mut changed).unwrap_err(), expected);
        assert_eq!(changed, document);
    }
    let public: Router = Router::new().route("/", get(home));
    let mut document = json!({ "openapi": "3.1.0" });
    public.access_table().merge_into_openapi(&mut document).unwrap();
    assert_eq!(document["paths"]["/"]["get"]["security"], json!([]));
}

#[test]
fn an_api_is_exported_with_the_scopes_that_the_code_uses() {
    let table = router().access_table();
    assert_eq!(table.scopes_of(SHOP), ["offline_access", "read:products", "write:products"]);
    assert_eq!(table.scopes_of(BILLING), ["read:invoices"]);
    let current = json!([{
        "id": "1", "name": "Shop", "identifier": SHOP, "token_lifetime": 86_400,
        "scopes": [{ "value": "read:products", "description": "Read" }, { "value": "old", "description": "Old" }],
    }]);
    let export = table.to_api_export(SHOP, Some(&current));
    assert_eq!((&export["name"], &export["token_lifetime"]), (&json!("Shop"), &json!(86_400)));
    let scope = |value: &str, description: &str| json!({ "value": value, "description": description });
    let scopes = [
        scope("offline_access", "offline_access"),
        scope("read:products", "Read"),
        scope("write:products", "write:products"),
    ];
    assert_eq!(export["scopes"], json!(scopes));
    assert_eq!(table.drift(&ApiDefinition::parse(&export).unwrap()), []);
    assert_eq!(table.to_api_export(BILLING, None)["name"], BILLING);
}

#[test]
fn the_table_can_be_read_by_people_and_by_programs() {
    let table = router().access_table();
    let text = table.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), table.rows().len() + 1);
    let remove = lines.iter().find(|line| line.starts_with("DELETE")).unwrap();
    let words: Vec<&str> = remove.split("  ").filter(|cell| !cell.is_empty()).map(str::trim).collect();
    assert_eq!(
        words,
        [
            "DELETE",
            "/api/products/{id}",
            "write:products",
            "at https://api.shop.example, permission a or b, role admin, acr gold, authenticated within 300 s, an organization, a user",
            "behaviour::router::reports::remove",
        ]
    );
    let add = lines.iter().find(|line| line.starts_with("POST    /api/products")).unwrap();
    assert!(add.contains("read:products and (write:products or offline_access)"), "{add}");

    let markdown = table.to_markdown();
    assert!(
        markdown.starts_with("| method | path | who | and | handler |\n| --- | --- | --- | --- | --- |\n")
    );
    assert!(markdown.lines().all(|line| line.replace("\\|", "").matches('|').count() == 6), "{markdown}");

    let json = table.to_json();
    let row = |path: &str, method: Value| {
        let rows = json.as_array().unwrap().iter();
        rows.into_iter().find(|row| row["path"] == path && row["method"] == method).unwrap().clone()
    };
    assert_eq!(
        row("/login", Value::Null),
        json!({
            "path": "/login", "reach": "path", "method": null, "access": "required",
            "handler": "behaviour::router::reports::login_alone", "organization": "org_1", "principal": "client",
        })
    );
    assert_eq!(row("/session", json!("POST"))["access"], "session");
    assert_eq!(row("/webhook", Value::Null)["access"], "elsewhere");
    assert_eq!(row("/files", Value::Null)["reach"], "subtree");
}
