//! The crates that are built: the same routes, guarded in different ways.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace;

/// A crate of handlers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crate {
    pub(crate) variant: Variant,
    pub(crate) handlers: u32,
    pub(crate) scopes: u32,
}

/// How its handlers are guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// By an extractor of the crate's own and a check at run time.
    ByHand,
    /// The same, with axum's `#[debug_handler]` above each handler: what an attribute costs that many use.
    Yardstick,
    /// By `#[require_auth]`, in axum's router.
    Attribute,
    /// By `#[require_auth]`, in the router that takes no other handlers.
    Guarded,
}

impl Variant {
    /// The two that others are compared with come first.
    pub(crate) const ALL: [Self; 4] = [Self::ByHand, Self::Yardstick, Self::Attribute, Self::Guarded];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ByHand => "extractors by hand",
            Self::Yardstick => "the same, #[debug_handler]",
            Self::Attribute => "#[require_auth], axum's router",
            Self::Guarded => "#[require_auth], guarded router",
        }
    }

    const fn package(self) -> &'static str {
        match self {
            Self::ByHand => "by-hand",
            Self::Yardstick => "yardstick",
            Self::Attribute => "attribute",
            Self::Guarded => "guarded",
        }
    }

    const fn router(self) -> &'static str {
        match self {
            Self::ByHand | Self::Yardstick | Self::Attribute => "axum",
            Self::Guarded => "auth_layer::axum",
        }
    }

    /// Whether an extractor of the crate's own guards it.
    const fn is_by_hand(self) -> bool {
        matches!(self, Self::ByHand | Self::Yardstick)
    }
}

impl Crate {
    pub(crate) fn package(self) -> String {
        self.variant.package().to_owned()
    }

    /// Changes the body of one handler.
    ///
    /// # Errors
    /// Where its file cannot be written.
    pub(crate) fn touch(self, root: &Path, round: u32) -> Result<(), String> {
        written(self.file(root, 0), &self.module(0, &format!("touched in round {round}")))
    }

    fn file(self, root: &Path, module: u32) -> PathBuf {
        root.join(self.variant.package()).join(format!("src/m{module}.rs"))
    }

    fn modules(self) -> u32 {
        self.handlers.div_ceil(IN_A_MODULE)
    }

    fn in_module(self, module: u32) -> std::ops::Range<u32> {
        module * IN_A_MODULE..self.handlers.min((module + 1) * IN_A_MODULE)
    }

    fn library(self) -> String {
        let mut text = String::new();
        if self.variant.is_by_hand() {
            text.push_str(BY_HAND);
        } else {
            text.push_str("pub mod scopes {\n    auth_layer::scopes! {\n        pub api Products = \"https://api.shop.example\" {\n");
            for scope in 0..self.scopes {
                let _ = writeln!(text, "            Scope{scope} = \"read:products:{scope}\",");
            }
            text.push_str("        }\n    }\n}\n");
        }
        for module in 0..self.modules() {
            let _ = writeln!(text, "mod m{module};");
        }
        let router = self.variant.router();
        let _ = writeln!(text, "pub fn app() -> {router}::Router<String> {{\n    {router}::Router::new()");
        for module in 0..self.modules() {
            let _ = writeln!(text, "        .merge(m{module}::routes())");
        }
        text.push_str("}\n");
        text
    }

    fn module(self, module: u32, word: &str) -> String {
        let router = self.variant.router();
        let mut text = format!(
            "use axum::Json;\nuse axum::extract::{{Path, State}};\nuse {router}::Router;\nuse {router}::routing::get;\n\n"
        );
        for handler in self.in_module(module) {
            text.push_str(&self.handler(handler, word));
        }
        let _ = writeln!(text, "pub(super) fn routes() -> Router<String> {{\n    Router::new()");
        for handler in self.in_module(module) {
            let _ = writeln!(text, "        .route(\"/r{handler}/{{id}}\", get(handler_{handler}))");
        }
        text.push_str("}\n");
        text
    }

    fn handler(self, handler: u32, word: &str) -> String {
        let scope = handler % self.scopes;
        let attribute = match self.variant {
            Variant::ByHand => String::new(),
            Variant::Yardstick => "#[axum::debug_handler]\n".to_owned(),
            Variant::Attribute | Variant::Guarded => {
                format!("#[auth_layer::require_auth(scopes = [\"read:products:{scope}\"])]\n")
            }
        };
        let (token, check) = match self.variant.is_by_hand() {
            true => ("crate::Token", format!("    token.require(\"read:products:{scope}\")?;\n")),
            false => ("auth_layer::AccessToken", String::new()),
        };
        format!(
            "{attribute}async fn handler_{handler}(token: {token}, Path(id): Path<u32>, State(shop): State<String>) \
             -> Result<Json<Vec<String>>, http::StatusCode> {{\n{check}    \
             Ok(Json(vec![shop, id.to_string(), token.scopes().to_string(), \"{word}\".to_owned()]))\n}}\n\n"
        )
    }
}

/// Writes a workspace of these crates, with the versions that this one is built with.
///
/// # Errors
/// Where a file cannot be written.
pub(crate) fn write(root: &Path, crates: &[Crate]) -> Result<(), String> {
    let names: Vec<String> = crates.iter().map(|one| format!("{:?}", one.variant.package())).collect();
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", names.join(", "));
    written(root.join("Cargo.toml"), &manifest)?;
    let ours = workspace::root();
    let copied = |name: &str| {
        fs::copy(ours.join(name), root.join(name)).map(drop).map_err(|error| format!("{name}: {error}"))
    };
    copied("Cargo.lock")?;
    copied("rust-toolchain.toml")?;
    for one in crates {
        let folder = root.join(one.variant.package());
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let library = ours.join("auth-layer");
        let manifest = format!(
            "[package]\nname = {:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\nauth-layer = {{ path = {:?} }}\naxum = {{ version = \"0.8\", features = [\"macros\"] }}\nhttp = \"1\"\n",
            one.variant.package(),
            library.display().to_string()
        );
        written(folder.join("Cargo.toml"), &manifest)?;
        written(folder.join("src/lib.rs"), &one.library())?;
        for module in 0..one.modules() {
            written(one.file(root, module), &one.module(module, "as it was"))?;
        }
    }
    Ok(())
}

fn written(path: PathBuf, text: &str) -> Result<(), String> {
    let place = path.parent().unwrap_or(&path);
    fs::create_dir_all(place)
        .and_then(|()| fs::write(&path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}

const IN_A_MODULE: u32 = 50;

/// What a service writes that has no library for it: one extractor for all, and the check in the body.
const BY_HAND: &str = r#"pub struct Token(Vec<String>);

impl Token {
    pub fn require(&self, scope: &str) -> Result<(), http::StatusCode> {
        if self.0.iter().any(|held| held == scope) { Ok(()) } else { Err(http::StatusCode::FORBIDDEN) }
    }

    pub fn scopes(&self) -> String {
        self.0.join(" ")
    }
}

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Token {
    type Rejection = http::StatusCode;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        let header = parts.headers.get("authorization").ok_or(http::StatusCode::UNAUTHORIZED)?;
        let text = header.to_str().map_err(|_| http::StatusCode::UNAUTHORIZED)?;
        Ok(Self(text.split(' ').map(str::to_owned).collect()))
    }
}

"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_crate_has_every_handler_once_and_a_route_to_it() {
        for variant in Variant::ALL {
            let one = Crate { variant, handlers: 120, scopes: 7 };
            let all: String = (0..one.modules()).map(|module| one.module(module, "")).collect();
            assert_eq!(one.modules(), 3);
            for handler in 0..120 {
                assert_eq!(all.matches(&format!("async fn handler_{handler}(")).count(), 1);
                assert_eq!(all.matches(&format!("get(handler_{handler})")).count(), 1);
            }
            assert_eq!(all.matches("\"read:products:6\"").count(), 17, "{variant:?}");
            let attributes = if variant == Variant::ByHand { 0 } else { 120 };
            assert_eq!(all.matches("#[").count(), attributes, "{variant:?}");
        }
    }
}
