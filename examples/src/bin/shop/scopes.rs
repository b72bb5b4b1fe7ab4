//! The scopes of the products API, declared once; `#[require_auth]` and the backend read them from here.

use auth_layer::token::{Grants, Requirement, Rule};
pub(crate) struct ReadProducts;
pub(crate) struct WriteProducts;
pub(crate) struct NeedsRead;
pub(crate) struct NeedsWrite;
impl Grants<ReadProducts> for NeedsRead {}
impl Grants<WriteProducts> for NeedsWrite {}
impl Requirement for NeedsRead {
    const RULE: Rule = Rule::authenticated("read")
        .with_audience(Some("https://api.shop.example"))
        .with_scopes(&["read:products"]);
}
impl Requirement for NeedsWrite {
    const RULE: Rule = Rule::authenticated("write")
        .with_audience(Some("https://api.shop.example"))
        .with_scopes(&["write:products"]);
}
pub(crate) const AUDIENCE: &str = "https://api.shop.example";
