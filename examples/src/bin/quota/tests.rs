//! The whole program, on the log of a provider at which people and machines were busy.

use std::path::PathBuf;

use auth_layer::testing::{ClientRegistration, Endpoint, IdentityProvider};
use serde_json::{Value, json};

use crate::ask::application::{Application, FORCE_TOKEN, GET_TOKEN};
use crate::ask::visitor::Visitor;
use crate::audit::{self, Audit};
use crate::ledger::Ledger;
use crate::report::Findings;
use crate::settings::{AuditSettings, SampleSettings};
use crate::{Outcome, sample};

const API: &str = "https://api.shop.example";

/// A provider, an application with a ledger, and a worker that fetches tokens past it.
struct Tenant {
    provider: IdentityProvider,
    application: Application,
    http: reqwest::Client,
}

impl Tenant {
    async fn open() -> Self {
        let worker = ClientRegistration::confidential("worker", "a secret for loopback");
        let builder = IdentityProvider::builder().client(worker).machine_quota(4, 100);
        let provider = builder.start().await.unwrap();
        let application = Application::start(&provider, API).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { provider, application, http }
    }

    /// Posts to the token endpoint as the worker, and returns the status and the token.
    async fn fetch(&self, more: &[(&str, &str)]) -> (u16, String) {
        let form = [&[("grant_type", "client_credentials")], more].concat();
        let request = self.http.post(self.provider.url(Endpoint::Token)).form(&form);
        let answer = request.basic_auth("worker", Some("a secret for loopback")).send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        (status, body["access_token"].as_str().unwrap_or_default().to_owned())
    }

    /// Three logins, two refreshes by force, four tokens of the worker that count, one that does not, a
    /// failure, and a limit.
    async fn be_busy(&self) {
        for forced in [0, 2, 0] {
            let mut visitor = Visitor::log_in(&self.application.base_url, &self.provider).await.unwrap();
            assert_eq!(visitor.open(GET_TOKEN).await.unwrap(), API);
            for _ in 0..forced {
                assert_eq!(visitor.open(FORCE_TOKEN).await.unwrap(), API);
            }
        }
        for more in [&[][..], &[], &[("organization", "org_1")], &[("scope", "read:products")]] {
            assert_eq!(self.fetch(&[&[("audience", API)], more].concat()).await.0, 200);
        }
        assert_eq!(self.fetch(&[("audience", "https://nowhere.example")]).await.0, 400);
        assert_eq!(self.fetch(&[("audience", API)]).await.0, 429);
    }

    async fn management_token(&self) -> String {
        self.fetch(&[("audience", &format!("{}/api/v2/", self.provider.issuer()))]).await.1
    }

    /// Reads the log page by page, as a developer's script does, newest first.
    async fn pages(&self, token: &str) -> Vec<String> {
        let mut pages = Vec::new();
        for page in 0.. {
            let url = format!("{}?per_page=5&page={page}", self.provider.url(Endpoint::Logs));
            let answer = self.http.get(url).bearer_auth(token).send().await.unwrap();
            let text = answer.error_for_status().unwrap().text().await.unwrap();
            if text == "[]" {
                break;
            }
            pages.push(text);
        }
        pages
    }

    fn ledger(&self) -> Ledger {
        serde_json::from_value(json!(self.application.auth.ledger().report())).unwrap()
    }

    fn audited(&self, logs: &[String], client: Option<&str>) -> Findings {
        let settings = AuditSettings {
            tenant: Some(self.provider.issuer()),
            clients: client.map(str::to_owned).into_iter().collect(),
            ..AuditSettings::default()
        };
        let mut audit = Audit::new(&settings, Some(self.ledger())).unwrap();
        for log in logs {
            audit.read("log", log.as_bytes()).unwrap();
        }
        audit.finish()
    }
}

#[tokio::test]
async fn the_log_of_a_busy_provider_says_the_same_as_export_and_in_pages_and_as_the_ledger() {
    let tenant = Tenant::open().await;
    tenant.be_busy().await;
    let token = tenant.management_token().await;
    let pages = tenant.pages(&token).await;
    assert!(pages.len() > 2);
    for logs in [vec![tenant.provider.export_log()], pages] {
        let found = tenant.audited(&logs, None);
        assert_eq!((found.broken.count, found.m2m_quota_consumed), (0, 4));
        let counts: Vec<_> = found.not_counted.iter().map(|line| (line.code.as_str(), line.count)).collect();
        assert_eq!(counts, [("seccft", 1), ("s", 3), ("seacft", 3), ("sertft", 2), ("feccft", 1)]);
        assert_eq!(found.rate_limits[0].count, 1);
        // Two sets were fetched once, and one twice.
        assert_eq!((found.waste.fetched, found.waste.while_living, found.waste.sets.len()), (4, 1, 1));

        let comparison = found.comparison.unwrap();
        assert!(!comparison.agrees(), "the worker fetched past the application");
        assert!(comparison.differences.iter().all(|found| found.row.client_id.as_deref() == Some("worker")));
        let of_application = tenant.audited(&logs, Some("shop")).comparison.unwrap();
        assert!(of_application.agrees(), "{of_application:?}");
        assert_eq!((of_application.in_log, of_application.m2m_quota_in_log), (8, 0));
    }
}

#[test]
fn what_was_found_is_told_by_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let event = r#"{"date":5000,"type":"seccft","client_id":"worker","audience":"https://api"}"#;
    let log = file("log.jsonl", event);
    let ledger = |count: u64| {
        let line = json!({ "grant": "client_credentials", "log_code": "seccft", "client_id": "worker",
            "audience": "https://api", "count": count });
        json!({ "since": 0, "until": 9, "m2m_quota_consumed": count, "lines": [line] }).to_string()
    };
    let run = |log: &PathBuf, ledger: Option<PathBuf>| {
        let settings =
            AuditSettings { logs: vec![log.clone()], ledger, json: true, ..AuditSettings::default() };
        audit::run(&settings, &mut Vec::new()).map_err(|error| error.to_string())
    };
    assert_eq!(run(&log, None), Ok(Outcome::Good));
    assert_eq!(run(&log, Some(file("same.json", &ledger(1)))), Ok(Outcome::Good));
    assert_eq!(run(&log, Some(file("other.json", &ledger(2)))), Ok(Outcome::Bad));
    let gone = folder.path().join("gone");
    for (log, ledger) in [(&gone, None), (&log, Some(gone.clone())), (&log, Some(file("bad.json", "{}")))] {
        assert!(run(log, ledger).is_err());
    }
    assert!(run(&folder.path().to_owned(), None).is_err(), "a folder is no log");
    let refusal = file("refusal.json", r#"{"statusCode":401,"error":"Unauthorized"}"#);
    assert!(run(&refusal, None).is_err(), "an answer of the API's that is no log did not consume 0");
    assert_eq!(run(&file("quiet.json", "[]"), None), Ok(Outcome::Good), "nothing happened");
    let (half, less) = (format!("{event}\n{{]"), format!("{event}\n{{]\n{{]"));
    assert_eq!(
        run(&file("half.json", &half), None),
        Ok(Outcome::Good),
        "what is broken is told, and the rest counted"
    );
    let mostly_broken = run(&file("less.json", &less), None).unwrap_err();
    assert!(mostly_broken.starts_with("2 places were no events, and 1 were: do not take"), "{mostly_broken}");
}

#[test]
fn a_sample_is_audited_without_a_broken_line_and_its_batch_is_the_waste() {
    let mut log = Vec::new();
    sample::write(&mut log, &SampleSettings { events: 20_000, seed: 1 }).unwrap();
    let mut audit = Audit::new(&AuditSettings::default(), None).unwrap();
    audit.read("sample", log.as_slice()).unwrap();
    let found = audit.finish();
    assert_eq!((found.events, found.broken.count, found.duplicates), (20_000, 0, 0));
    assert!(found.m2m_quota_consumed > 1_000 && !found.undocumented.is_empty());
    assert_eq!(found.waste.sets[0].client_name.as_deref(), Some("Price Batch"));
    let days: u64 = found.by_day.values().sum();
    assert_eq!(days, found.m2m_quota_consumed);
}
