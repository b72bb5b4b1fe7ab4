//! What an event costs, by its code in the tenant's log.

/// What an event costs, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cost {
    /// Client credentials: one of the M2M quota, unless the audience is the tenant's own.
    ByAudience,
    /// None.
    Nothing(&'static str),
    /// Documented neither way.
    Undocumented,
    /// None; a rate limit was reached.
    RateLimit,
}

/// Returns what an event of this code costs.
pub(crate) fn cost(code: &str) -> Cost {
    match code {
        "seccft" => Cost::ByAudience,
        "secte" | "success_on_behalf_of_token_exchange" | "seta" => Cost::Undocumented,
        "api_limit" | "api_limit_warning" => Cost::RateLimit,
        "s" | "ssa" | "sens" => Cost::Nothing("a user's login"),
        "seacft" => Cost::Nothing("a user's authorization code"),
        "sertft" => Cost::Nothing("a user's refresh token, whatever the audience"),
        "sepft" | "sede" | "seoobft" | "seotpft" | "sercft" | "ciba_exchange_succeeded" => {
            Cost::Nothing("another grant of a user")
        }
        _ if code.starts_with('f') => Cost::Nothing("failed: nothing was issued"),
        _ => Cost::Nothing("no client credentials"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_credentials_alone_can_cost_quota() {
        let codes = [
            "s",
            "ssa",
            "slo",
            "seacft",
            "sertft",
            "sepft",
            "sede",
            "f",
            "fp",
            "feacft",
            "feccft",
            "fertft",
            "ferrt",
            "fecte",
            "failed_on_behalf_of_token_exchange",
            "feta",
            "sapi",
            "srrt",
            "",
            "SECCFT",
            "seccft ",
        ];
        for code in codes {
            assert!(matches!(cost(code), Cost::Nothing(_)), "{code}");
        }
        assert_eq!(cost("seccft"), Cost::ByAudience);
        for code in ["secte", "success_on_behalf_of_token_exchange", "seta"] {
            assert_eq!(cost(code), Cost::Undocumented, "{code}");
        }
        assert_eq!(cost("api_limit"), Cost::RateLimit);
    }
}
