//! What the macros refuse and what they accept, each a file under `ui/`.
//!
//! `cargo xtask bless` writes the `.stderr` files anew; read what it wrote.

#[test]
fn what_is_wrong_is_refused_where_it_stands_and_what_is_right_compiles() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*/*.rs");
    cases.compile_fail("ui/fail/*/*.rs");
}
