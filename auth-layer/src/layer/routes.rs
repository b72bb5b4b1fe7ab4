//! The layer's own routes for browsers: login, callback, logout, profile, access token.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HOST, LOCATION, REFERRER_POLICY, RETRY_AFTER, VARY};
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode};
use serde_json::json;
use url::form_urlencoded;

use crate::config::AuthConfig;
use crate::flow::{Failure, LoginError, LoginErrorKind, LoginRequest, RelyingParty};
use crate::gate::{
    Context, Rejection, RejectionKind, authenticate, cookie_session, is_navigation, is_prefetch, session,
};
use crate::layer::future::depart;
use crate::token::NoRequirement;

/// One of the layer's own routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Login,
    Callback,
    Logout,
    Profile,
    AccessToken,
}

impl Route {
    /// Which route a path is; compared whole, so that no prefix or suffix is caught by mistake.
    ///
    /// Below a base URL with a path of its own, both forms are known: a proxy or a nesting router
    /// may have taken that path away, or not.
    pub(crate) fn of(path: &str, config: &AuthConfig) -> Option<Self> {
        let paths = &config.paths;
        let path = config.base_url.without_path(path);
        if path == paths.login {
            Some(Self::Login)
        } else if path == paths.callback {
            Some(Self::Callback)
        } else if path == paths.logout {
            Some(Self::Logout)
        } else if path == paths.profile {
            Some(Self::Profile)
        } else if paths.access_token.as_deref() == Some(path) {
            Some(Self::AccessToken)
        } else {
            None
        }
    }

    const fn allows(self, method: &Method) -> bool {
        matches!((self, method), (_, &Method::GET) | (Self::Logout, &Method::POST))
    }
}

pub(crate) async fn answer(
    route: Route,
    mut parts: Parts,
    context: Context,
    party: Arc<RelyingParty>,
) -> Response<String> {
    if !route.allows(&parts.method) {
        let mut response = status(StatusCode::METHOD_NOT_ALLOWED);
        let allowed = if route == Route::Logout { "GET, POST" } else { "GET" };
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
        return response;
    }
    // A look ahead begins no login and ends no session; a status of failure makes the browser drop it.
    if is_prefetch(&parts.headers) {
        return status(StatusCode::SERVICE_UNAVAILABLE);
    }
    parts.extensions.insert(context.clone());
    let mut response = match route {
        Route::Login => login(&parts, &party).await,
        Route::Callback => callback(&parts, &party).await,
        Route::Logout => logout(&parts, &context, &party).await,
        Route::Profile => profile(&parts).await,
        Route::AccessToken => access_token(&parts).await,
    };
    if let Some(session) = context.session() {
        if let Some(looking) = session.look_again() {
            looking.await;
        }
        depart(response.headers_mut(), session.finish());
    }
    response
}

async fn login(parts: &Parts, party: &Arc<RelyingParty>) -> Response<String> {
    let request = LoginRequest {
        return_to: return_to(parts),
        chosen: chosen(parts, &party.config.login_parameters),
        acr_values: acr_values(parts),
        max_age: max_age(parts),
    };
    warn_of_another_host(parts, &party.config);
    match party.begin_login(request, &parts.headers).await {
        Ok(departure) => redirect(&departure.location, departure.set_cookies),
        Err(error) => {
            if is_navigation(&parts.method, &parts.headers) {
                // A person reads this: as a failed callback, a page that offers to try again.
                return login_failed(LoginError::from(error), party.login_path("/"));
            }
            tracing::warn!(%error, "a login could not be begun");
            refuse(Rejection::unavailable(error.retry_after()))
        }
    }
}

async fn callback(parts: &Parts, party: &Arc<RelyingParty>) -> Response<String> {
    let query = parts.uri.query().unwrap_or_default();
    match party.finish_login(query, &parts.headers).await {
        Ok(arrival) => redirect(&arrival.location, arrival.set_cookies),
        Err(Failure { error, set_cookies }) => {
            // Back button or a reload: whoever is logged in already goes on.
            let again = *error.kind() == LoginErrorKind::State && matches!(session(parts).await, Ok(Some(_)));
            if again {
                return redirect(party.config.base_url.url().as_str(), Vec::new());
            }
            let mut response = login_failed(error, party.login_path("/"));
            depart(response.headers_mut(), set_cookies);
            response
        }
    }
}

async fn logout(parts: &Parts, context: &Context, party: &Arc<RelyingParty>) -> Response<String> {
    // The cookies' own, since these are what is cleared: a header must not stand in for the proof of origin.
    if let Err(rejection) = cookie_session(parts).await
        && rejection.kind() == RejectionKind::CrossSite
    {
        return refuse(rejection);
    }
    let departure = party.log_out(return_to(parts).as_deref(), &parts.headers).await;
    // The cookies are cleared here; the context has nothing left to save.
    if let Some(session) = context.session() {
        session.abandon();
    }
    redirect(&departure.location, departure.set_cookies)
}

async fn profile(parts: &Parts) -> Response<String> {
    match session(parts).await {
        Ok(Some(session)) => json_answer(&json!(session.user().claims())),
        Ok(None) => refuse(Rejection::new(RejectionKind::Unauthenticated)),
        Err(rejection) => refuse(rejection),
    }
}

async fn access_token(parts: &Parts) -> Response<String> {
    // Never a navigation: a page that shows a token is of no use to a user.
    match authenticate(parts, NoRequirement::RULE).await {
        Ok(token) => json_answer(&json!({
            "token": token.expose(),
            "scope": token.scopes().to_string(),
            "expires_at": token.expires_at().unix_seconds(),
        })),
        Err(rejection) => refuse(rejection),
    }
}

/// `returnTo` as nextjs-auth0 calls it, or `return_to`.
fn return_to(parts: &Parts) -> Option<String> {
    let query = parts.uri.query()?;
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "returnTo" || name == "return_to")
        .map(|(_, value)| value.into_owned())
}

/// The parameters of the authorization request that the query may choose; of one that comes twice, the first.
fn chosen(parts: &Parts, allowed: &[String]) -> Vec<(String, String)> {
    let query = parts.uri.query().unwrap_or_default();
    let first = |name: &String| {
        let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(found, _)| found == name)?;
        (value.len() <= MAX_CHOSEN_BYTES).then(|| (name.clone(), value.into_owned()))
    };
    allowed.iter().filter_map(first).collect()
}

/// The classes of authentication that the query demands (RFC 9470 §4).
fn acr_values(parts: &Parts) -> Vec<String> {
    let found = chosen(parts, &["acr_values".to_owned()]);
    found.iter().flat_map(|(_, values)| values.split_ascii_whitespace()).map(str::to_owned).collect()
}

/// How long ago the user may have authenticated, as the query demands; a handler that demands it judges
/// the session in any case, so that what is no number of seconds is left out. What is too large to be
/// added to a time is as good as the largest that is not: the id token then says when it was.
fn max_age(parts: &Parts) -> Option<Duration> {
    let found = chosen(parts, &["max_age".to_owned()]);
    found
        .iter()
        .find_map(|(_, value)| value.parse::<u64>().ok())
        .map(|age| Duration::from_secs(age.min(u32::MAX.into())))
}

/// The callback comes to the base URL: a login that is begun at another host finds no cookie there.
fn warn_of_another_host(parts: &Parts, config: &AuthConfig) {
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    if let Some(host) = host.filter(|host| !config.base_url.is_at(host)) {
        tracing::warn!(
            %host,
            base_url = config.base_url.origin(),
            "a login begins at another host than the base URL's: it will end there, and find no cookie of this host"
        );
    }
}

fn redirect(location: &str, set_cookies: Vec<HeaderValue>) -> Response<String> {
    // 303: whatever the method was, the browser goes there with GET (RFC 9700 §4.12).
    let mut response = status(StatusCode::SEE_OTHER);
    match HeaderValue::try_from(location) {
        Ok(mut location) => {
            // It may hold a state, or the id token as the hint of a logout: no request log shows it.
            location.set_sensitive(true);
            response.headers_mut().insert(LOCATION, location)
        }
        Err(_) => return status(StatusCode::INTERNAL_SERVER_ERROR),
    };
    depart(response.headers_mut(), set_cookies);
    response
}

fn login_failed(error: LoginError, login: String) -> Response<String> {
    let code = match error.kind() {
        LoginErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        LoginErrorKind::SessionTooLarge | LoginErrorKind::Client => StatusCode::INTERNAL_SERVER_ERROR,
        LoginErrorKind::Provider(_) | LoginErrorKind::InsufficientUserAuthentication => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    let mut response = status(code);
    if code == StatusCode::SERVICE_UNAVAILABLE {
        let seconds = error.retry_after().map_or(1, |wait| wait.as_secs().max(1));
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    // The message holds nothing of the query but a code cut to a-z and `_`; the path is our own.
    *response.body_mut() = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Login failed</title>\
         <h1>Login failed</h1><p>{error}.</p><p><a href=\"{login}\">Log in again</a></p></html>"
    );
    response.extensions_mut().insert(error);
    response
}

fn refuse(rejection: Rejection) -> Response<String> {
    rejection.respond(|problem| problem)
}

fn json_answer(value: &serde_json::Value) -> Response<String> {
    let mut response = status(StatusCode::OK);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *response.body_mut() = value.to_string();
    response
}

/// Every answer of ours: never stored, and its address never sent on as a referrer (RFC 9700 §4.2.4).
fn status(code: StatusCode) -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = code;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store, private"));
    headers.insert(VARY, HeaderValue::from_static("Cookie"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

const MAX_CHOSEN_BYTES: usize = 512;
