//! Scopes that would have one name, that make none, or that are none.

mod right {
    auth_layer::scopes! {
        pub api Billing = "https://billing.shop.example" from "../../definitions/billing.yaml" {
            SecondFactor = "2fa",
        }
    }
}

mod without_a_name {
    auth_layer::scopes!(pub api Billing from "../../definitions/billing.yaml");
}

mod alike {
    auth_layer::scopes!(pub api Products from "../../definitions/alike.json");
}

type Changes = right::SecondFactor;

fn main() {}
