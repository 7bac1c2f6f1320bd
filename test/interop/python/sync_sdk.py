"""The official Python SDK, azure-cosmos, against the in-process server."""
import os
import random
import uuid

from azure.core import MatchConditions
from azure.cosmos import CosmosClient, PartitionKey, ThroughputProperties, exceptions
from steps import Steps, refused

step = Steps("azure-cosmos")
client = CosmosClient(os.environ["COSMOS_ENDPOINT"], os.environ["COSMOS_KEY"])
name = "py" + uuid.uuid4().hex[:8]


def fails(status, call, substatus=None):
    try:
        call()
    except exceptions.CosmosHttpResponseError as e:
        refused(e, status, substatus)
        return e
    raise AssertionError(f"no error, want {status}")


@step("the account and its consistency")
def _():
    assert client.get_database_account().ConsistencyPolicy["defaultConsistencyLevel"] == "Session"


db = step("create a database with shared throughput")(lambda: client.create_database(name, offer_throughput=400))
step("create it again: 409")(lambda: fails(409, lambda: client.create_database(name)))
step("if it is not there")(lambda: client.create_database_if_not_exists(name))


@step("databases, listed and asked for")
def _():
    assert name in [d["id"] for d in client.list_databases()]
    assert [d["id"] for d in client.query_databases("SELECT * FROM c WHERE c.id = @id", [{"name": "@id", "value": name}])] == [name]


@step("its throughput")
def _():
    assert db.get_throughput().offer_throughput == 400
    assert db.replace_throughput(500).offer_throughput == 500


items = step("create a container")(lambda: db.create_container("items", PartitionKey("/pk"), indexing_policy={
    "includedPaths": [{"path": "/*"}], "compositeIndexes": [[{"path": "/m", "order": "ascending"}, {"path": "/n", "order": "descending"}]]}))


@step("its definition")
def _():
    p = items.read()
    assert p["partitionKey"]["paths"] == ["/pk"] and p["indexingPolicy"]["excludedPaths"][-1]["path"] == '/"_etag"/?', p


@step("a container with autoscale and its increment")
def _():
    auto = db.create_container("auto", PartitionKey("/pk"), offer_throughput=ThroughputProperties(
        auto_scale_max_throughput=7000, auto_scale_increment_percent=20))
    t = auto.get_throughput()
    assert (t.auto_scale_max_throughput, t.auto_scale_increment_percent) == (7000, 20)
    db.delete_container("auto")


tree = step("a hierarchical key")(lambda: db.create_container("tree", PartitionKey(["/tenant", "/user"], kind="MultiHash")))
step("a long name: 400")(lambda: fails(400, lambda: db.create_container("a" * 256, PartitionKey("/pk"))))
step("four levels of key: 400")(lambda: fails(400, lambda: db.create_container("x", PartitionKey(["/a", "/b", "/c", "/d"], kind="MultiHash"))))


@step("a vector policy and its index, and one that does not fit")
def _():
    policy = {"vectorEmbeddings": [{"path": "/v", "dataType": "float32", "dimensions": 3, "distanceFunction": "cosine"}]}
    db.create_container("vectors", PartitionKey("/pk"), indexing_policy={"vectorIndexes": [{"path": "/v", "type": "flat"}]}, vector_embedding_policy=policy)
    fails(400, lambda: db.create_container("x", PartitionKey("/pk"), indexing_policy={"vectorIndexes": [{"path": "/v", "type": "flat"}]}))


@step("create and read")
def _():
    made = items.create_item({"id": "1", "pk": "a", "n": 1})
    assert made["n"] == 1 and made["_etag"]
    assert items.read_item("1", "a")["_etag"] == made["_etag"]


step("create it again: 409")(lambda: fails(409, lambda: items.create_item({"id": "1", "pk": "a"})))
step("read what is not there: 404")(lambda: fails(404, lambda: items.read_item("none", "a")))
step("part of a hierarchical key: 400/1001")(lambda: fails(400, lambda: tree.read_item("1", ["x"]), 1001))


@step("response headers of a write")
def _():
    headers = {}
    items.upsert_item({"id": "2", "pk": "a", "n": 2}, response_hook=lambda h, _: headers.update(h))
    for h in ["x-ms-request-charge", "x-ms-session-token", "etag", "x-ms-request-duration-ms", "x-ms-resource-usage", "lsn"]:
        assert h in headers, h
    assert abs(float(headers["x-ms-request-charge"]) - 7.03) < 0.01  # 6.29 and the composite index


@step("replace under an etag")
def _():
    doc = items.read_item("1", "a")
    items.replace_item("1", {**doc, "n": 10}, etag=doc["_etag"], match_condition=MatchConditions.IfNotModified)
    fails(412, lambda: items.replace_item("1", {**doc, "n": 11}, etag=doc["_etag"], match_condition=MatchConditions.IfNotModified))


@step("replace gives another id")
def _():
    items.create_item({"id": "old", "pk": "a"})
    items.replace_item("old", {"id": "new", "pk": "a"})
    fails(404, lambda: items.read_item("old", "a"))
    items.delete_item("new", "a")


@step("patch, and under a condition")
def _():
    got = items.patch_item("1", "a", [{"op": "incr", "path": "/n", "value": 5}, {"op": "add", "path": "/tags", "value": ["x"]}])
    assert got["n"] == 15 and got["tags"] == ["x"], got
    fails(412, lambda: items.patch_item("1", "a", [{"op": "set", "path": "/n", "value": 0}], filter_predicate="from c where c.n = 1"))


@step("a document given whole is addressed by its rid, and obeys the key")
def _():
    doc = items.read_item("2", "a")
    fails(404, lambda: items.delete_item(doc, partition_key="b"))
    items.delete_item(doc, partition_key="a")


@step("a delete, twice")
def _():
    items.create_item({"id": "gone", "pk": "a"})
    items.delete_item("gone", "a")
    fails(404, lambda: items.delete_item("gone", "a"))


@step("a batch, and one that fails")
def _():
    done = items.execute_item_batch([("create", ({"id": "b1", "pk": "b", "n": 1},)), ("upsert", ({"id": "b2", "pk": "b", "n": 2},)),
                                     ("read", ("b1",)), ("patch", ("b1", [{"op": "set", "path": "/n", "value": 3}]))], "b")
    assert [r["statusCode"] for r in done] == [201, 201, 200, 200], done
    try:
        items.execute_item_batch([("create", ({"id": "b3", "pk": "b"},)), ("create", ({"id": "b1", "pk": "b"},))], "b")
        raise AssertionError("no error")
    except exceptions.CosmosBatchOperationError as e:
        assert e.error_index == 1 and [r["statusCode"] for r in e.operation_responses] == [424, 409], e.operation_responses


@step("a hundred documents over many keys")
def _():
    for i in range(100):
        items.upsert_item({"id": f"d{i}", "pk": f"p{i % 7}", "n": i, "m": i % 3})


everywhere = {"enable_cross_partition_query": True}


def query(text, **options):
    return list(items.query_items(text, **({**everywhere, **options} if "partition_key" not in options else options)))


@step("every document")
def _():
    assert len(query("SELECT * FROM c WHERE STARTSWITH(c.pk, 'p')")) == 100


@step("a filter with a parameter, in one partition")
def _():
    rows = query("SELECT VALUE c.n FROM c WHERE c.n < @n", partition_key="p1", parameters=[{"name": "@n", "value": 20}])
    assert sorted(rows) == [1, 8, 15], rows


@step("ORDER BY across partitions")
def _():
    rows = query("SELECT VALUE c.n FROM c WHERE c.m = 1 ORDER BY c.n DESC")
    assert rows == sorted(rows, reverse=True) and len(rows) == 33, rows


@step("ORDER BY two keys")
def _():
    rows = query("SELECT c.m, c.n FROM c WHERE IS_DEFINED(c.m) ORDER BY c.m, c.n DESC")
    assert rows == sorted(rows, key=lambda r: (r["m"], -r["n"])) and len(rows) == 100


step("ORDER BY two keys without their index: 400")(lambda: fails(400, lambda: query("SELECT * FROM c ORDER BY c.n, c.id")))


@step("TOP and OFFSET LIMIT")
def _():
    assert query("SELECT TOP 3 VALUE c.n FROM c WHERE IS_DEFINED(c.m) ORDER BY c.n") == [0, 1, 2]
    assert query("SELECT VALUE c.n FROM c WHERE IS_DEFINED(c.m) ORDER BY c.n OFFSET 4 LIMIT 2") == [4, 5]


@step("aggregates across partitions")
def _():
    for text, want in [("COUNT(1)", 100), ("SUM(c.n)", 4950), ("MIN(c.n)", 0), ("MAX(c.n)", 99), ("AVG(c.n)", 49.5)]:
        assert query(f"SELECT VALUE {text} FROM c WHERE IS_DEFINED(c.m)") == [want], text


@step("DISTINCT")
def _():
    assert sorted(query("SELECT DISTINCT VALUE c.m FROM c WHERE IS_DEFINED(c.m)")) == [0, 1, 2]


@step("pages and their tokens")
def _():
    seen, token = [], None
    while True:
        pager = items.query_items("SELECT VALUE c.n FROM c WHERE IS_DEFINED(c.m)", max_item_count=7, **everywhere).by_page(token)
        page = next(pager, None)
        if page is None:
            break  # a full last page has a token, and nothing behind it
        seen += list(page)
        token = pager.continuation_token
        if not token:
            break
    assert sorted(seen) == list(range(100)), len(seen)


step("a syntax error: 400")(lambda: fails(400, lambda: query("SELECT * FROM c WHERE c.n !")))


@step("query metrics only when asked, and none loaded for COUNT")
def _():
    headers = {}
    hook = lambda h, _: headers.update(h)
    query("SELECT VALUE COUNT(1) FROM c", partition_key="p1", populate_query_metrics=True, response_hook=hook)
    assert "retrievedDocumentCount=0" in headers["x-ms-documentdb-query-metrics"], headers
    headers.clear()
    query("SELECT * FROM c", partition_key="p1", response_hook=hook)
    assert "x-ms-documentdb-query-metrics" not in headers


@step("index metrics")
def _():
    pager = items.query_items("SELECT * FROM c WHERE c.n = 3", partition_key="p1", populate_index_metrics=True)
    list(pager)
    assert "/n/?" in str(items.client_connection.last_response_headers.get("x-ms-cosmos-index-utilization")), "n is indexed"


@step("vector search")
def _():
    vectors = db.get_container_client("vectors")
    for i in range(8):
        vectors.create_item({"id": str(i), "pk": f"p{i % 3}", "v": [1, i, 0]})
    rows = list(vectors.query_items("SELECT TOP 3 VALUE c.id FROM c ORDER BY VectorDistance(c.v, [1, 0, 0])", **everywhere))
    assert rows == ["0", "1", "2"], rows


@step("read many")
def _():
    got = items.read_items([(f"d{i}", f"p{i % 7}") for i in range(30)])
    assert len(got) == 30


@step("all documents of a key, and of a prefix")
def _():
    for u in "abc":
        tree.create_item({"id": u, "tenant": "t", "user": u})
    tree.create_item({"id": "x", "tenant": "s", "user": "x"})
    assert len(list(tree.read_all_items(max_item_count=2))) == 4
    assert len(list(tree.query_items("SELECT * FROM c", partition_key=["t"]))) == 3


@step("a change feed, from the beginning and on")
def _():
    rows = list(items.query_items_change_feed(start_time="Beginning", partition_key="p2"))
    token = items.client_connection.last_response_headers["etag"]
    assert len(rows) == 14, len(rows)
    items.upsert_item({"id": "late", "pk": "p2"})
    assert [r["id"] for r in items.query_items_change_feed(continuation=token, partition_key="p2")] == ["late"]


@step("feed ranges")
def _():
    ranges = list(items.read_feed_ranges())
    assert len(ranges) >= 1
    rows = []
    for r in ranges:
        rows += list(items.query_items("SELECT VALUE c.n FROM c WHERE IS_DEFINED(c.m)", feed_range=r))
    assert sorted(rows) == list(range(100))


@step("replace a container: time to live")
def _():
    db.replace_container(items, PartitionKey("/pk"), default_ttl=1000, indexing_policy=items.read()["indexingPolicy"])
    assert items.read()["defaultTtl"] == 1000
    fails(400, lambda: db.replace_container(items, PartitionKey("/other")))


@step("partition statistics and quota of a container")
def _():
    p = items.read(populate_partition_key_range_statistics=True, populate_quota_info=True)
    assert sum(s["documentCount"] for s in p["statistics"]) > 100


@step("users, permissions and what their tokens reach")
def _():
    user = db.create_user({"id": "ann"})
    permission = user.create_permission({"id": "read", "permissionMode": "Read", "resource": f"dbs/{name}/colls/items"})
    token = permission.properties["_token"]
    ann = CosmosClient(os.environ["COSMOS_ENDPOINT"], {f"dbs/{name}/colls/items": token}).get_database_client(name).get_container_client("items")
    assert ann.read_item("1", "a")["id"] == "1"
    fails(403, lambda: ann.create_item({"id": "no", "pk": "a"}))


@step("scripts are kept")
def _():
    s = items.scripts.create_stored_procedure({"id": "hello", "body": "function () { getContext().getResponse().setBody('hi'); }"})
    assert s["id"] == "hello" and len(list(items.scripts.list_stored_procedures())) == 1
    items.scripts.delete_stored_procedure("hello")


@step("delete every document of a key")
def _():
    items.delete_all_items_by_partition_key("p3")
    assert query("SELECT * FROM c", partition_key="p3") == []


step("delete a container and the database")(lambda: (db.delete_container("tree"), client.delete_database(name)))
step("it is gone: 404")(lambda: fails(404, lambda: client.get_database_client(name).read()))
step.end()
