//! Where a provider writes what its tokens say of roles, permissions and organizations.

use std::time::Duration;

use crate::clock::{Clock, Timestamp};

/// The place of a claim: its name, or the names that lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPath(pub(crate) Vec<String>);

impl ClaimPath {
    /// Names a claim such as `scope`, `scp`, `permissions` or `https://shop.example/roles`.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }

    /// Names a claim inside of others, such as Keycloak's `["realm_access", "roles"]`.
    ///
    /// Each step is one member's whole name, so that a name may hold dots and slashes.
    #[must_use]
    pub fn at_path<'a>(path: impl IntoIterator<Item = &'a str>) -> Self {
        Self(path.into_iter().map(str::to_owned).collect())
    }

    /// Whether it leads anywhere.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty() || self.0.iter().any(String::is_empty)
    }
}

/// The claims that rules ask for, beside scopes.
#[derive(Clone, Debug)]
pub(crate) struct ClaimPaths {
    pub(crate) permissions: Vec<ClaimPath>,
    pub(crate) roles: Vec<ClaimPath>,
    pub(crate) organization: Vec<ClaimPath>,
}

impl Default for ClaimPaths {
    fn default() -> Self {
        Self {
            permissions: vec![ClaimPath::named("permissions")],
            roles: vec![ClaimPath::named("roles"), ClaimPath::at_path(["realm_access", "roles"])],
            organization: vec![ClaimPath::named("org_id"), ClaimPath::named(ORGANIZATION_NAME)],
        }
    }
}

impl ClaimPaths {
    /// Those of one kind that lead nowhere, by what they are called in an error.
    pub(crate) fn without_names(&self) -> Option<&'static str> {
        let kinds = [
            ("permissions claims", &self.permissions),
            ("roles claims", &self.roles),
            ("organization claims", &self.organization),
        ];
        let wrong = |paths: &[ClaimPath]| paths.is_empty() || paths.iter().any(ClaimPath::is_empty);
        kinds.into_iter().find(|(_, paths)| wrong(paths)).map(|(kind, _)| kind)
    }
}

/// On what terms the claims of a token or a user are judged: where they are, by which clock.
#[derive(Clone, Debug)]
pub(crate) struct ClaimTerms {
    pub(crate) paths: ClaimPaths,
    pub(crate) clock: Clock,
    pub(crate) skew: Duration,
}

impl ClaimTerms {
    /// Whether an authentication is no longer ago than `max_age`, and not to come.
    pub(crate) fn is_recent(&self, authenticated_at: Timestamp, max_age: Duration) -> bool {
        let now = self.clock.now();
        authenticated_at <= now.plus(self.skew)
            && now.since(authenticated_at) <= max_age.saturating_add(self.skew)
    }
}

/// Auth0's name of an organization, beside its identifier `org_id`.
pub(crate) const ORGANIZATION_NAME: &str = "org_name";
