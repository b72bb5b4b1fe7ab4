//! TLS, a cluster of three masters, and a master that sentinels replace.

use std::process::Command;
use std::time::{Duration, Instant};

use auth_layer::session::{Groups, RedisStore, RedisStoreError, SessionStore as _};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tests::servers::{RedisServer, free_port};

use super::{LONG, done, first, insert, load};

const PASSWORD: &str = "horse";
const PASSWORDS: [&str; 4] = ["--requirepass", PASSWORD, "--masterauth", PASSWORD];

/// An authority, and what it has signed for `localhost`: PEM, also as files for the server.
struct Certificates {
    authority: String,
    certificate: String,
    key: String,
    folder: TempDir,
}

impl Certificates {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "authority");
        let own = KeyPair::generate().unwrap();
        let authority = params.self_signed(&own).unwrap().pem();
        let issuer = Issuer::new(params, own);
        let key = KeyPair::generate().unwrap();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap().pem();
        let (key, folder) = (key.serialize_pem(), TempDir::new().unwrap());
        for (name, pem) in [("ca", &authority), ("crt", &certificate), ("key", &key)] {
            std::fs::write(folder.path().join(name), pem).unwrap();
        }
        Self { authority, certificate, key, folder }
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Starts a server that speaks TLS on a second port.
    async fn server(&self, of_clients: &str) -> (RedisServer, String) {
        let port = free_port();
        let (authority, certificate, key) = (self.file("ca"), self.file("crt"), self.file("key"));
        let server = RedisServer::start_with(&[
            "--tls-port",
            &port.to_string(),
            "--tls-ca-cert-file",
            &authority,
            "--tls-cert-file",
            &certificate,
            "--tls-key-file",
            &key,
            "--tls-auth-clients",
            of_clients,
        ])
        .await;
        (server, format!("rediss://localhost:{port}"))
    }
}

#[tokio::test]
async fn over_tls_only_a_server_of_our_authority_is_believed() {
    let certificates = Certificates::new();
    let (_server, url) = certificates.server("no").await;
    let ours = RedisStore::builder(&url).with_tls_roots(certificates.authority.as_str());
    let store = ours.connect().await.unwrap();
    insert(&store, "a", b"x").await;
    assert!(load(&store, "a").await.is_some());

    let other = Certificates::new();
    for stranger in [
        RedisStore::builder(&url),
        RedisStore::builder(&url).with_tls_roots(other.authority.as_str()),
        RedisStore::builder(&url).with_tls_roots("no certificate at all"),
    ] {
        let error = stranger.connect().await.unwrap_err();
        assert!(matches!(error, RedisStoreError::Unreachable { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_gets_one() {
    let certificates = Certificates::new();
    let (_server, url) = certificates.server("yes").await;
    let builder = || RedisStore::builder(&url).with_tls_roots(certificates.authority.as_str());
    assert!(builder().connect().await.is_err());
    let key = certificates.key.clone().into();
    let known = builder().with_client_certificate(certificates.certificate.as_str(), key);
    assert!(!format!("{known:?}").contains("BEGIN"), "{known:?}");
    insert(&known.connect().await.unwrap(), "a", b"x").await;
}

#[tokio::test]
async fn a_cluster_keeps_the_contract_over_all_its_slots() {
    let mut servers = Vec::new();
    for _ in 0..3 {
        let arguments = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
        servers.push(RedisServer::start_with(&[&arguments[..], &PASSWORDS].concat()).await);
    }
    let addresses = servers.iter().map(|server| format!("127.0.0.1:{}", server.port()));
    let mut create = Command::new("redis-cli");
    create.args(["--cluster", "create"]).args(addresses).args(["--cluster-yes", "--cluster-replicas", "0"]);
    let created = create.env("REDISCLI_AUTH", PASSWORD).output().unwrap();
    assert!(created.status.success(), "{created:?}");
    tests::eventually("the cluster is up", async || {
        servers.iter().all(|server| server.cli(&["CLUSTER", "INFO"]).contains("cluster_state:ok"))
    })
    .await;

    let builder = || {
        RedisStore::cluster_builder(servers.iter().map(RedisServer::url)).with_password(PASSWORD.to_owned())
    };
    let (store, other) = (builder().connect().await.unwrap(), builder().connect().await.unwrap());
    super::suite::hold(store.clone(), other.clone()).await;
    let names: Vec<String> = (0..60).map(|number| format!("s:{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for (number, name) in names.iter().enumerate() {
        let user = format!("u:{}", number % 3);
        let session = format!("sid:{number}");
        let groups = [user.as_str(), session.as_str()];
        let inserted = store.insert(name, b"1".to_vec(), LONG, Groups::new(&groups, LONG)).await.unwrap();
        let version = done(inserted);
        let both = tokio::join!(
            store.compare_and_swap(name, version, b"2".to_vec(), LONG),
            other.compare_and_swap(name, version, b"2".to_vec(), LONG),
        );
        first(both.0.unwrap(), both.1.unwrap());
    }
    for server in &servers {
        let keys: usize = server.cli(&["DBSIZE"]).parse().unwrap();
        assert!(keys > 10, "a node has no part in it: {keys} keys");
        server.forget_commands();
    }
    let found = other.load_all(&names).await.unwrap();
    assert!(found.iter().flatten().filter(|record| record.bytes == b"2").count() == 60, "{found:?}");
    let gets = servers.iter().map(|server| server.commands_processed()["get"]).sum::<u64>();
    assert_eq!(gets, 60);
    assert_eq!(store.remove_group("u:1").await.unwrap(), 20);
    assert_eq!(store.remove_group("sid:0").await.unwrap(), 1);
    assert_eq!(other.load_all(&names).await.unwrap().iter().flatten().count(), 39);

    // A node that is away takes its slots with it: no answer, in time, and never `None`.
    servers[0].kill();
    let began = Instant::now();
    assert!(store.load_all(&names).await.is_err());
    assert!(began.elapsed() < Duration::from_millis(650), "{:?}", began.elapsed());
    servers[0].restart().await;
    let began = Instant::now();
    while store.load_all(&names).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(5), "not back after {:?}", began.elapsed());
    }
    println!("cluster: all slots answer {:?} after the start of the node", began.elapsed());
    assert_eq!(store.load_all(&names).await.unwrap().iter().flatten().count(), 39);
}

#[tokio::test]
async fn when_sentinels_name_another_master_the_store_goes_there() {
    let mut master = RedisServer::start_with(&PASSWORDS).await;
    let port = master.port().to_string();
    let follow = ["--replicaof", "127.0.0.1", &port];
    let replica = RedisServer::start_with(&[&follow[..], &PASSWORDS].concat()).await;
    let sentinel = RedisServer::start_sentinel(&master).await;
    tests::eventually("the replica has followed, and the sentinel knows it", async || {
        replica.cli(&["INFO", "replication"]).contains("master_link_status:up")
            && sentinel.cli(&["SENTINEL", "REPLICAS", "main"]).contains("slave")
    })
    .await;
    let dead = format!("redis://127.0.0.1:{}", free_port());
    let builder = RedisStore::sentinel_builder([dead, sentinel.url()], "main");
    let store = builder.with_password(PASSWORD.to_owned()).connect().await.unwrap();
    insert(&store, "a", b"x").await;
    tests::eventually("the record is replicated", async || replica.cli(&["DBSIZE"]) == "2").await;

    master.kill();
    let began = Instant::now();
    while store.load("a").await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "not back after {:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    println!("sentinel: the record is found {:?} after the master's death", began.elapsed());
    assert!(load(&store, "a").await.is_some());
    insert(&store, "b", b"written at the new master").await;
    assert!(replica.cli(&["INFO", "replication"]).contains("role:master"));

    let refused = RedisStore::sentinel_builder([sentinel.url()], "main").connect().await;
    assert!(matches!(refused, Err(RedisStoreError::Credentials { .. })), "{refused:?}");
    let unknown = RedisStore::sentinel_builder([sentinel.url()], "other").connect().await;
    assert!(matches!(unknown, Err(RedisStoreError::Unreachable { .. })), "{unknown:?}");
}
