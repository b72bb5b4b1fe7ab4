//! Signatures at the edges of what a cut can take for something else.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::function::{Function, Mention, REQUIRE_AUTH};

fn function(text: &str) -> Function {
    let tokens: TokenStream = text.parse().unwrap();
    Function::parse(tokens, REQUIRE_AUTH).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// What each parameter says of a token.
fn mentions(parameters: &str) -> Vec<Mention> {
    let function = function(&format!("async fn f({parameters}) {{}}"));
    function.parameters.iter().map(crate::function::Parameter::mention).collect()
}

#[test]
fn what_is_cut_is_written_again_as_it_was() {
    for text in [
        "async fn f () { }",
        "#[doc = \"x\"] #[cfg (unix)] pub (in crate :: a) const async unsafe extern \"C\" fn r#type < 'a , const N : usize , T : Fn (u8 , u8) -> Vec < Vec < u8 > > > (a : [u8 ; N] , mut b : & 'a mut T ,) -> Result < impl Into < T > , Box < dyn Fn (T) -> u8 > > where T : Send , 'a : 'static { body (a , b) ; }",
        "async fn f (& 'a mut self , State (Shop { a , b }) : State < Shop > , map : HashMap < String , Vec < (u8 , u8) > > ,) { }",
        "async fn f (self : Arc < Self > , path :: Wrapped :: < A , B > (x) : path :: Wrapped < A , B > , < A as B > :: C : u8 ,) -> ! { }",
        "fn f (token :: Token : & str , x : < Vec < A > as IntoIterator > :: Item ,) { }",
    ] {
        assert_eq!(
            function(text).to_token_stream().to_string(),
            text.parse::<TokenStream>().unwrap().to_string()
        );
    }
}

#[test]
fn a_token_is_found_by_the_name_that_its_path_ends_in() {
    use Mention::{None, Optional, Token, Typed, Within};
    for (parameters, expected) in [
        ("", vec![]),
        ("token: AccessToken", vec![Token]),
        ("token:AccessToken,", vec![Token]),
        ("token: ::auth_layer::AccessToken, x: u8", vec![Token, None]),
        ("token:&AccessToken", vec![Within]),
        ("token: <A as B<C, D>>::AccessToken, x: A<B, C>, y: u8", vec![Token, None, None]),
        ("token: AccessToken<A, B>, x: AccessToken::<C>", vec![Typed, Typed]),
        ("token: a::b::Option<AccessToken>", vec![Optional]),
        ("token: Vec<Option<AccessToken>>", vec![Within]),
        ("token: (AccessToken, u8), x: [AccessToken; 2]", vec![Within, Within]),
        ("token: impl AccessToken", vec![Within]),
        ("token: dyn AccessToken", vec![Within]),
        ("token: AccessToken!()", vec![Within]),
        ("token: impl Fn(u8) -> AccessToken, x: u8", vec![Within, None]),
        ("AccessToken(token): Wrapped, AccessToken: u8", vec![None, None]),
        ("token: AccessTokenOfOthers, x: AccessToken::Mine", vec![None, Within]),
        ("self: AccessToken, #[cfg(a)] token: AccessToken", vec![None, Token]),
        ("x: Foo<{ 1 > 2 }, -1>, token: AccessToken", vec![None, Token]),
        ("x: impl Fn() -> Vec<u8>, token: AccessToken", vec![None, Token]),
    ] {
        assert_eq!(mentions(parameters), expected, "{parameters}");
    }
}

#[test]
fn what_a_macro_captured_is_read_as_it_was_written() {
    let captured = |tokens: TokenStream| proc_macro2::Group::new(proc_macro2::Delimiter::None, tokens);
    let (visibility, ty) = (captured(quote!(pub(crate))), captured(quote!(AccessToken)));
    let within = captured(captured(quote!(auth_layer::AccessToken)).into_token_stream());
    let item = captured(quote!(#visibility async fn f(one: #ty, other: #within, third: &#ty) {}));
    let function = Function::parse(item.into_token_stream(), REQUIRE_AUTH).unwrap();
    assert_eq!(function.visibility.to_string(), "pub (crate)");
    let mentions: Vec<Mention> =
        function.parameters.iter().map(crate::function::Parameter::mention).collect();
    assert_eq!(mentions, [Mention::Token, Mention::Token, Mention::Within]);
}

/// With the condition unseen, rustc would take the token away unseen too.
#[test]
fn what_a_macro_made_of_what_another_captured_is_read_as_well() {
    let captured = |tokens: TokenStream| proc_macro2::Group::new(proc_macro2::Delimiter::None, tokens);
    let path = captured(quote!(cfg));
    let condition = captured(quote!(#path (any())));
    let again = captured(condition.clone().into_token_stream());
    let body = captured(captured(quote!({})).into_token_stream());
    for condition in [quote!(#path(any())), quote!(#condition), quote!(#again), quote!(r#cfg(any()))] {
        let function = quote!(#[#condition] async fn f(#[#condition] token: AccessToken) #body);
        let function = Function::parse(function, REQUIRE_AUTH).unwrap();
        assert_eq!(function.cfg().count(), 1);
        assert!(function.parameters[0].attributes[0].is("cfg"));
        assert_eq!(function.body.delimiter(), proc_macro2::Delimiter::Brace);
    }
}

#[test]
fn a_receiver_is_one_in_every_form() {
    for (parameters, expected) in [
        ("self", true),
        ("&self", true),
        ("&'a mut self", true),
        ("mut self: Box<Self>", true),
        ("self: &Self, x: u8", true),
        ("this: &Self", false),
        ("x: fn(self_: u8)", false),
    ] {
        let function = function(&format!("async fn f({parameters}) {{}}"));
        assert_eq!(function.receiver().is_some(), expected, "{parameters}");
    }
}

#[test]
fn what_is_no_function_is_refused_where_it_begins() {
    for text in
        ["", "pub", "pub struct A;", "const A: fn() = f;", "fn", "async fn f {}", "async fn f();", "fn ()"]
    {
        let tokens: TokenStream = text.parse().unwrap();
        let message = Function::parse(tokens, REQUIRE_AUTH).unwrap_err().to_string();
        assert!(message.contains("`#[require_auth]` goes on"), "{text}: {message}");
    }
}
