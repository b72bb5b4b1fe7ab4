//! What stands where the list of included scopes belongs.

mod right {
    auth_layer::scopes! { pub(crate) api Products { Admin = "admin" includes [Read], Read = "read" } }
}

mod no_list {
    auth_layer::scopes! { pub(crate) api Products { Admin = "admin" includes Read, Read = "read" } }
}

mod nothing {
    auth_layer::scopes! { pub(crate) api Products { Admin = "admin" includes [] } }
}

mod a_path {
    auth_layer::scopes! { pub(crate) api Products { Admin = "admin" includes [crate::Read] } }
}

mod another_word {
    auth_layer::scopes! { pub(crate) api Products { Admin = "admin" contains [Read], Read = "read" } }
}

fn main() {
    let _ = right::Admin;
}
