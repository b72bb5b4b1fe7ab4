//! "Did you mean": the nearest of what exists to what was written.

/// Returns the nearest candidate, `None` where none is near enough to be meant.
pub(crate) fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = written.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= reach(candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A third of the word, and at least one letter: `a` is not a typo of `openid`.
fn reach(candidate: &str) -> usize {
    (candidate.chars().count() / 3).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_offered_and_the_far_is_not() {
        let scopes = ["read:products", "write:products", "openid"];
        let cases = [
            ("read:prodcts", Some("read:products")),
            ("Read:Products", Some("read:products")),
            ("wirte:products", Some("write:products")),
            ("opneid", Some("openid")),
            ("a", None),
            ("delete:everything", None),
        ];
        for (written, expected) in cases {
            assert_eq!(nearest(written, scopes), expected, "{written}");
        }
    }
}
