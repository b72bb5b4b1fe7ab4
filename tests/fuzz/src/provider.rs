//! A provider's token endpoint that answers as it is told, on loopback.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, StatusCode};
use serde_json::json;

/// A provider of which only the token endpoint matters.
pub(crate) struct Provider {
    pub(crate) origin: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    answer: Mutex<Vec<u8>>,
    posts: AtomicUsize,
}

impl Provider {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let origin = format!("http://{}", listener.local_addr().expect("it is bound"));
        let metadata = json!({
            "issuer": origin,
            "authorization_endpoint": format!("{origin}/authorize"),
            "token_endpoint": format!("{origin}/token"),
            "jwks_uri": format!("{origin}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let metadata = whole(StatusCode::OK, &HeaderMap::new(), &metadata.to_string());
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, metadata) = (Arc::clone(&shared), metadata.clone());
                // Whoever hangs up is answered no further.
                std::thread::spawn(move || drop(shared.serve(stream, &metadata)));
            }
        });
        Self { origin, state }
    }

    /// Says what the token endpoint answers from now on.
    pub(crate) fn answer(&self, status: StatusCode, headers: &HeaderMap, body: &str) {
        *self.state.answer() = whole(status, headers, body);
    }

    /// How often it was asked for a token.
    pub(crate) fn posts(&self) -> usize {
        self.state.posts.load(Ordering::SeqCst)
    }
}

impl State {
    fn answer(&self) -> MutexGuard<'_, Vec<u8>> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, mut stream: TcpStream, metadata: &[u8]) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream.try_clone()?);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let is_post = line.starts_with("POST");
            let mut length = 0;
            loop {
                line.clear();
                reader.read_line(&mut line)?;
                match line.trim_end().split_once(':') {
                    Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                        length = value.trim().parse().unwrap_or_default();
                    }
                    Some(_) => {}
                    None => break,
                }
            }
            reader.read_exact(&mut vec![0; length])?;
            if is_post {
                self.posts.fetch_add(1, Ordering::SeqCst);
                let answer = self.answer().clone();
                stream.write_all(&answer)?;
            } else {
                stream.write_all(metadata)?;
            }
        }
    }
}

fn whole(status: StatusCode, headers: &HeaderMap, body: &str) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {} x\r\n", status.as_u16()).into_bytes();
    for (name, value) in headers {
        answer.extend([name.as_str().as_bytes(), b":", value.as_bytes(), b"\r\n"].concat());
    }
    let length = body.len();
    let rest = format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}");
    answer.extend(rest.as_bytes());
    answer
}
