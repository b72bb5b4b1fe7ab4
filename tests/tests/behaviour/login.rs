//! The start of a login: what it asks of the provider, and what a link to it may choose.

use tests::Site;

fn parameters(location: &str) -> Vec<(String, String)> {
    let url = url::Url::parse(location).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn values<'a>(parameters: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    parameters.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect()
}

#[tokio::test]
async fn a_link_to_the_login_chooses_what_it_may_and_nothing_else() {
    let site = Site::builder()
        .config(|config| {
            config
                .add_authorization_parameter("ui_locales", "de")
                .add_authorization_parameter("connection", "default")
                .add_login_parameter("connection")
                .add_login_parameter("login_hint")
        })
        .open()
        .await;
    let long = "x".repeat(513);
    let path = format!(
        "/auth/login?connection=acme&connection=evil&ui_locales=xx&scope=admin&state=mine&login_hint={long}"
    );
    let asked = parameters(&site.visitor().get(&path).await.location());
    assert_eq!(values(&asked, "connection"), ["acme"]);
    assert_eq!(values(&asked, "ui_locales"), ["de"]);
    assert!(values(&asked, "login_hint").is_empty(), "too long");
    assert_eq!(values(&asked, "scope").len(), 1);
    assert_ne!(values(&asked, "state"), ["mine"]);
    let default = parameters(&site.visitor().get("/auth/login").await.location());
    assert_eq!(values(&default, "connection"), ["default"]);
}

#[tokio::test]
async fn the_protocols_own_parameters_are_not_for_links_to_choose() {
    for name in ["redirect_uri", "state", "scope", "code_challenge_method", "resource"] {
        let builder = auth_layer::AuthConfig::builder("https://op.example", "client", "https://app.example");
        let refused = builder.add_session_key(tests::SESSION_KEY).add_login_parameter(name).build();
        assert!(refused.unwrap_err().to_string().contains("is the protocol's own"), "{name}");
    }
}

#[tokio::test]
async fn further_audiences_are_asked_for_at_login_each_in_a_resource_of_its_own() {
    let site = Site::builder().config(|config| config.add_audience(tests::BILLING)).open().await;
    let asked = parameters(&site.visitor().get("/auth/login").await.location());
    assert_eq!(values(&asked, "audience"), [tests::SHOP]);
    assert_eq!(values(&asked, "resource"), [tests::SHOP, tests::BILLING]);
}

#[tokio::test]
async fn a_provider_that_calls_itself_something_else_is_a_configuration_that_cannot_work() {
    let site = Site::open().await;
    let wrong = format!("{}/", site.op.issuer());
    let config = auth_layer::AuthConfig::builder(&wrong, &site.op.client_id(), tests::BASE_URL);
    let refused =
        auth_layer::Auth::discover(config.add_session_key(tests::SESSION_KEY).build().unwrap()).await;
    let message = refused.unwrap_err().to_string();
    assert_eq!(
        message,
        format!(
            "the provider calls itself {:?}, the configuration says {wrong:?}: write the issuer as the provider does",
            site.op.issuer()
        )
    );
}

#[tokio::test]
async fn a_person_whose_login_cannot_begin_reads_a_page_and_a_program_a_problem() {
    let site = Site::builder().open().await;
    site.op.stop().await;
    let auth = auth_layer::AuthConfig::builder(&site.op.issuer(), &site.op.client_id(), tests::BASE_URL);
    let auth = auth.add_session_key(tests::SESSION_KEY).with_clock(site.clock.clone()).build().unwrap();
    let auth = auth_layer::Auth::discover(auth).await.unwrap();
    let visitor = site.visitor().at(axum::Router::new().fallback(async || "").layer(auth.layer()));
    let page = visitor.open("/auth/login").await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (503, "text/html; charset=utf-8"));
    assert!(!page.header("retry-after").is_empty());
    let call = visitor.get("/auth/login").await;
    assert_eq!((call.status.as_u16(), call.header("content-type")), (503, "application/problem+json"));
}

#[tokio::test]
async fn two_applications_on_one_host_leave_each_others_logins_and_sessions_alone() {
    let one = Site::open().await;
    let two = Site::builder().config(|config| config.with_session_cookie_name("other_session")).open().await;
    let ada = one.ada().await;
    let begun = ada.get("/auth/login").await.location();
    let there = ada.at(two.app());
    there.get("/auth/login").await;
    assert_eq!(there.get("/session").await.status, http::StatusCode::UNAUTHORIZED);
    assert_eq!(ada.get("/session").await.body, "local|ada");
    let user = auth_layer::testing::User::bob();
    let callback = one.op.browser().log_in(&user, &begun).await.unwrap();
    ada.get(&callback[tests::BASE_URL.len()..]).await;
    assert_eq!(ada.get("/session").await.body, "local|bob", "the login that was begun before is finished");
}
