//! What is read of a file, and what is known to stand in a test.

use super::*;

fn paths(text: &str) -> Vec<(String, bool)> {
    let syntax = read(text).expect("the text is Rust");
    syntax.paths.into_iter().map(|path| (path.what.join("::"), path.in_test)).collect()
}

fn has(text: &str, path: &str) -> bool {
    paths(text).iter().any(|(found, _)| found == path)
}

#[test]
fn paths_are_found_wherever_they_stand() {
    for (name, text, path) in [
        ("use", "use crate::a::B;", "crate::a::B"),
        ("grouped", "use crate::{a, b::{C, self}};", "crate::b"),
        ("renamed", "use crate::a::B as C;", "crate::a::B"),
        ("glob", "use super::super::a::*;", "super::super::a::*"),
        ("inline type", "fn f(x: crate::a::B) {}", "crate::a::B"),
        ("inline call", "fn f() { crate::a::b() }", "crate::a::b"),
        ("generic", "type T = Option<crate::a::B>;", "crate::a::B"),
        ("macro", "fn f() { println!(\"{}\", crate::a::b(1)) }", "crate::a::b"),
        ("nested macro", "m! { fn f() { n!([crate::a::b]) } }", "crate::a::b"),
        ("raw", "use crate::r#a::B;", "crate::a::B"),
        ("leading colons", "use ::http::Response;", "::http::Response"),
    ] {
        assert!(has(text, path), "{name}: {:?}", paths(text));
    }
}

#[test]
fn only_what_no_other_build_has_is_in_a_test() {
    for (text, expected) in [
        ("#[cfg(test)] mod t { use crate::a::B; }", true),
        ("#[cfg(all(test, feature = \"axum\"))] mod t { use crate::a::B; }", true),
        ("#[cfg(any(test, feature = \"testing\"))] mod t { use crate::a::B; }", false),
        ("#[cfg(not(test))] mod t { use crate::a::B; }", false),
        ("#[tokio::test] async fn t() { use crate::a::B; }", true),
        ("struct S; impl S { #[cfg(test)] fn t() { crate::a::B } }", true),
        ("mod t { use crate::a::B; }", false),
    ] {
        assert!(paths(text).contains(&("crate::a::B".to_owned(), expected)), "{text}: {:?}", paths(text));
    }
}

#[test]
fn a_method_call_knows_its_receiver() {
    let syntax = read("async fn f() { self.provider.refresh(t).await; m!(x.refresh(t)); }").expect("Rust");
    let calls: Vec<_> = syntax.calls.into_iter().map(|call| call.what).collect();
    assert_eq!(calls, [("refresh".into(), Some("provider".to_owned())), ("refresh".into(), None)]);
}

#[test]
fn literals_are_found_in_code_macros_and_attributes_but_not_in_documentation() {
    let text = "/// \"doc\"\n#[serde(rename = \"a\")]\nstruct S;\nfn f() { g(\"b\"); m!(\"c\"); }";
    let literals: Vec<String> = read(text).expect("Rust").literals.into_iter().map(|it| it.what).collect();
    assert_eq!(literals, ["a", "b", "c"]);
}

#[test]
fn macros_and_attributes_are_found_also_in_macros() {
    let syntax = read("#[ignore] fn f() { m!({ dbg!(1) }) }\nn! { #[ignore] fn g() {} }").expect("Rust");
    let macros: Vec<String> = syntax.macros.into_iter().map(|it| it.what).collect();
    assert_eq!(macros, ["m", "dbg", "n"]);
    let attributes: Vec<(String, usize)> =
        syntax.attributes.into_iter().map(|it| (it.what, it.line)).collect();
    assert_eq!(attributes, [("ignore".to_owned(), 1), ("ignore".to_owned(), 2)]);
}

#[test]
fn text_that_is_no_rust_is_an_error_with_its_line() {
    assert_eq!(read("fn f() {}\nfn (").map(|_| ()).map_err(|(line, _)| line), Err(2));
}
