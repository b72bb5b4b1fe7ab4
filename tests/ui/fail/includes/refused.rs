//! What a scope cannot include.

use auth_layer::token::Grants;
use auth_layer::{AccessToken, require_auth};
use scopes::Read;

fn read(_: &AccessToken<impl Grants<Read>>) {}

#[require_auth(scopes = ["admin"])]
async fn right(token: AccessToken) {
    read(&token);
}

mod scopes {
    auth_layer::scopes! {
        pub(crate) api Right = "https://api.shop.example" {
            Admin = "admin" includes [Read, "write"],
            Read = "read",
            Write = "write",
        }

        pub(crate) api Wrong = "https://api.shop.example" {
            Own = "own" includes [Own],
            Typo = "typo" includes [Raed],
            TypoInText = "typo:text" includes ["raed"],
            Unheard = "unheard:of" includes ["everything:there:is"],
            Twice = "twice" includes [Read, "read"],
            Elsewhere = "elsewhere" includes [Pay],
            Seen = "seen" includes [Public],
            One = "one" includes [Two],
            Two = "two" includes [Three],
            Three = "three" includes ["one"],
        }

        pub(crate) api Billing = "https://billing.shop.example" {
            Pay = "pay",
        }

        pub api Open = "https://api.shop.example" {
            Public = "public",
        }
    }
}

/// Beside a refusal the scope includes all that it could, so that this is no error too.
#[require_auth(scopes = ["typo"])]
async fn no_error_of_its_own(token: AccessToken) {
    read(&token);
}

fn main() {}
