//! Operations that would have one name, the name of the method that sends, or none.

// The right entries.
auth_layer::client! {
    pub trait Right from "../../definitions/alike.yaml" {
        list = "listThings",
        transmit = "send",
        itself = "self",
    }
}

auth_layer::client!(pub trait Wrong from "../../definitions/alike.yaml");

auth_layer::client! {
    pub trait Renamed from "../../definitions/alike.yaml" {
        list = "listThing",
        nothing = "somethingElse",
        list_things = "listThings",
        again = "listThings",
        transmit = "send",
        itself = "self",
    }
}

fn main() {}
