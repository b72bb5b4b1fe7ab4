//! The proxy in a guarded router: it says who may call it, by the rule that it judges by.

use crate::axum::{DeclaredService, Protection};
use crate::outbound::proxy::service::Proxy;

#[diagnostic::do_not_recommend]
impl DeclaredService for Proxy {
    type Service = Self;

    fn protection(&self) -> Protection {
        Protection::required(self.terms.rule)
    }

    fn into_service(self) -> Self {
        self
    }
}
