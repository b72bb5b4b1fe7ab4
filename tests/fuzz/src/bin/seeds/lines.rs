//! Headers of answers: challenges of an API, and what a provider says of its quota.

/// One value a line; after `!` one is built of the bytes.
pub(crate) const CHALLENGES: [(&str, &str); 22] = [
    (
        "again.rfc6750",
        r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#,
    ),
    ("again.any_case", "bEARER ERROR=invalid_token"),
    ("again.escaped", r#"Bearer error="invalid\_\token""#),
    (
        "again.among_others",
        r#"Basic realm="a, b", Negotiate a8742==, Bearer error = "invalid_token" , DPoP algs="ES256""#,
    ),
    ("again.empty_elements", r#", ,Bearer error="invalid_token",,"#),
    ("again.second_line", "Basic realm=\"x\nBearer error=\"invalid_token\""),
    ("again.bare_before", r#"Negotiate, Bearer error="invalid_token""#),
    ("once.scope", r#"Bearer error="insufficient_scope", scope="read:products""#),
    ("once.no_error", r#"Bearer realm="example""#),
    ("once.bare", "Bearer"),
    ("once.dpop", r#"DPoP error="invalid_token", algs="ES256""#),
    ("once.lookalike", r#"Basic realm="Bearer error=invalid_token""#),
    ("once.in_a_description", r#"Bearer error_description="error=\"invalid_token\"""#),
    ("once.twice", r#"Bearer error="invalid_token", error="invalid_token""#),
    ("once.open", r#"Bearer error="invalid_token"#),
    ("once.open_behind", r#"Bearer error="invalid_token", realm="x\"#),
    ("once.no_comma", r#"Bearer error="invalid_token" realm="x""#),
    ("once.torn", "Bearer\nerror=\"invalid_token\""),
    ("once.other_scheme", r#"XBearer error="invalid_token", Bearer Bearer, Bearer2 error=invalid_token"#),
    ("once.not_ascii", "Bearer error=\"invalid_token\u{fc}\""),
    (
        "built",
        "!abcdefghijklmnopqrstuvwxyz0123456789\n!\u{1}\u{2}\u{3}\u{2}\u{0}\u{2}\u{1}\u{0}\u{0}\u{0}\u{1}",
    ),
    (
        "built.long",
        "!zyxwvutsrqponmlkjihgfedcbaZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba",
    ),
];

/// Lines: headers, a status; after `!` and `?` the buckets of one are built of the bytes.
pub(crate) const QUOTAS: [(&str, &str); 20] = [
    (
        "open.auth0",
        "ask\nAuth0-Client-Quota-Limit: b=per_hour;q=100;r=90;t=3600,b=per_day;q=1000;r=950;t=86400",
    ),
    ("open.organization", "Auth0-Organization-Quota-Limit: b=per_day;q=10;r=1;t=86400"),
    ("open.none", ""),
    ("open.named_first", "Auth0-Client-Quota-Limit: per_hour;q=100;r=90;t=60"),
    ("open.ends_now", "Auth0-Client-Quota-Limit: b=per_hour;q=100;r=0;t=0"),
    ("open.garbage", "Auth0-Client-Quota-Limit: ,;=;b=;q=-1,r=1.5;t=x,r=99999999999999999999"),
    ("open.not_ascii", "Auth0-Client-Quota-Limit: b=per_hour;r=0;t=60;\u{fc}"),
    ("open.more_than_all", "Auth0-Client-Quota-Limit: b=per_hour;q=1;r=2;t=60"),
    ("open.too_many_at_once", "ask\n429\nRetry-After: 7"),
    ("open.away", "ask\n503\nRetry-After: 99999999"),
    ("open.away_until", "503\nRetry-After: Fri, 15 Jan 2027 08:10:00 GMT"),
    (
        "closed.hour",
        "ask\nAuth0-Client-Quota-Limit: b=per_hour;q=100;r=0;t=60,b=per_day;q=1000;r=950;t=86400",
    ),
    ("closed.without_time", "Auth0-Client-Quota-Limit: b=per_month;q=100;r=0"),
    ("closed.for_years", "Auth0-Client-Quota-Limit: b=per_century;r=0;t=18446744073709551615"),
    ("closed.organization", "Auth0-Organization-Quota-Limit: b = \"per_hour\" ; R=0 ; t=\"7\" "),
    (
        "closed.both",
        "ask\n429\nAuth0-Client-Quota-Limit: b=per_day;q=1;r=0;t=5\nAuth0-Organization-Quota-Limit: r=0;t=9",
    ),
    (
        "closed.two_lines",
        "Auth0-Client-Quota-Limit: b=per_day;q=1;r=1\nAuth0-Client-Quota-Limit: b=per_hour;r=0",
    ),
    ("closed.away", "ask\n503\nAuth0-Client-Quota-Limit: b=per_day;q=1;r=0;t=86400"),
    (
        "built",
        "!abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz\n?9876543210zyxwvutsrqponmlkjihgfedcba",
    ),
    (
        "built.refused",
        "ask\n429\n!\u{2}\u{1}\u{5}\u{9}\u{2}\u{3}\u{5}\u{7}\u{1}\u{1}\u{0}\u{3}\u{1}\u{1}\u{3}\n?zyxwvutsrqponmlkjihgfedcba",
    ),
];
