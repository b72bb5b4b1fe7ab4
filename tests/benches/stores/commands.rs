//! The table of commands: store by operation.

use auth_layer::session::{PostgresStore, RedisStore};
use tests::costs::{Cost, Engine, commands_of};
use tests::{Keep, ObservedStore};

pub(crate) async fn report() {
    let mut columns = Vec::new();
    for keep in Keep::BOTH {
        let mut engine = Engine::redis().await;
        let Engine::Redis { server, .. } = &engine else { continue };
        let store = ObservedStore::new(RedisStore::builder(server.url()).connect().await.unwrap());
        columns.push((name("Redis", keep), commands_of(&mut engine, keep, store).await));
        let mut engine = Engine::postgres().await;
        let Engine::Postgres { server, .. } = &engine else { continue };
        let store = PostgresStore::builder(&server.url()).unwrap().connect().await.unwrap();
        columns.push((
            name("PostgreSQL", keep),
            commands_of(&mut engine, keep, ObservedStore::new(store)).await,
        ));
    }
    print(&columns);
}

fn name(engine: &str, keep: Keep) -> String {
    match keep {
        Keep::InCookies => format!("cookies, {engine}"),
        Keep::InTheStore => engine.to_owned(),
    }
}

fn print(columns: &[(String, Vec<Cost>)]) {
    print!("\n{:<32}", "commands, or statements");
    for (name, _) in columns {
        print!(" {name:>20}");
    }
    println!();
    for row in 0..columns[0].1.len() {
        print!("{:<32}", columns[0].1[row].operation);
        for (_, costs) in columns {
            print!(" {:>20}", costs[row].commands);
        }
        println!();
    }
}
