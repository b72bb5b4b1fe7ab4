//! Definitions that are right, wrong and hostile.

use crate::definition::load::read;
use crate::definition::node::Node;
use crate::definition::{Definition, definition};

const OPENAPI: &str = r##"
openapi: 3.1.0
info: { title: Billing API, version: "1" }
paths:
  /invoices:
    get:
      security: [{ login: [openid, "read:invoices"] }]
      responses: { 200: { description: ok } }
components:
  securitySchemes:
    code:
      type: oauth2
      flows:
        authorizationCode:
          authorizationUrl: https://op.example/authorize
          tokenUrl: https://op.example/token
          scopes: { "read:invoices": Read invoices, "write:invoices": "" }
        clientCredentials:
          tokenUrl: https://op.example/token
          scopes: { "write:invoices": Write invoices }
    again: { $ref: "#/components/securitySchemes/code" }
    login: { type: openIdConnect, openIdConnectUrl: https://op.example }
    key: { type: apiKey, in: header, name: X-Key }
"##;

fn parse(text: &str) -> Result<Definition, String> {
    definition(&Node::parse(text)?)
}

fn scopes(text: &str) -> Result<Vec<(String, Option<String>)>, String> {
    let scopes = parse(text)?.scopes;
    Ok(scopes.into_iter().map(|scope| (scope.text, scope.description)).collect())
}

fn refusal(text: &str) -> String {
    parse(text).unwrap_err()
}

#[test]
fn openapi_declares_in_flows_and_names_in_requirements() {
    let expected = [
        ("read:invoices", Some("Read invoices")),
        ("write:invoices", Some("Write invoices")),
        ("openid", None),
    ];
    let expected: Vec<_> =
        expected.map(|(text, description)| (text.to_owned(), description.map(str::to_owned))).into();
    assert_eq!(scopes(OPENAPI).unwrap(), expected);
    let definition = parse(OPENAPI).unwrap();
    assert_eq!(definition.description.as_deref(), Some("Billing API"));
    assert_eq!(definition.audiences, [""; 0]);
}

#[test]
fn openid_connect_is_required_wherever_an_operation_is() {
    let text = r##"
openapi: 3.1.0
info: { title: Billing API, description: "  Invoices.\n" }
security: [{ login: [root] }, { key: [of:a:key] }]
paths:
  /a:
    parameters: []
    get:
      security: [{ login: [path] }, {}]
      callbacks:
        paid:
          "{$request.body#/url}":
            post:
              security: [{ login: [callback] }]
              callbacks: { again: { "{$url}": { post: { security: [{ login: [deep] }] } } } }
webhooks: { paid: { post: { security: [{ login: [webhook] }] } } }
components:
  pathItems: { Shared: { get: { security: [{ login: [shared] }] } } }
  callbacks: { Paid: { "{$url}": { post: { security: [{ login: [component] }] } } } }
  securitySchemes:
    login: { type: openIdConnect, openIdConnectUrl: https://op.example }
    key: { type: apiKey, in: header, name: X-Key }
"##;
    let found: Vec<String> = scopes(text).unwrap().into_iter().map(|(scope, _)| scope).collect();
    assert_eq!(found, ["root", "path", "callback", "deep", "webhook", "shared", "component"]);
    assert_eq!(parse(text).unwrap().description.as_deref(), Some("Billing API\n\nInvoices."));
}

#[test]
fn an_audience_is_said_at_the_root_or_in_a_scheme() {
    let scheme = |audience: &str| {
        format!("{{ type: oauth2, {audience} flows: {{ clientCredentials: {{ scopes: {{ a: A }} }} }} }}")
    };
    let document = |root: &str, one: &str, other: &str| {
        format!(
            "openapi: 3.1.0\n{root}\ncomponents: {{ securitySchemes: {{ b: {}, a: {}, key: {{ type: apiKey, x-audience: key }} }} }}",
            scheme(one),
            scheme(other)
        )
    };
    let cases: [(String, &[&str]); 5] = [
        (document("", "", ""), &[]),
        (document("x-audience: root", "x-audience: one,", ""), &["root"]),
        (document("", "x-audience: one,", ""), &["one"]),
        (document("", "x-audience: one,", "x-audience: one,"), &["one"]),
        (document("", "x-audience: one,", "x-audience: other,"), &["one", "other"]),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(&text).unwrap().audiences, expected, "{text}");
    }
}

#[test]
fn json_says_the_same_as_yaml() {
    let json = r#"{"openapi":"3.0.3","components":{"securitySchemes":{"a":{"type":"oauth2","flows":{"implicit":{"scopes":{"a":"A"}}}}}}}"#;
    let yaml = "openapi: 3.0.3\ncomponents: {securitySchemes: {a: {type: oauth2, flows: {implicit: {scopes: {a: A}}}}}}";
    assert_eq!(parse(json), parse(yaml));
    assert_eq!(scopes(json).unwrap(), [("a".to_owned(), Some("A".to_owned()))]);
}

#[test]
fn an_api_of_auth0_has_an_audience() {
    let api = r#"{"id":"1","name":"Products","identifier":"https://api.shop.example","signing_alg":"RS256",
        "scopes":[{"value":"read:products","description":"Read"},{"value":"write:products"}]}"#;
    for text in [api.to_owned(), format!("[{api}]")] {
        let definition = parse(&text).unwrap();
        assert_eq!(definition.audiences, ["https://api.shop.example"]);
        assert_eq!(definition.description.as_deref(), Some("Products"));
        assert_eq!(definition.scopes.len(), 2);
    }
    assert!(refusal(&format!("[{api},{api}]")).contains("2 APIs"));
}

#[test]
fn what_is_wrong_is_said_with_what_was_expected() {
    let with = |schemes: &str| format!("openapi: 3.1.0\ncomponents: {{ securitySchemes: {schemes} }}");
    for (text, why) in [
        (String::new(), "neither an OpenAPI document"),
        ("{".into(), "it is no JSON: EOF while parsing"),
        ("{\"openapi\": 3.1}".into(), "is no text: expected \"3.0.x\" or \"3.1.x\""),
        ("a: [".into(), "it is no YAML"),
        ("just a text".into(), "neither an OpenAPI document"),
        ("openapi: 2.9.0".into(), "it is of OpenAPI \"2.9.0\""),
        ("swagger: \"2.0\"".into(), "OpenAPI 2.0"),
        (with("{}"), "no scope is in it"),
        (with("{ a: { type: oauth2, flows: { x: { scopes: [a] } } } }"), "is no object"),
        (with("{ a: { $ref: \"#/components/securitySchemes/a\" } }"), "refers to itself"),
        (
            with(
                "{ a: { $ref: \"#/components/securitySchemes/b\" }, b: { $ref: \"#/components/securitySchemes/a\" } }",
            ),
            "refers to itself",
        ),
        (with("{ a: { $ref: \"other.yaml#/x\" } }"), "which is not there"),
        (with("{ a: { type: oauth2, flows: { x: { scopes: { a: A, a: B } } } } }"), "it is no YAML"),
        ("{\"identifier\":\"x\",\"scopes\":[]}".into(), "it declares no scope"),
        ("{\"identifier\":\"x\",\"scopes\":[7]}".into(), "no text `value`"),
        ("{\"identifier\":\"x\",\"scopes\":[{\"value\":\"a\"},{\"value\":\"a\"}]}".into(), "twice"),
        ("{\"identifier\":\"x\",\"identifier\":\"y\"}".into(), "comes twice"),
    ] {
        let found = refusal(&text);
        assert!(found.contains(why), "{text}: {found}");
        assert!(!found.contains('\n'), "{found}");
    }
}

#[test]
fn hostile_documents_end_in_bounded_time_and_never_in_a_panic() {
    let bomb: String = (1..30).fold("a0: &a0 [x, x]\n".into(), |text, level| {
        let below = level - 1;
        format!("{text}a{level}: &a{level} [*a{below}, *a{below}, *a{below}]\n")
    });
    let many: Vec<String> = (0..1_025).map(|number| format!("{{\"value\":\"s{number}\"}}")).collect();
    let many = format!("{{\"identifier\":\"x\",\"scopes\":[{}]}}", many.join(","));
    assert!(refusal(&many).contains("1025 scopes"));
    // As large as a file may be: what looks for each among all would take minutes.
    let flow: Vec<String> = (0..200_000).map(|number| format!("\"s{number}\":\"\"")).collect();
    let flow = format!(
        "{{\"openapi\":\"3.0.0\",\"components\":{{\"securitySchemes\":{{\"a\":{{\"type\":\"oauth2\",\"flows\":{{\"x\":{{\"scopes\":{{{}}}}}}}}}}}}}}}",
        flow.join(",")
    );
    assert!(refusal(&flow).contains("200000 scopes"));
    let documents = "--- {}\n".repeat(1_000);
    let values = format!("a: [{}]", "1,".repeat(300_000));
    for text in [
        bomb,
        documents,
        values,
        "[".repeat(200_000),
        format!("openapi: {}", "[".repeat(100_000)),
        "- ".repeat(100_000),
    ] {
        assert!(parse(&text).is_err(), "{text:.20}");
    }
}

#[test]
fn a_file_is_read_no_further_than_its_bound() {
    let folder = std::env::temp_dir().join(format!("auth-macros-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (large, bytes) = (folder.join("large.json"), folder.join("bytes.json"));
    std::fs::write(&large, vec![b' '; 10 * 1024 * 1024]).unwrap();
    std::fs::write(&bytes, b"{\"\xff\":1}").unwrap();
    assert!(read(&large).unwrap_err().contains("larger than 4 MiB"));
    assert!(read(&bytes).unwrap_err().contains("no UTF-8"));
    assert!(read(&folder.join("none.json")).unwrap_err().contains("cannot be read"));
    std::fs::remove_dir_all(folder).unwrap();
}
