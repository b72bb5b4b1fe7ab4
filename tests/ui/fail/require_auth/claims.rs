//! Permissions, roles, classes of authentication and organizations as they cannot be.

use auth_layer::{AccessToken, require_auth};

#[require_auth(permissions = ["products:write"], any_roles = ["admin", "shop clerk"], organization = "org_1")]
async fn right(_token: AccessToken) {}

#[require_auth(permissions = [], roles = [""])]
async fn empty(_token: AccessToken) {}

#[require_auth(roles = ["admin"], any_roles = ["admin", "clerk", "clerk"])]
async fn twice(_token: AccessToken) {}

#[require_auth(roles = "admin")]
async fn no_list(_token: AccessToken) {}

#[require_auth(roles = [admin])]
async fn no_text(_token: AccessToken) {}

#[require_auth(organization = "")]
async fn nowhere(_token: AccessToken) {}

#[require_auth(role = ["admin"])]
async fn typo(_token: AccessToken) {}

fn main() {}
