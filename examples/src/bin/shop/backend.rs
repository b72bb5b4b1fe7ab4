//! The shop's client of the products API: each call says in its signature which scope it needs.
//!
//! The calls are written from the API's own definition. Here stands what no definition knows: where the API
//! is, how long to wait, and what an answer means.

use std::fmt;
use std::time::Duration;

use auth_layer::AccessToken;
use auth_layer::outbound::{Call, PathError};
use auth_layer::token::Grants;
use http::StatusCode;
use http::header::AUTHORIZATION;
use reqwest::{Client, Response};
use serde::Deserialize;

use crate::api::{Catalogue, NewProduct, Product};
use crate::error::StartError;
use crate::scopes::{ReadProducts, WriteProducts};

auth_layer::client!(trait ProductsApi from "products.openapi.yaml");

/// Where the products are.
#[derive(Clone)]
pub(crate) struct Backend(Place);

#[derive(Clone)]
enum Place {
    /// Behind the API, which judges each token itself.
    Remote(Remote),
    /// In this process, for a provider whose tokens the API would not know: what stands before it is the
    /// shop's own `#[require_auth]`, without which the calls below do not compile.
    InProcess(Catalogue),
}

#[derive(Clone)]
struct Remote {
    client: Client,
    base: String,
}

impl ProductsApi for Remote {
    type Body = NewProduct;
    type Reply = Response;
    type Error = BackendError;

    async fn send(&self, call: Call<NewProduct>) -> Result<Response, BackendError> {
        let address = format!("{}{}", self.base, call.path());
        let mut request = self.client.request(call.method().clone(), address);
        if let Some(token) = call.authorization() {
            request = request.header(AUTHORIZATION, token);
        }
        if let Some(product) = call.into_body() {
            request = request.json(&product);
        }
        accepted(request.send().await?).await
    }
}

impl Backend {
    pub(crate) fn remote(base: &str) -> Result<Self, StartError> {
        let builder = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let client = builder.timeout(PATIENCE).build().map_err(StartError::Client)?;
        Ok(Self(Place::Remote(Remote { client, base: base.to_owned() })))
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
            Place::Remote(api) => Ok(api.list_products(token).await?.json().await?),
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
            Place::Remote(api) => Ok(api.add_product(token, new).await?.json().await?),
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

impl From<PathError> for BackendError {
    fn from(error: PathError) -> Self {
        Self::Invalid(error.to_string())
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
