//! Scopes of two APIs in one attribute: a token has one audience.

use auth_layer::{AccessToken, require_auth};
use scopes::ReadInvoices;

#[require_auth(scopes = ["read:products", "openid"], audience = "https://api.shop.example")]
async fn right(_token: AccessToken) {}

#[require_auth(scopes = ["read:products"], any_scopes = [ReadInvoices])]
async fn two(_token: AccessToken) {}

#[require_auth(scopes = ["read:invoices"], audience = "https://api.shop.example")]
async fn not_the_audience_said(_token: AccessToken) {}

mod scopes {
    auth_layer::scopes! {
        pub api OpenId { OpenIdScope = "openid" }
        pub api Products = "https://api.shop.example" { ReadProducts = "read:products" }
        pub api Billing = "https://billing.shop.example" { ReadInvoices = "read:invoices" }
    }
}

fn main() {}
