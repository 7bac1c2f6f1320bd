//! The official Rust SDK while partitions split. $SPLITTING (test/interop/splitting) moves a split on whenever it has refused a
//! request because of it, so every operation meets every phase. The SDK goes through it by itself where it reads all
//! partitions; what is about one key ends in a 410/1007 after its second: the hosted gateway repeats that by itself.
use azure_data_cosmos::clients::ContainerClient;
use azure_data_cosmos::models::ContainerProperties;
use azure_data_cosmos::options::{ChangeFeedStartFrom, MaxItemCountHint, QueryOptions};
use azure_data_cosmos::{AccountReference, CosmosClient, FeedScope, Query, RoutingStrategy, TransactionalBatch};
use futures::{StreamExt, TryStreamExt};
use serde_json::{json, Value};
use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::num::NonZeroU32;
use std::process::{Command, Stdio};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const OPERATIONS: [(&str, bool); 8] = [
    // what is done, and whether the SDK goes through the split by itself
    ("a query", true),
    ("a sorted query", true),
    ("documents, page after page", true),
    ("a change feed", true),
    ("a query of one key", false),
    ("a read", false),
    ("a write", false),
    ("a batch", false),
];

/// Asks the control port, in the simplest HTTP.
fn world(control: &str, method: &str, path: &str, body: Value) -> Result<Value> {
    let address = control.trim_start_matches("http://");
    let (mut socket, body) = (TcpStream::connect(address)?, body.to_string());
    write!(socket, "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    if !head.contains(" 200 ") {
        return Err(answer.into());
    }
    Ok(serde_json::from_str(body)?)
}

fn ids(docs: &[Value]) -> Vec<String> {
    let mut ids: Vec<String> = docs.iter().map(|d| d["id"].as_str().unwrap_or_default().to_string()).collect();
    ids.sort();
    ids
}

async fn run(c: &ContainerClient, what: &str) -> azure_data_cosmos::Result<Vec<String>> {
    let pages = || Some(QueryOptions::default().with_max_item_count(MaxItemCountHint::Limit(NonZeroU32::new(3).unwrap())));
    let everything = FeedScope::full_container();
    Ok(match what {
        "a query" => ids(&c.query_items::<Value>(Query::from("SELECT * FROM c"), everything, None).await?.try_collect::<Vec<_>>().await?),
        "documents, page after page" => {
            let mut stream = c.query_items::<Value>(Query::from("SELECT * FROM c"), everything, pages()).await?.into_pages();
            let mut docs = vec![];
            while let Some(page) = stream.try_next().await? {
                docs.extend_from_slice(page.items());
            }
            ids(&docs)
        }
        "a sorted query" => {
            ids(&c.query_items::<Value>(Query::from("SELECT * FROM c ORDER BY c.id"), everything, pages()).await?.try_collect::<Vec<_>>().await?)
        }
        "a query of one key" => {
            ids(&c.query_items::<Value>(Query::from("SELECT * FROM c"), FeedScope::partition("2"), None).await?.try_collect::<Vec<_>>().await?)
        }
        "a change feed" => {
            let mut feed = c.query_change_feed::<Value>(everything, ChangeFeedStartFrom::Beginning, None).await?;
            let (mut docs, mut quiet) = (vec![], 0);
            while quiet < 4 {
                let Some(page) = feed.next().await else { break };
                let page = page?;
                quiet = if page.items().is_empty() { quiet + 1 } else { 0 };
                docs.extend(page.items().iter().filter_map(|x| x.current().cloned()));
            }
            ids(&docs)
        }
        "a read" => ids(&[c.read_item("2", "2", None).await?.into_model()?]),
        "a write" => {
            c.upsert_item("2", "2", &json!({"id": "2"}), None).await?;
            vec!["2".to_string()]
        }
        "a batch" => {
            let batch = TransactionalBatch::new("2").upsert_item(json!({"id": "2"}), None)?;
            let done = c.execute_transactional_batch(batch, None).await?.into_model()?;
            done.results().iter().filter(|r| r.is_success()).map(|_| "2".to_string()).collect()
        }
        other => panic!("{other}?"),
    })
}

/// Does something while the first partition is copied, when it is served; until it is refused no more; and once more.
async fn over(client: &CosmosClient, control: &str, what: &str, number: usize, alone: bool) -> Result<()> {
    let (db, id) = (client.database_client("splits"), format!("c{number}"));
    db.create_container(ContainerProperties::new(id.clone(), "/id".into()), None).await?;
    let c = db.container_client(id.as_str(), None).await?;
    let mut all: Vec<String> = (0..20).map(|i: i32| i.to_string()).collect(); // "2" is in the partition that splits
    all.sort();
    for i in &all {
        c.create_item(i.clone(), i, &json!({"id": i}), None).await?;
    }
    let want = if matches!(what, "a query of one key" | "a read" | "a write" | "a batch") { vec!["2".to_string()] } else { all };
    let path = format!("/databases/splits/containers/{id}");
    world(control, "POST", &format!("{path}/split"), json!({"range": "0", "phases": true}))?;
    let got = run(&c, what).await?;
    equal("while it is copied", &want, &got)?;
    let change = world(control, "POST", &format!("{path}/changes/0/advance"), json!({}))?;
    equal("phase", &json!("preparing"), &change["phase"])?;
    let mut refusals = 0;
    let got = loop {
        match run(&c, what).await {
            Ok(got) => break got,
            Err(e) => equal("refusal", &(410, Some(1007)), &(u16::from(e.status().status_code()), e.status().sub_status().map(|s| s.value())))?,
        }
        refusals += 1;
        equal("too many refusals", &false, &(refusals > 2))?;
    };
    equal("by itself", &alone, &(refusals == 0))?;
    equal("over the split", &want, &got)?;
    equal("changes", &json!({"changes": []}), &world(control, "GET", &format!("{path}/changes"), json!({}))?)?;
    equal("afterwards", &want, &run(&c, what).await?)
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, want: &T, have: &T) -> Result<()> {
    if want != have {
        return Err(format!("{what}: want {want:?}, have {have:?}").into());
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut server = Command::new(std::env::var("SPLITTING")?).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(server.stdout.take().ok_or("no output")?).read_line(&mut line)?;
    let ready: Value = serde_json::from_str(&line)?;
    let text = |name: &str| ready[name].as_str().unwrap_or_default().to_string();
    let account = AccountReference::with_authentication_key(text("endpoint").parse()?, azure_core::credentials::Secret::from(text("key")));
    let client = CosmosClient::builder().build(account, RoutingStrategy::ProximityTo("South Central US".into())).await?;
    client.create_database("splits", None).await?;
    let mut failed = 0;
    for (number, (what, alone)) in OPERATIONS.iter().enumerate() {
        match over(&client, &text("control"), what, number, *alone).await {
            Ok(()) => println!("ok   azure_data_cosmos: {what} over a split in phases"),
            Err(e) => {
                failed += 1;
                println!("FAIL azure_data_cosmos: {what} over a split in phases: {e}");
            }
        }
    }
    drop(server.stdin.take());
    server.wait()?;
    println!("azure_data_cosmos over splits: {} steps passed, {failed} failed", OPERATIONS.len() - failed);
    std::process::exit(if failed == 0 { 0 } else { 1 })
}
