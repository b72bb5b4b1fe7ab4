//! What cargo knows of the workspace: packages, features, targets.

use std::process::Stdio;

use serde_json::Value;

use crate::process;

/// The workspace as `cargo metadata --no-deps` describes it.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
}

/// One member.
#[derive(Debug, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) features: Vec<String>,
    /// Kind (`bin`, `example`, `test`, ...) and name.
    pub(crate) targets: Vec<(String, String)>,
}

impl Workspace {
    /// Asks cargo.
    ///
    /// # Errors
    /// When cargo fails or answers something else than metadata.
    pub(crate) fn read() -> Result<Self, String> {
        let output = process::cargo(&["metadata", "--no-deps", "--format-version", "1"])
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("cargo metadata did not start: {error}"))?;
        if !output.status.success() {
            return Err("cargo metadata failed".into());
        }
        let json =
            serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
        Ok(Self::parse(&json))
    }

    fn parse(json: &Value) -> Self {
        Self { packages: list(&json["packages"]).iter().map(Package::parse).collect() }
    }

    /// Returns the member of this name.
    pub(crate) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }
}

impl Package {
    fn parse(json: &Value) -> Self {
        let targets = list(&json["targets"]).iter().flat_map(|target| {
            list(&target["kind"]).iter().map(|kind| (text(kind), text(&target["name"]))).collect::<Vec<_>>()
        });
        Self {
            name: text(&json["name"]),
            features: json["features"]
                .as_object()
                .map(|all| all.keys().cloned().collect())
                .unwrap_or_default(),
            targets: targets.collect(),
        }
    }

    /// Tells whether the package has a target of this kind and name.
    pub(crate) fn has(&self, kind: &str, name: &str) -> bool {
        self.targets.iter().any(|(its_kind, its_name)| its_kind == kind && its_name == name)
    }
}

fn list(json: &Value) -> &[Value] {
    json.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(json: &Value) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_is_read() {
        let workspace = Workspace::read().expect("cargo runs here");
        let layer = workspace.package("auth-layer").expect("a member");
        assert!(layer.features.iter().any(|feature| feature == "testing"));
        let xtask = workspace.package("xtask").expect("a member");
        assert!(xtask.has("bin", "xtask") && !xtask.has("bin", "shop") && !xtask.has("example", "xtask"));
    }
}
