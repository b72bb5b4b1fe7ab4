//! An API behind TLS: its certificate is judged by the system's roots.

use std::process::Stdio;
use std::sync::Arc;

use http::StatusCode;
use rcgen::CertifiedKey;
use tests::Site;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::api::{ada_at, proxying};

/// Answers whoever asks over TLS.
async fn serve(certified: &CertifiedKey<rcgen::KeyPair>) -> String {
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let Ok(mut socket) = acceptor.accept(socket).await else { continue };
            let mut head = [0; 4_096];
            let read = socket.read(&mut head).await.unwrap();
            let has_token = String::from_utf8_lossy(&head[..read]).contains("authorization: Bearer ");
            let body = if has_token { "yes" } else { "who" };
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{body}");
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    url
}

async fn asked(url: &str) -> (StatusCode, String) {
    let site = Site::open().await;
    let ada = ada_at(&site, proxying(&site, site.auth.proxy("/api", url).unwrap())).await;
    let reply = ada.get("/api/a").await;
    (reply.status, reply.body)
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_gets_no_request() {
    let url = serve(&rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap()).await;
    assert_eq!(asked(&url).await.0, StatusCode::BAD_GATEWAY);
}

/// The roots are read from the environment, which only a process of its own can have.
#[tokio::test]
async fn a_certificate_that_the_system_trusts_is_good() {
    if let Ok(url) = std::env::var("PROXIED_URL") {
        assert_eq!(asked(&url).await, (StatusCode::OK, "yes".to_owned()));
        return;
    }
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let url = serve(&certified).await;
    let roots = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(roots.path(), certified.cert.pem()).unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "outgoing::tls::a_certificate_that_the_system_trusts_is_good"])
        .env("PROXIED_URL", &url)
        .env("SSL_CERT_FILE", roots.path())
        .stdout(Stdio::piped())
        .output();
    let output = child.await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
