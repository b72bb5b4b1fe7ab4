//! A provider's documents, served by a thread of this process: no target needs a network.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::OnceLock;

use serde_json::json;

use crate::keys;

/// Where the documents are: the metadata of an OpenID provider, and its keys at `/jwks`.
pub(crate) fn origin() -> &'static str {
    static ORIGIN: OnceLock<String> = OnceLock::new();
    ORIGIN.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let origin = format!("http://{}", listener.local_addr().expect("it is bound"));
        let metadata = json!({
            "issuer": origin,
            "authorization_endpoint": format!("{origin}/authorize"),
            "token_endpoint": format!("{origin}/token"),
            "jwks_uri": format!("{origin}/jwks"),
            "end_session_endpoint": format!("{origin}/logout"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let documents = [keys::document(), metadata.to_string()];
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever hangs up is answered no further.
                let _ = answer(stream, &documents);
            }
        });
        origin
    })
}

/// An address at which nobody listens.
pub(crate) const NOBODY: &str = "http://127.0.0.1:1";

fn answer(mut stream: TcpStream, [keys, metadata]: &[String; 2]) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let asked = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let (status, body) = match asked.split(' ').nth(1) {
        Some("/jwks") => ("200 OK", keys.as_str()),
        Some("/.well-known/openid-configuration") => ("200 OK", metadata.as_str()),
        _ => ("404 Not Found", ""),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
