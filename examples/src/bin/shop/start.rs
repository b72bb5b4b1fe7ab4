//! Starting the shop: sockets first, so that the addresses are known, then who depends on them.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use auth_layer::axum::Router;
use auth_layer::config::{AuthConfigBuilder, ResourceServerConfig, TrustedIssuer};
use auth_layer::{Auth, AuthConfig, Clock};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::{self, Catalogue};
use crate::backend::Backend;
use crate::demo::Demo;
use crate::error::StartError;
use crate::scopes;
use crate::settings::{self, Provider, Settings};
use crate::web::{self, Shop};

/// A shop that runs, with the products API behind it.
pub(crate) struct Running {
    pub(crate) base_url: String,
    /// Where the products API listens, if it is a server of its own.
    pub(crate) api_url: Option<String>,
    pub(crate) demo: Option<Demo>,
    auth: Auth,
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<std::io::Result<()>>>,
}

impl Running {
    pub(crate) async fn start(settings: Settings) -> Result<Self, StartError> {
        let listener = listen(&settings.listen).await?;
        let address = local_address(&listener, &settings.listen)?;
        let (demo, issuer, trusted) = match settings.provider {
            Provider::Embedded => {
                let demo = Demo::start().await?;
                let issuer = demo.provider.issuer();
                let trusted = TrustedIssuer::new(&issuer);
                (Some(demo), issuer, Some(trusted))
            }
            Provider::Configured { issuer, trusted } => (None, issuer, *trusted),
        };
        let (config, base_url) = configure(address, demo.as_ref())?;
        let auth = settings.sessions.discover(config).await?;
        let (stop, stopped) = watch::channel(false);
        let mut servers = Vec::new();
        let clock = demo.as_ref().map_or_else(Clock::system, |demo| demo.clock.clone());
        let (backend, api_url) = match trusted {
            Some(trusted) => {
                let (router, listener, url) = products_api(trusted, &clock).await?;
                servers.push(serve(listener, router, stopped.clone()));
                (Backend::remote(&url)?, Some(url))
            }
            None => (Backend::in_process(Catalogue::stocked()), None),
        };
        let running = auth.clone();
        let worker = settings.worker.worker(&auth, &backend)?;
        if let (Some(worker), Some(pause)) = (&worker, settings.worker.pause()) {
            servers.push(tokio::spawn(worker.clone().run_every(pause, stopped.clone())));
        }
        let ledger = auth.ledger().clone();
        let shop = Shop { backend, ledger, clock, worker, demo: demo.clone() };
        servers.push(serve(listener, web::router(shop, &issuer).layer(auth.layer()), stopped));
        Ok(Self { base_url, api_url, demo, auth: running, stop, servers })
    }

    /// Serves until `signal`, then lets what is under way finish, for fifteen seconds at most.
    pub(crate) async fn until(self, signal: impl Future<Output = ()>) -> Result<(), StartError> {
        signal.await;
        self.stop.send_replace(true);
        let finished = async {
            for server in self.servers {
                if let Ok(Err(error)) = server.await {
                    return Err(StartError::Serve(error));
                }
            }
            // What a refresh brought is saved, also for a client that went away.
            self.auth.drain().await;
            Ok(())
        };
        tokio::time::timeout(FAREWELL, finished).await.unwrap_or(Ok(()))
    }
}

fn serve(
    listener: TcpListener,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) -> JoinHandle<std::io::Result<()>> {
    let signal = async move {
        // The sender is gone: stop as well.
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    tokio::spawn(axum::serve(listener, router).with_graceful_shutdown(signal).into_future())
}

async fn products_api(
    trusted: TrustedIssuer,
    clock: &Clock,
) -> Result<(Router, TcpListener, String), StartError> {
    let listener = listen("127.0.0.1:0").await?;
    let url = format!("http://{}", local_address(&listener, "127.0.0.1:0")?);
    let config = ResourceServerConfig::builder(scopes::AUDIENCE)
        .add_issuer(trusted)
        .with_base_url(&url)
        .with_name("Products API")
        .with_clock(clock.clone());
    let auth = Auth::resource_server(config.build()?).await?;
    Ok((api::router(Catalogue::stocked(), &auth), listener, url))
}

/// Returns the configuration, and the address that users type.
fn configure(address: SocketAddr, demo: Option<&Demo>) -> Result<(AuthConfig, String), StartError> {
    let here = if address.ip().is_unspecified() {
        format!("http://127.0.0.1:{}", address.port())
    } else {
        format!("http://{address}")
    };
    let (builder, base_url) = match demo {
        Some(demo) => (at_embedded(demo, &here)?, here),
        None => at_configured(&here)?,
    };
    // Cookies do not know ports: two shops on one host must not share a name.
    let builder = if base_url.starts_with("https:") {
        builder
    } else {
        let port = url::Url::parse(&base_url).ok().and_then(|url| url.port_or_known_default());
        builder.with_session_cookie_name(&format!("shop_session_{}", port.unwrap_or(address.port())))
    };
    Ok((builder.build()?, base_url))
}

fn at_embedded(demo: &Demo, here: &str) -> Result<AuthConfigBuilder, StartError> {
    let provider = &demo.provider;
    provider.register_redirect_uri(&format!("{here}/auth/callback"));
    provider.register_post_logout_redirect_uri(&format!("{here}/"));
    Ok(AuthConfig::builder(&provider.issuer(), &provider.client_id(), here)
        .with_client_secret(provider.client_secret())
        .with_audience(scopes::AUDIENCE)
        .with_scopes(SCOPES)
        .add_session_key(new_session_key()?)
        // The button that lets tokens expire moves the clock for sessions as well.
        .with_session_inactivity(DEMO_SESSION)
        .with_session_lifetime(DEMO_SESSION)
        .with_clock(demo.clock.clone()))
}

fn at_configured(here: &str) -> Result<(AuthConfigBuilder, String), StartError> {
    let base_url = settings::read("AUTH_BASE_URL").or_else(|| settings::read("APP_BASE_URL"));
    let base_url = base_url.unwrap_or_else(|| here.to_owned());
    let keys = settings::read("AUTH_SESSION_KEYS").or_else(|| settings::read("AUTH0_SECRET"));
    let keys = keys.map_or_else(new_session_key, Ok)?;
    let audience = settings::read("AUTH_AUDIENCE").or_else(|| settings::read("AUTH0_AUDIENCE"));
    let scopes = settings::read("AUTH_SCOPES").or_else(|| settings::read("AUTH0_SCOPE"));
    let builder = AuthConfig::builder_from(|name| match name {
        "AUTH_BASE_URL" => Some(base_url.clone()),
        "AUTH_SESSION_KEYS" => Some(keys.clone()),
        "AUTH_AUDIENCE" => Some(audience.clone().unwrap_or_else(|| scopes::AUDIENCE.to_owned())),
        "AUTH_SCOPES" => Some(scopes.clone().unwrap_or_else(|| SCOPES.to_owned())),
        "APP_BASE_URL" | "AUTH0_SECRET" | "AUTH0_AUDIENCE" | "AUTH0_SCOPE" => None,
        other => settings::read(other),
    })?;
    Ok((builder, base_url))
}

fn new_session_key() -> Result<String, StartError> {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| StartError::Random)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

async fn listen(address: &str) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| StartError::Listen(address.to_owned(), error))
}

fn local_address(listener: &TcpListener, asked: &str) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(|error| StartError::Listen(asked.to_owned(), error))
}

const SCOPES: &str = "openid profile email offline_access read:products write:products";
/// A provider is waited for for ten.
const FAREWELL: Duration = Duration::from_secs(15);
const DEMO_SESSION: Duration = Duration::from_secs(30 * 86_400);
