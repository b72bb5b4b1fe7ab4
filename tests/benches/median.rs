//! Medians that criterion wrote in this run: what an earlier run left is not one of them.

use std::fs;
use std::time::SystemTime;

/// The medians of the run that has begun.
pub(crate) struct Medians {
    since: SystemTime,
}

impl Medians {
    /// Begins a run.
    pub(crate) fn begin() -> Self {
        Self { since: SystemTime::now() }
    }

    /// Returns the median in nanoseconds, where this run measured it.
    pub(crate) fn of(&self, group: &str, name: &str) -> Option<f64> {
        let target = std::env::var("CARGO_TARGET_DIR")
            .unwrap_or_else(|_| format!("{}/../target", env!("CARGO_MANIFEST_DIR")));
        // A row without a group has no folder within.
        let within = if name.is_empty() { String::new() } else { format!("{}/", folder(name)) };
        let path = format!("{target}/criterion/{}/{within}new/estimates.json", folder(group));
        if fs::metadata(&path).ok()?.modified().ok()? < self.since {
            return None;
        }
        let estimates: serde_json::Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        estimates["median"]["point_estimate"].as_f64()
    }
}

/// The name that criterion gives to a folder, whose end it cuts off.
fn folder(name: &str) -> String {
    assert!(name.len() <= 64, "`{name}`: criterion keeps 64 bytes of a name");
    name.chars().map(|c| if "?\"/\\*<>:|^".contains(c) { '_' } else { c }).collect()
}
