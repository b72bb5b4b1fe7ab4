//! The numbers of sessions, refreshes and logins, with their defaults.

use std::time::Duration;

/// When the browser sends the session cookie along with requests from other sites.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SameSite {
    /// With top-level navigations only.
    #[default]
    Lax,
    /// Never: a link from another site opens the page as if nobody were logged in.
    Strict,
}

/// The paths of the layer's own routes.
#[derive(Clone, Debug)]
pub(crate) struct Paths {
    pub(crate) login: String,
    pub(crate) callback: String,
    pub(crate) logout: String,
    pub(crate) profile: String,
    /// Off unless asked for: a token in the browser is what a backend-for-frontend avoids.
    pub(crate) access_token: Option<String>,
    pub(crate) backchannel_logout: Option<String>,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            login: "/auth/login".into(),
            callback: "/auth/callback".into(),
            logout: "/auth/logout".into(),
            profile: "/auth/profile".into(),
            access_token: None,
            backchannel_logout: Some("/auth/backchannel-logout".into()),
        }
    }
}

/// How long sessions live, and how their cookie is written.
#[derive(Clone, Debug)]
pub(crate) struct SessionPolicy {
    pub(crate) cookie_name: String,
    pub(crate) same_site: SameSite,
    pub(crate) inactivity: Duration,
    pub(crate) absolute: Duration,
    /// Nothing is written for a session that was used this recently.
    pub(crate) roll_after: Duration,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self {
            cookie_name: String::new(),
            same_site: SameSite::default(),
            inactivity: Duration::from_secs(24 * 3_600),
            absolute: Duration::from_secs(7 * 24 * 3_600),
            roll_after: Duration::from_secs(600),
        }
    }
}

/// When tokens are refreshed, and how long the result is at hand for late requests.
#[derive(Clone, Debug)]
pub(crate) struct RefreshPolicy {
    pub(crate) buffer: Duration,
    pub(crate) grace: Duration,
    /// How long the request that leads an early refresh waits for it.
    pub(crate) patience: Duration,
    /// How long an instance that died keeps the others from refreshing a session.
    pub(crate) lease: Duration,
    /// How long another instance's refresh is waited for.
    pub(crate) wait: Duration,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        Self {
            buffer: Duration::from_secs(60),
            grace: Duration::from_secs(60),
            patience: Duration::from_millis(500),
            lease: Duration::from_secs(10),
            wait: Duration::from_secs(15),
        }
    }
}

/// The bounds of logins under way.
#[derive(Clone, Debug)]
pub(crate) struct LoginPolicy {
    pub(crate) attempt_lifetime: Duration,
    pub(crate) max_attempt_bytes: usize,
}

impl Default for LoginPolicy {
    fn default() -> Self {
        Self { attempt_lifetime: Duration::from_secs(600), max_attempt_bytes: 4_096 }
    }
}
