//! The official Rust SDK against the in-process server: named steps, one after the other.
use azure_data_cosmos::feed::ContinuationToken;
use azure_data_cosmos::models::ContainerProperties;
use azure_data_cosmos::options::{ItemWriteOptions, MaxItemCountHint, Precondition, QueryOptions};
use azure_data_cosmos::{AccountEndpoint, AccountReference, CosmosClient, FeedScope, Query, RoutingStrategy, TransactionalBatch};
use azure_data_cosmos::clients::ContainerClient;
use futures::TryStreamExt;
use serde_json::{json, Value};
use std::error::Error;
use std::num::NonZeroU32;

type Outcome = Result<(), Box<dyn Error>>;

struct Steps {
    passed: u32,
    failed: u32,
}

impl Steps {
    fn done(&mut self, title: &str, outcome: Outcome) {
        match outcome {
            Ok(()) => {
                self.passed += 1;
                println!("ok   azure_data_cosmos: {title}");
            }
            Err(e) => {
                self.failed += 1;
                println!("FAIL azure_data_cosmos: {title}: {e}");
            }
        }
    }
}

/// Runs a step, whose body may use `?`.
macro_rules! step {
    ($steps:ident, $title:expr, $body:block) => {{
        let outcome: Outcome = async { $body; Ok(()) }.await;
        $steps.done($title, outcome);
    }};
}

fn equal<T: PartialEq + std::fmt::Debug>(want: T, have: T) -> Outcome {
    if want != have {
        return Err(format!("want {want:?}, have {have:?}").into());
    }
    Ok(())
}

/// Checks that an operation was refused with a status.
fn refused<T>(want: u16, got: azure_data_cosmos::Result<T>) -> Outcome {
    match got {
        Ok(_) => Err(format!("no error, want {want}").into()),
        Err(e) => equal(want, u16::from(e.status().status_code())).map_err(|why| format!("{why}: {e}").into()),
    }
}

async fn rows(c: &ContainerClient, query: Query, scope: FeedScope) -> Result<Vec<Value>, Box<dyn Error>> {
    Ok(c.query_items::<Value>(query, scope, None).await?.try_collect().await?)
}

async fn all(c: &ContainerClient, query: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    rows(c, Query::from(query), FeedScope::full_container()).await
}

#[tokio::main]
async fn main() -> Outcome {
    let endpoint: AccountEndpoint = std::env::var("COSMOS_ENDPOINT")?.parse()?;
    let account = AccountReference::with_authentication_key(endpoint, azure_core::credentials::Secret::from(std::env::var("COSMOS_KEY")?));
    let client = CosmosClient::builder().build(account, RoutingStrategy::ProximityTo("South Central US".into())).await?;
    let name = format!("rust{}", std::process::id());
    let mut s = Steps { passed: 0, failed: 0 };

    step!(s, "create a database", { client.create_database(&name, None).await? });
    step!(s, "create it again: 409", { refused(409, client.create_database(&name, None).await)? });
    let db = client.database_client(name.as_str());
    step!(s, "read it", { equal(200, u16::from(db.read(None).await?.status().status_code()))? });
    step!(s, "create a container", { db.create_container(ContainerProperties::new("items", "/pk".into()), None).await? });
    step!(s, "create it again: 409", { refused(409, db.create_container(ContainerProperties::new("items", "/pk".into()), None).await)? });
    step!(s, "a bad name: 400", { refused(400, db.create_container(ContainerProperties::new("a".repeat(256), "/pk".into()), None).await)? });
    step!(s, "a hierarchical key", { db.create_container(ContainerProperties::new("tree", ("/tenant", "/user").into()), None).await? });
    let items = db.container_client("items", None).await?;
    step!(s, "its definition", {
        let p: ContainerProperties = items.read(None).await?.into_model()?;
        equal("items".to_string(), p.id.to_string())?
    });
    step!(s, "create", {
        let r = items.create_item("a", "1", &json!({"id": "1", "pk": "a", "n": 1}), None).await?;
        equal(201, u16::from(r.status().status_code()))?;
        if r.headers().request_charge().is_none() || r.headers().session_token().is_none() || r.headers().etag().is_none() {
            return Err("no charge, session token or etag".into());
        }
    });
    step!(s, "create it again: 409", { refused(409, items.create_item("a", "1", &json!({"id": "1", "pk": "a"}), None).await)? });
    step!(s, "read", {
        let doc: Value = items.read_item("a", "1", None).await?.into_model()?;
        equal(json!(1), doc["n"].clone())?
    });
    step!(s, "read what is not there: 404", { refused(404, items.read_item("a", "none", None).await)? });
    step!(s, "read with another key: 404", { refused(404, items.read_item("b", "1", None).await)? });
    step!(s, "a document of another key: 400", { refused(400, items.create_item("b", "2", &json!({"id": "2", "pk": "a"}), None).await)? });
    step!(s, "every kind of value", {
        let doc = json!({"id": "types", "pk": "a", "i": -5, "big": 9007199254740991i64, "f": 1.5, "t": true, "nothing": null, "s": "héllo \"q\"",
            "long": "x".repeat(300), "list": [1, "a", null, [2]], "object": {"a": {"b": []}}, "e": {}});
        items.upsert_item("a", "types", &doc, None).await?;
        let got: Value = items.read_item("a", "types", None).await?.into_model()?;
        for (name, v) in doc.as_object().unwrap() {
            equal(v.clone(), got[name].clone())?;
        }
    });
    for (title, key) in [("an empty key", ""), ("a key beyond ASCII", "é"), ("a key with quotes", "\"q\"")] {
        step!(s, title, {
            items.upsert_item(key, "k", &json!({"id": "k", "pk": key}), None).await?;
            items.delete_item(key, "k", None).await?;
        });
    }
    for id in ["a b", "50%", "x+y", "é", "a&b=c"] {
        step!(s, &format!("an id that needs escaping: {id}"), {
            items.upsert_item("odd", id, &json!({"id": id, "pk": "odd"}), None).await?;
            let doc: Value = items.read_item("odd", id, None).await?.into_model()?;
            equal(json!(id), doc["id"].clone())?;
            items.delete_item("odd", id, None).await?;
        });
    }
    step!(s, "upsert, twice", {
        equal(201, u16::from(items.upsert_item("a", "u", &json!({"id": "u", "pk": "a"}), None).await?.status().status_code()))?;
        equal(200, u16::from(items.upsert_item("a", "u", &json!({"id": "u", "pk": "a", "n": 2}), None).await?.status().status_code()))?;
    });
    step!(s, "replace under an etag, and one that is old: 412", {
        let etag = items.read_item("a", "u", None).await?.headers().etag().cloned().ok_or("no etag")?;
        let under = || Some(ItemWriteOptions::default().with_precondition(Precondition::if_match(etag.clone())));
        items.replace_item("a", "u", &json!({"id": "u", "pk": "a", "n": 3}), under()).await?;
        refused(412, items.replace_item("a", "u", &json!({"id": "u", "pk": "a", "n": 4}), under()).await)?;
    });
    step!(s, "replace what is not there: 404", { refused(404, items.replace_item("a", "none", &json!({"id": "none", "pk": "a"}), None).await)? });
    step!(s, "delete, twice", {
        items.delete_item("a", "u", None).await?;
        refused(404, items.delete_item("a", "u", None).await)?;
    });
    step!(s, "a document beyond 2 MB: 413", { refused(413, items.create_item("a", "big", &json!({"id": "big", "pk": "a", "x": "x".repeat(2 << 20)}), None).await)? });
    step!(s, "a batch", {
        let batch = TransactionalBatch::new("b").create_item(json!({"id": "b1", "pk": "b"}))?.upsert_item(json!({"id": "b2", "pk": "b"}), None)?.read_item("b1", None);
        let results = items.execute_transactional_batch(batch, None).await?.into_model()?;
        equal(3, results.results().len())?;
        equal(true, results.results().iter().all(|r| r.is_success()))?;
    });
    step!(s, "a batch that fails leaves nothing", {
        let batch = TransactionalBatch::new("b").create_item(json!({"id": "b3", "pk": "b"}))?.create_item(json!({"id": "b1", "pk": "b"}))?;
        if let Ok(r) = items.execute_transactional_batch(batch, None).await {
            equal(false, r.into_model()?.results().iter().all(|r| r.is_success()))?;
        }
        refused(404, items.read_item("b", "b3", None).await)?;
    });
    step!(s, "two hundred documents", {
        for i in 0..200 {
            let pk = format!("p{}", i % 9);
            items.upsert_item(pk.clone(), &format!("d{i}"), &json!({"id": format!("d{i}"), "pk": pk, "n": i, "m": i % 4}), None).await?;
        }
    });
    step!(s, "every document", { equal(200, all(&items, "SELECT * FROM c WHERE IS_DEFINED(c.m)").await?.len())? });
    step!(s, "in one partition, with a parameter", {
        let query = Query::from("SELECT VALUE c.n FROM c WHERE c.n < @n").with_parameter("@n", 20)?;
        equal(vec![json!(3), json!(12)], rows(&items, query, FeedScope::partition("p3")).await?)?
    });
    step!(s, "ORDER BY", {
        let got = all(&items, "SELECT VALUE c.n FROM c WHERE IS_DEFINED(c.m) ORDER BY c.n").await?;
        equal((0..200).map(|n| json!(n)).collect::<Vec<_>>(), got)?
    });
    step!(s, "ORDER BY, backwards", {
        let got = all(&items, "SELECT VALUE c.n FROM c WHERE IS_DEFINED(c.m) ORDER BY c.n DESC").await?;
        equal((0..200).rev().map(|n| json!(n)).collect::<Vec<_>>(), got)?
    });
    step!(s, "TOP", { equal(vec![json!(0), json!(1)], all(&items, "SELECT TOP 2 VALUE c.n FROM c WHERE IS_DEFINED(c.m) ORDER BY c.n").await?)? });
    step!(s, "OFFSET LIMIT", {
        equal(vec![json!(198), json!(199)], all(&items, "SELECT VALUE c.n FROM c WHERE IS_DEFINED(c.m) ORDER BY c.n OFFSET 198 LIMIT 5").await?)?
    });
    step!(s, "aggregates in one partition", {
        let query = Query::from("SELECT VALUE COUNT(1) FROM c");
        equal(vec![json!(22)], rows(&items, query, FeedScope::partition("p4")).await?)?
    });
    step!(s, "a syntax error: 400", {
        match items.query_items::<Value>(Query::from("SELECT * FORM c"), FeedScope::partition("a"), None).await {
            Err(e) => equal(400, u16::from(e.status().status_code()))?,
            Ok(stream) => refused(400, stream.try_collect::<Vec<_>>().await)?,
        }
    });
    step!(s, "pages, the second one from a token", {
        let limit = || Some(QueryOptions::default().with_max_item_count(MaxItemCountHint::Limit(NonZeroU32::new(7).unwrap())));
        let mut pages = items.query_items::<Value>(Query::from("SELECT VALUE c.n FROM c WHERE IS_DEFINED(c.m)"), FeedScope::full_container(), limit()).await?.into_pages();
        let mut n = 0;
        while let Some(page) = pages.try_next().await? {
            equal(true, page.items().len() <= 7)?;
            n += page.items().len();
        }
        equal(200, n)?;
        let _: Option<ContinuationToken> = None;
    });
    step!(s, "feed ranges cover everything once", {
        let mut n = 0;
        for range in items.read_feed_ranges(None).await? {
            n += rows(&items, Query::from("SELECT VALUE c.n FROM c WHERE IS_DEFINED(c.m)"), FeedScope::range(range)).await?.len();
        }
        equal(200, n)?
    });
    step!(s, "a key is in one feed range", { equal(1, items.feed_range_from_partition_key("p1", None).await?.len())? });
    let tree = db.container_client("tree", None).await?;
    step!(s, "documents under a hierarchical key, and their prefix", {
        for (tenant, user) in [("t", "a"), ("t", "b"), ("s", "a")] {
            let id = format!("{tenant}{user}");
            tree.create_item((tenant.to_string(), user.to_string()), &id, &json!({"id": id, "tenant": tenant, "user": user}), None).await?;
        }
        tree.read_item(("t".to_string(), "b".to_string()), "tb", None).await?;
        equal(2, rows(&tree, Query::from("SELECT * FROM c"), FeedScope::partition("t")).await?.len())?
    });
    step!(s, "throughput", { items.read_throughput(None).await? });
    step!(s, "delete the container and the database", {
        db.container_client("tree", None).await?.delete(None).await?;
        db.delete(None).await?;
        refused(404, db.read(None).await)?;
    });
    println!("azure_data_cosmos: {} steps passed, {} failed", s.passed, s.failed);
    std::process::exit(if s.failed == 0 { 0 } else { 1 })
}
