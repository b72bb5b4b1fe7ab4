//! The shop's client of the products API: each call says in its signature which scope it needs.

use std::fmt;
use std::time::Duration;

use auth_layer::AccessToken;
use auth_layer::token::Grants;
use http::StatusCode;
use http::header::AUTHORIZATION;
use reqwest::{Client, Response};
use serde::Deserialize;

use crate::api::{Catalogue, NewProduct, Product};
use crate::error::StartError;
use crate::scopes::{ReadProducts, WriteProducts};

/// Where the products are.
#[derive(Clone)]
pub(crate) struct Backend(Place);

#[derive(Clone)]
enum Place {
    /// Behind the API, which judges each token itself.
    Remote { client: Client, products: String },
    /// In this process, for a provider whose tokens the API would not know: what stands before it is the
    /// shop's own `#[require_auth]`, without which the calls below do not compile.
    InProcess(Catalogue),
}

impl Backend {
    pub(crate) fn remote(base: &str) -> Result<Self, StartError> {
        let builder = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let client = builder.timeout(PATIENCE).build().map_err(StartError::Client)?;
        Ok(Self(Place::Remote { client, products: format!("{base}/products") }))
    }

    pub(crate) const fn in_process(catalogue: Catalogue) -> Self {
        Self(Place::InProcess(catalogue))
    }

    pub(crate) async fn list(
        &self,
        token: &AccessToken<impl Grants<ReadProducts>>,
    ) -> Result<Vec<Product>, BackendError> {
        match &self.0 {
            Place::InProcess(catalogue) => Ok(catalogue.list()),
            Place::Remote { client, products } => {
                let request = client.get(products).header(AUTHORIZATION, token.authorization());
                Ok(accepted(request.send().await?).await?.json().await?)
            }
        }
    }

    pub(crate) async fn add(
        &self,
        token: &AccessToken<impl Grants<WriteProducts>>,
        new: NewProduct,
    ) -> Result<Product, BackendError> {
        match &self.0 {
            Place::InProcess(catalogue) => {
                catalogue.add(new).map_err(|detail| BackendError::Invalid(detail.to_owned()))
            }
            Place::Remote { client, products } => {
                let request = client.post(products).header(AUTHORIZATION, token.authorization()).json(&new);
                Ok(accepted(request.send().await?).await?.json().await?)
            }
        }
    }
}

async fn accepted(response: Response) -> Result<Response, BackendError> {
    match response.status() {
        status if status.is_success() => Ok(response),
        StatusCode::UNPROCESSABLE_ENTITY => {
            let problem: Problem = response.json().await?;
            Err(BackendError::Invalid(problem.detail))
        }
        status => Err(BackendError::Refused(status)),
    }
}

#[derive(Deserialize)]
struct Problem {
    detail: String,
}

/// Why the API did not do what was asked.
#[derive(Debug)]
pub(crate) enum BackendError {
    /// What was sent is wrong; the API says why.
    Invalid(String),
    /// The API refused with this status.
    Refused(StatusCode),
    /// There was no answer.
    Unreachable(reqwest::Error),
}

impl From<reqwest::Error> for BackendError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error)
    }
}

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(detail) => f.write_str(detail),
            Self::Refused(status) => write!(f, "the products API answered {status}"),
            Self::Unreachable(_) => f.write_str("the products API gave no answer: try again"),
        }
    }
}

impl std::error::Error for BackendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreachable(error) => Some(error),
            Self::Invalid(_) | Self::Refused(_) => None,
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(10);
