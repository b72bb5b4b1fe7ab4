//! A user with a browser, which keeps cookies and follows no redirect by itself.

use std::collections::BTreeMap;

use auth_layer::testing::{IdentityProvider, User};
use http::StatusCode;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Response};

use crate::Failure;

/// A user who is logged in.
pub(crate) struct Visitor {
    client: Client,
    base_url: String,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    /// Logs a user in.
    pub(crate) async fn log_in(base_url: &str, provider: &IdentityProvider) -> Result<Self, Failure> {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
        let mut visitor = Self { client, base_url: base_url.to_owned(), cookies: BTreeMap::new() };
        let to_provider = visitor.get(&format!("{base_url}/auth/login")).await?;
        let address =
            to_provider.headers().get(LOCATION).ok_or("the login leads nowhere")?.to_str()?.to_owned();
        let callback = provider.browser().log_in(&User::ada(), &address).await?;
        let answer = visitor.get(&callback).await?;
        match answer.status() {
            StatusCode::SEE_OTHER => Ok(visitor),
            status => Err(format!("the login ended with {status}").into()),
        }
    }

    /// Opens a page of the application, which must be served.
    pub(crate) async fn open(&mut self, path: &str) -> Result<String, Failure> {
        let answer = self.get(&format!("{}{path}", self.base_url)).await?;
        Ok(answer.error_for_status()?.text().await?)
    }

    async fn get(&mut self, url: &str) -> Result<Response, Failure> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = self.client.get(url).header(COOKIE, cookies.join("; ")).send().await?;
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().and_then(|pair| pair.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }
}
