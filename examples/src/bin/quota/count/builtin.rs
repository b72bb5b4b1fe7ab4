//! Audiences of the tenant's own, whose tokens do not count against the M2M quota.

use url::Url;

/// Knows the audiences of the tenant's own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Builtins {
    /// The tenant's host and port, where it is not at auth0.com.
    tenant: Option<(String, Option<u16>)>,
    more: Vec<String>,
}

impl Builtins {
    /// `tenant` is an issuer, as a URL or as a host alone.
    ///
    /// # Errors
    /// Where the tenant is no address: its audiences would count without a word.
    pub(crate) fn new(tenant: Option<&str>, more: Vec<String>) -> Result<Self, String> {
        let tenant = tenant.map(|tenant| {
            let place = address(tenant).and_then(|url| place(&url));
            place.ok_or_else(|| format!("the tenant {tenant:?} is no address: write https://login.example"))
        });
        Ok(Self { tenant: tenant.transpose()?, more })
    }

    pub(crate) fn contains(&self, audience: &str) -> bool {
        self.more.iter().any(|known| known == audience)
            || own_url(audience).is_some_and(|url| {
                let is_auth0 = url.scheme() == "https" && url.host_str().is_some_and(is_auth0);
                is_auth0 || self.tenant.is_some() && place(&url) == self.tenant
            })
    }

    /// Returns whether an audience looks like one of the tenant's own, at an address that is not known.
    pub(crate) fn is_doubtful(&self, audience: &str) -> bool {
        own_url(audience).is_some() && !self.contains(audience)
    }
}

/// Returns the URL where it ends as the tenant's own do: an identifier is compared whole, slash included.
fn own_url(audience: &str) -> Option<Url> {
    let url = OWN_PATHS.iter().any(|path| audience.ends_with(path)).then(|| Url::parse(audience).ok())??;
    OWN_PATHS.contains(&url.path()).then_some(url)
}

/// Returns the URL of a tenant; a name alone, such as `acme`, is none.
fn address(tenant: &str) -> Option<Url> {
    if tenant.contains("://") {
        return Url::parse(tenant).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
    }
    let url = Url::parse(&format!("https://{tenant}")).ok()?;
    let is_host = |host: &str| host.trim_end_matches('.').contains('.') || host == "localhost";
    url.host_str().is_some_and(is_host).then_some(url)
}

fn is_auth0(host: &str) -> bool {
    host.ends_with(".auth0.com")
}

fn place(url: &Url) -> Option<(String, Option<u16>)> {
    Some((url.host_str()?.to_owned(), url.port_or_known_default()))
}

/// The Management API, UserInfo, and the APIs of multi-factor authentication and of one's own account.
const OWN_PATHS: [&str; 5] = ["/api/v2/", "/userinfo", "/mfa/", "/me/", "/my-org/"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenants_own_apis_are_known_and_a_lookalike_is_not() {
        let tenant = Builtins::new(Some("http://127.0.0.1:4000"), vec!["urn:own".to_owned()]).unwrap();
        for (audience, auth0_alone, with_tenant) in [
            ("https://acme.eu.auth0.com/api/v2/", true, true),
            ("https://acme.auth0.com/userinfo", true, true),
            ("https://acme.auth0.com/mfa/", true, true),
            ("https://acme.auth0.com/api/v2", false, false),
            ("http://acme.auth0.com/api/v2/", false, false),
            ("https://acme.auth0.com/other/api/v2/", false, false),
            ("https://auth0.com.evil.example/api/v2/", false, false),
            ("https://notauth0.com/api/v2/", false, false),
            ("https://evil.example/?x=https://acme.auth0.com/api/v2/", false, false),
            ("http://127.0.0.1:4000/api/v2/", false, true),
            ("http://127.0.0.1:4001/api/v2/", false, false),
            ("urn:own", false, true),
            ("https://api.example", false, false),
            ("", false, false),
        ] {
            assert_eq!(Builtins::default().contains(audience), auth0_alone, "{audience}");
            assert_eq!(tenant.contains(audience), with_tenant, "{audience}");
        }
    }

    #[test]
    fn an_api_that_looks_like_the_management_api_is_doubtful_until_the_tenant_is_said() {
        let audience = "https://login.acme.example/api/v2/";
        assert!(Builtins::default().is_doubtful(audience));
        for tenant in ["login.acme.example", "https://login.acme.example/"] {
            let known = Builtins::new(Some(tenant), Vec::new()).unwrap();
            assert!(known.contains(audience) && !known.is_doubtful(audience), "{tenant}");
        }
        assert!(!Builtins::default().is_doubtful("https://api.example/"));
    }

    #[test]
    fn a_tenant_that_is_no_address_is_an_error_that_shows_one() {
        for tenant in ["https://", "acme", "acme.", "", "mailto://acme.example", "acme example"] {
            let error = Builtins::new(Some(tenant), Vec::new()).unwrap_err();
            assert_eq!(error, format!("the tenant {tenant:?} is no address: write https://login.example"));
        }
        for tenant in ["localhost:4000", "http://op", "acme.eu.auth0.com", "127.0.0.1:4000"] {
            assert!(Builtins::new(Some(tenant), Vec::new()).is_ok(), "{tenant}");
        }
    }
}
