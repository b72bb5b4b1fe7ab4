//! Definitions that are right, wrong and hostile.

use crate::definition::load::read;
use crate::definition::node::Node;
use crate::definition::{Definition, Operation, definition, operations};

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

fn operation(path: &str, rest: &str) -> Result<Operation, String> {
    let text = format!(
        r##"
openapi: 3.0.3
security: [{{ login: [of:the:document] }}]
paths:
  {path}:
    get: {{ {rest} }}
components:
  securitySchemes:
    login: {{ type: openIdConnect, openIdConnectUrl: https://op.example }}
    code: {{ type: oauth2, flows: {{}} }}
    key: {{ type: apiKey, in: header, name: X-Key }}
"##
    );
    Ok(operations(&Node::parse(&text)?)?.all.remove(0))
}

#[test]
fn an_operation_requires_the_first_alternative_with_a_token() {
    let cases: [(&str, Option<&[&str]>); 10] = [
        ("", Some(&["of:the:document"])),
        ("security: []", None),
        ("security: [{}]", None),
        ("security: [{ login: [a] }, {}]", None),
        ("security: [{ key: [] }]", None),
        ("security: [{ login: [] }]", Some(&[])),
        ("security: [{ login: [a, b, a] }]", Some(&["a", "b"])),
        ("security: [{ key: [] }, { code: [c] }, { login: [a] }]", Some(&["c"])),
        ("security: [{ code: [c], key: [], login: [a] }]", Some(&["c", "a"])),
        ("security: [{ code: [c] }, { login: [a] }]", Some(&["c"])),
    ];
    for (rest, expected) in cases {
        let found = operation("/a", rest).unwrap().scopes;
        let expected: Option<Vec<String>> =
            expected.map(|scopes| scopes.iter().map(|scope| (*scope).to_owned()).collect());
        assert_eq!(found, expected, "{rest}");
    }
}

#[test]
fn an_operation_that_cannot_be_called_is_refused() {
    for (path, rest, why) in [
        ("/a", "security: [{ other: [] }]", "the security scheme \"other\", which is not there"),
        ("/a", "security: [{ key: [] }, { other: [] }]", "which is not there"),
        ("/a", "security: { login: [a] }", "is no list"),
        ("/a", "security: [{ login: [\"a b\"] }]", "is a list of scopes in one string"),
        ("/a", "requestBody: { $ref: \"#/components/requestBodies/None\" }", "which is not there"),
        ("/a", "parameters: [{ $ref: \"other.yaml#/a\" }]", "which is not there"),
        ("a", "", "does not begin with a slash"),
        ("/a/../b", "", "a step of its own"),
        ("/a/%2E%2e", "", "a step of its own"),
        ("/a/.", "", "a step of its own"),
        ("\"/a?b=c\"", "", "'?' cannot be in the path"),
        ("\"/a#b\"", "", "'#' cannot be in the path"),
        ("\"/a b\"", "", "' ' cannot be in the path"),
        ("\"/a\\r\\nX: y\"", "", "cannot be in the path"),
        ("\"/{a\"", "", "has a brace without its other one"),
        ("\"/{}\"", "", "has a brace without its other one, or without a name"),
        ("\"/{a`b}\"", "", "has a brace"),
        ("\"/a}\"", "", "'}' cannot be in the path"),
        ("\"/{a}/{a}\"", "", "has the place \"a\" twice"),
    ] {
        let found = operation(path, rest).unwrap_err();
        assert!(found.contains(why), "{path} {rest}: {found}");
    }
    for (text, why) in [
        ("openapi: 3.1.0", "no operation is in it"),
        ("swagger: \"2.0\"", "OpenAPI 2.0"),
        ("a: b", "it is no OpenAPI document"),
        ("openapi: 3.1.0\npaths: { /a: { $ref: \"#/components/pathItems/A\" } }", "which is not there"),
    ] {
        let found = operations(&Node::parse(text).unwrap()).unwrap_err();
        assert!(found.contains(why), "{text}: {found}");
    }
}

#[test]
fn a_path_of_another_component_is_followed_and_as_many_as_one_likes_are_not() {
    let text = "openapi: 3.1.0\npaths: { /a: { $ref: \"#/components/pathItems/A\" } }\ncomponents: { pathItems: { A: { head: {} } } }";
    let found = operations(&Node::parse(text).unwrap()).unwrap().all.remove(0);
    assert_eq!((found.id.as_str(), found.method), ("HEAD /a", "head"));
    let paths: Vec<String> = (0..60_000).map(|number| format!("\"/{number}\":{{\"get\":{{}}}}")).collect();
    let many = format!("{{\"openapi\":\"3.1.0\",\"paths\":{{{}}}}}", paths.join(","));
    assert!(operations(&Node::parse(&many).unwrap()).unwrap_err().contains("more than 1024 operations"));
}
