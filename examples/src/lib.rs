//! Small programs that use auth-layer, one idea each.
//!
//! | program | what it shows |
//! |---|---|
//! | `cargo run -p examples --example hello` | the smallest web application whose users log in |
//! | `cargo run -p examples --example stored_sessions` | hello, with its sessions in a store |
//! | `cargo run -p examples --example other_audience` | hello, with the token of a second API |
//! | `cargo run -p examples --example exchange` | an API that calls another on its user's behalf |
//! | `cargo run -p examples --example plain_tower` | the layer and `#[require_auth]` without axum |
//! | `cargo run -p examples --example worker` | machine tokens: cached, budgeted, counted |
//! | `cargo run -p examples --example proxy` | hello, with an API behind it, whose token no browser sees |
//! | `cargo run -p examples --bin shop` | the whole idea on one page, with the API behind it |
//! | `cargo run -p examples --bin shop -- --check` | the same story, checked without a browser |
//! | `cargo run --release -p examples --bin fleet` | three instances on one Redis, under load |
//! | `cargo run --release -p examples --bin quota -- audit LOG` | which tokens of a tenant's log counted against the M2M quota |
//! | `cargo run -p examples --bin quota -- ask` | whether a user's access token does: no |
