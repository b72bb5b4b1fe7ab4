//! The order of things: store, provider, forwarder's address, instances, logins, load, table.

use std::time::Duration;

use auth_layer::testing::{IdentityProvider, Rotation, User};
use tokio::net::TcpListener;

use crate::Failure;
use crate::forwarder::Forwarder;
use crate::instance::{self, Instance};
use crate::load;
use crate::report::Report;
use crate::settings::Settings;
use crate::store::{self, Store};

/// Runs the fleet, and returns whether all was well.
pub(crate) async fn run(settings: Settings) -> Result<bool, Failure> {
    let store = Store::open().await?;
    // The address first: it is where the users go, whichever instance answers.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base_url = format!("http://{}", listener.local_addr()?);
    let users: Vec<User> = (1..=settings.users).map(|n| User::new(format!("user-{n}"), "password")).collect();
    let provider = provider(&base_url, &users).await?;
    let variables = variables(&settings, &store, &provider, &base_url)?;
    let mut instances = Vec::new();
    for _ in 0..settings.instances {
        instances.push(Instance::start(&variables).await?);
    }
    let forwarder = Forwarder::new(instances.iter().map(|instance| instance.address.clone()))?;
    tokio::spawn(axum::serve(listener, forwarder.router()).into_future());

    println!(
        "{} instances on {}, sessions in {}: {} users log in at {base_url}",
        settings.instances,
        store.name(),
        match settings.sessions.word() {
            "store" => "the store",
            word => word,
        },
        settings.users,
    );
    let visitors = load::log_in(&users, &base_url, &provider).await?;
    let tally = load::run(&settings, &visitors, &provider).await?;
    for instance in instances {
        instance.stop().await?;
    }
    let report = Report {
        load: &tally,
        refreshes: provider.token_calls("refresh_token"),
        reused: provider.log_count("ferrt"),
        instances: &forwarder.requests(),
    };
    print!("{}", report.table());
    Ok(report.is_good())
}

async fn provider(base_url: &str, users: &[User]) -> Result<IdentityProvider, Failure> {
    let builder = IdentityProvider::builder()
        .access_token_lifetime(TOKEN_LIFETIME)
        // A refresh token that comes twice ends the session that it is of.
        .rotation(Rotation::Strict)
        .add_redirect_uri(format!("{base_url}/auth/callback"));
    Ok(users.iter().cloned().fold(builder, |builder, user| builder.add_user(user)).start().await?)
}

fn variables(
    settings: &Settings,
    store: &Store,
    provider: &IdentityProvider,
    base_url: &str,
) -> Result<Vec<(&'static str, String)>, Failure> {
    let mut key = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut key).map_err(|_| "the system gives no random bytes")?;
    let key = key.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(vec![
        ("AUTH_ISSUER", provider.issuer()),
        ("AUTH_CLIENT_ID", provider.client_id()),
        ("AUTH_CLIENT_SECRET", provider.client_secret()),
        ("AUTH_BASE_URL", base_url.to_owned()),
        ("AUTH_SESSION_KEYS", key),
        (store::VARIABLE, store.url().clone()),
        (instance::SESSIONS, settings.sessions.word().to_owned()),
    ])
}

const TOKEN_LIFETIME: Duration = Duration::from_secs(5);
