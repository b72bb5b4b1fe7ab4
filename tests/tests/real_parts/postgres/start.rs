//! What a start says: to three that migrate at once, and to a database that is not what it should be.

use auth_layer::session::{PostgresStore, PostgresStoreBuilder, PostgresStoreError, SessionStore};
use tests::servers::PostgresServer;

use super::database::{server, store};

fn builder(server: &PostgresServer) -> PostgresStoreBuilder {
    PostgresStore::builder(&server.url()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_instances_migrate_at_once_and_again_and_all_of_them_open() {
    let server = PostgresServer::start().await;
    for _ in 0..3 {
        let builder = builder(&server);
        let (one, two, three) = tokio::join!(builder.migrate(), builder.migrate(), builder.migrate());
        for migrated in [one, two, three] {
            migrated.unwrap();
        }
    }
    assert_eq!(server.sql("SELECT count(*) FROM auth_layer.migrations").await, "1");
    assert_eq!(store(&server).await.load("nobody").await.unwrap(), None);
}

#[tokio::test]
async fn two_applications_in_schemas_of_their_own_do_not_see_each_other() {
    let server = server().await;
    let other = builder(&server).with_schema("other");
    other.migrate().await.unwrap();
    let (store, other) = (store(&server).await, other.connect().await.unwrap());
    let none = auth_layer::session::Groups::none();
    store.insert("name", b"ours".to_vec(), std::time::Duration::from_secs(60), none).await.unwrap();
    assert!(store.load("name").await.unwrap().is_some());
    assert_eq!(other.load("name").await.unwrap(), None);
}

#[tokio::test]
async fn a_database_that_is_not_what_it_should_be_is_a_clear_error() {
    let server = PostgresServer::start().await;
    let refused = async |builder: PostgresStoreBuilder| builder.connect().await.unwrap_err();

    let missing = refused(builder(&server)).await;
    assert_eq!(missing, PostgresStoreError::NoTables("auth_layer".into()));

    let stranger = PostgresStore::builder(&server.url_of("postgres", "wr0ng-pa55word")).unwrap();
    let error = refused(stranger.clone()).await;
    assert!(matches!(&error, PostgresStoreError::Refused(why) if why.starts_with("28P01")), "{error}");
    assert_eq!(stranger.migrate().await.unwrap_err(), error);
    assert!(!format!("{error} {error:?} {stranger:?}").contains("wr0ng-pa55word"));

    let nobody = PostgresStore::builder("postgres://postgres@127.0.0.1:1/postgres").unwrap();
    let error = refused(nobody).await;
    assert!(matches!(error, PostgresStoreError::Unreachable(_)), "{error}");

    server.sql("CREATE SCHEMA theirs; CREATE TABLE theirs.records (name text)").await;
    let foreign = builder(&server).with_schema("theirs");
    assert_eq!(foreign.migrate().await.unwrap_err(), PostgresStoreError::Foreign("theirs".into()));
    assert_eq!(refused(foreign).await, PostgresStoreError::Foreign("theirs".into()));
    assert_eq!(server.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'theirs'").await, "1");

    builder(&server).migrate().await.unwrap();
    server.sql("INSERT INTO auth_layer.migrations VALUES (7)").await;
    let newer = PostgresStoreError::Newer { schema: "auth_layer".into(), found: 7, known: 1 };
    assert_eq!(builder(&server).migrate().await.unwrap_err(), newer);
    assert_eq!(refused(builder(&server)).await, newer);

    server.sql("DELETE FROM auth_layer.migrations").await;
    let older = PostgresStoreError::Older { schema: "auth_layer".into(), found: 0, known: 1 };
    assert_eq!(refused(builder(&server)).await, older);

    server.sql("ALTER ROLE postgres SET default_transaction_isolation = 'serializable'").await;
    assert_eq!(refused(builder(&server)).await, PostgresStoreError::Isolation("serializable".into()));

    for (error, says) in [(missing, "run migrate()"), (newer, "update the library")] {
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[tokio::test]
async fn a_schema_that_was_made_for_us_is_enough_to_migrate() {
    let server = PostgresServer::start().await;
    let prepared = "CREATE ROLE owner LOGIN PASSWORD 'owner'; CREATE SCHEMA auth_layer AUTHORIZATION owner";
    server.sql(prepared).await;
    let builder = PostgresStore::builder(&server.url_of("owner", "owner")).unwrap();
    builder.migrate().await.unwrap();
    builder.connect().await.unwrap();
    // Elsewhere the role may create nothing.
    let error = builder.with_schema("elsewhere").migrate().await.unwrap_err();
    assert!(error.to_string().contains("42501: permission denied"), "{error}");
}

#[tokio::test]
async fn a_role_that_may_only_use_the_tables_needs_no_more() {
    let server = server().await;
    server
        .sql(
            "CREATE ROLE app LOGIN PASSWORD 'app';
             GRANT USAGE ON SCHEMA auth_layer TO app;
             GRANT SELECT ON auth_layer.migrations TO app;
             GRANT USAGE ON SEQUENCE auth_layer.versions TO app;
             GRANT SELECT, INSERT, UPDATE, DELETE ON auth_layer.records TO app;",
        )
        .await;
    let builder = PostgresStore::builder(&server.url_of("app", "app")).unwrap();
    // It finds nothing to do.
    builder.migrate().await.unwrap();
    let contract = auth_layer::testing::store_contract::StoreContract::of(builder.connect().await.unwrap());
    contract.check().await.assert_kept();

    server.sql("REVOKE DELETE ON auth_layer.records FROM app").await;
    let store = builder.connect().await.unwrap();
    let error = store.remove("name").await.unwrap_err();
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert!(why.contains("42501: permission denied"), "{why}");
}
