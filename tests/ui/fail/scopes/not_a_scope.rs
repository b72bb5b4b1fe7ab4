//! A declaration that is no scope.

mod right {
    auth_layer::scopes! {
        pub api Products { ReadProducts = "read:products" }
    }
}

mod no_name {
    auth_layer::scopes! {
        pub api Products { "read:products" }
    }
}

mod no_text {
    auth_layer::scopes! {
        pub api Products { ReadProducts }
    }
}

mod not_a_string {
    auth_layer::scopes! {
        pub api Products { ReadProducts = read }
    }
}

fn main() {}
