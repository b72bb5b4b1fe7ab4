//! Who may be talked to, and in what way: TLS with verified certificates, unless it stays on this machine.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::session::postgres_store::error::PostgresStoreError;

/// Whether TLS is asked for although it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plaintext {
    Refused,
    Allowed,
}

/// Makes the configuration ask for TLS where it has to be.
///
/// `prefer`, the default of `PostgreSQL`, gives way to whoever says that there is no TLS. So it is
/// `require` to another machine, and off on this one, where there is rarely a certificate to verify.
pub(super) fn decide(config: &mut Config, plaintext: Plaintext) -> Result<(), PostgresStoreError> {
    let (asked, stays) = (config.get_ssl_mode(), stays_on_this_machine(config));
    let decided = match (asked, stays, plaintext) {
        (SslMode::Disable | SslMode::Prefer, true, _) => SslMode::Disable,
        (SslMode::Disable, false, Plaintext::Refused) => return Err(PostgresStoreError::Plaintext),
        (SslMode::Prefer, false, Plaintext::Refused) => SslMode::Require,
        (asked, ..) => asked,
    };
    config.ssl_mode(decided);
    Ok(())
}

fn stays_on_this_machine(config: &Config) -> bool {
    let (hosts, addresses) = (config.get_hosts(), config.get_hostaddrs());
    if !addresses.is_empty() {
        return addresses.iter().all(IpAddr::is_loopback);
    }
    hosts.iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

/// Trusts these certificates alone, or those that the machine trusts.
///
/// The provider of cryptography is named: which is the process's default is up to the application.
pub(super) fn connector(roots: Option<&[u8]>) -> Result<MakeRustlsConnect, PostgresStoreError> {
    let refused = |_| PostgresStoreError::Certificates;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().map_err(refused)?;
    let config = match roots {
        None => builder.with_platform_verifier().map_err(refused)?.with_no_client_auth(),
        Some(pem) => {
            let mut store = RootCertStore::empty();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|_| PostgresStoreError::Certificates)?;
                store.add(certificate).map_err(refused)?;
            }
            if store.is_empty() {
                return Err(PostgresStoreError::Certificates);
            }
            builder.with_root_certificates(store).with_no_client_auth()
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stays_on_this_machine_goes_without_tls() {
        use Plaintext::{Allowed, Refused};
        let table = [
            ("postgres://localhost/a", Refused, Some(SslMode::Disable)),
            ("postgres://127.0.0.9/a", Refused, Some(SslMode::Disable)),
            ("postgres://[::1]/a", Refused, Some(SslMode::Disable)),
            ("host=/run/postgresql dbname=a", Refused, Some(SslMode::Disable)),
            ("postgres://localhost/a?sslmode=require", Refused, Some(SslMode::Require)),
            ("postgres://db.example/a", Refused, Some(SslMode::Require)),
            ("postgres://localhost.example/a", Refused, Some(SslMode::Require)),
            ("postgres://localhost,db.example/a", Refused, Some(SslMode::Require)),
            ("host=localhost hostaddr=192.0.2.1 dbname=a", Refused, Some(SslMode::Require)),
            ("postgres://db.example/a?sslmode=prefer", Refused, Some(SslMode::Require)),
            ("postgres://db.example/a?sslmode=disable", Refused, None),
            ("postgres://db.example/a?sslmode=disable", Allowed, Some(SslMode::Disable)),
            ("postgres://db.example/a", Allowed, Some(SslMode::Prefer)),
        ];
        for (url, plaintext, expected) in table {
            let mut config: Config = url.parse().unwrap();
            let decided = decide(&mut config, plaintext);
            assert_eq!(decided.is_ok().then(|| config.get_ssl_mode()), expected, "{url} {plaintext:?}");
        }
    }

    #[test]
    fn root_certificates_that_are_none_are_refused() {
        for pem in
            [&b""[..], b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
        {
            assert!(matches!(connector(Some(pem)), Err(PostgresStoreError::Certificates)));
        }
        assert!(connector(None).is_ok());
    }
}
