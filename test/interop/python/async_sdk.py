"""The official Python SDK's asyncio client, azure.cosmos.aio, against the in-process server."""
import asyncio
import os
import uuid

from azure.core import MatchConditions
from azure.cosmos import PartitionKey, ThroughputProperties, exceptions
from azure.cosmos.aio import CosmosClient
from steps import Steps, refused

step = Steps("azure-cosmos, asyncio")


async def fails(status, call, substatus=None):
    try:
        await call
    except exceptions.CosmosHttpResponseError as e:
        refused(e, status, substatus)
        return e
    raise AssertionError(f"no error, want {status}")


async def rows(iterator):
    return [r async for r in iterator]


async def run(client, name):
    async def database():
        return await client.create_database(name)

    db = await step("create a database")(database)

    @step("create it again: 409")
    async def s():
        await fails(409, client.create_database(name))
    await s

    @step("databases, listed and asked for")
    async def s():
        assert name in [d["id"] for d in await rows(client.list_databases())]
        assert len(await rows(client.query_databases("SELECT * FROM c WHERE c.id = @id", parameters=[{"name": "@id", "value": name}]))) == 1
    await s

    async def container():
        return await db.create_container("items", PartitionKey("/pk"), offer_throughput=1000, indexing_policy={
            "includedPaths": [{"path": "/*"}], "compositeIndexes": [[{"path": "/m"}, {"path": "/n", "order": "descending"}]]})

    items = await step("create a container with throughput")(container)

    @step("its throughput, changed")
    async def s():
        assert (await items.get_throughput()).offer_throughput == 1000
        assert (await items.replace_throughput(2000)).offer_throughput == 2000
    await s

    @step("containers, listed and read")
    async def s():
        assert [c["id"] for c in await rows(db.list_containers())] == ["items"]
        assert (await items.read())["partitionKey"]["paths"] == ["/pk"]
    await s

    @step("a missing container: 404")
    async def s():
        await fails(404, db.get_container_client("none").read())
        await fails(404, db.get_container_client("none").create_item({"id": "1", "pk": "a"}))
    await s

    @step("create and read")
    async def s():
        made = await items.create_item({"id": "1", "pk": "a", "n": 1})
        assert (await items.read_item("1", "a"))["_etag"] == made["_etag"]
    await s

    @step("create it again: 409")
    async def s():
        await fails(409, items.create_item({"id": "1", "pk": "a"}))
    await s

    @step("read what is not there: 404")
    async def s():
        await fails(404, items.read_item("none", "a"))
    await s

    @step("keys of every type")
    async def s():
        for i, key in enumerate([1.5, True, None, "", "é", -0.0]):
            await items.create_item({"id": f"k{i}", "pk": key})
            assert (await items.read_item(f"k{i}", key))["pk"] == key
            await items.delete_item(f"k{i}", key)
    await s

    @step("ids that need escaping")
    async def s():
        for odd in ["a b", "50%", "x+y", "é", "a&b=c", "q'\""]:
            await items.create_item({"id": odd, "pk": "odd"})
            assert (await items.read_item(odd, "odd"))["id"] == odd
            await items.delete_item(odd, "odd")
    await s

    @step("upsert, twice")
    async def s():
        first = await items.upsert_item({"id": "u", "pk": "a", "n": 1})
        second = await items.upsert_item({"id": "u", "pk": "a", "n": 2})
        assert first["_rid"] == second["_rid"] and second["n"] == 2
    await s

    @step("replace under an etag")
    async def s():
        doc = await items.read_item("u", "a")
        options = {"etag": doc["_etag"], "match_condition": MatchConditions.IfNotModified}
        await items.replace_item("u", {**doc, "n": 3}, **options)
        await fails(412, items.replace_item("u", {**doc, "n": 4}, **options))
    await s

    @step("replace gives another id")
    async def s():
        await items.replace_item("u", {"id": "v", "pk": "a"})
        await fails(404, items.read_item("u", "a"))
    await s

    @step("patch: every operation")
    async def s():
        await items.upsert_item({"id": "p", "pk": "a", "n": 1, "old": 1, "list": [1, 3]})
        got = await items.patch_item("p", "a", [
            {"op": "set", "path": "/s", "value": "x"}, {"op": "add", "path": "/list/1", "value": 2}, {"op": "incr", "path": "/n", "value": 2},
            {"op": "remove", "path": "/old"}, {"op": "replace", "path": "/s", "value": "y"}, {"op": "move", "from": "/s", "path": "/t"}])
        assert (got["list"], got["n"], got["t"]) == ([1, 2, 3], 3, "y") and "old" not in got, got
    await s

    @step("a patch under a condition: 412")
    async def s():
        await fails(412, items.patch_item("p", "a", [{"op": "set", "path": "/n", "value": 0}], filter_predicate="from c where c.n = 9"))
    await s

    @step("a patch of the key: 400")
    async def s():
        await fails(400, items.patch_item("p", "a", [{"op": "set", "path": "/pk", "value": "b"}]))
    await s

    @step("delete, twice")
    async def s():
        await items.delete_item("v", "a")
        await fails(404, items.delete_item("v", "a"))
    await s

    @step("a document without its key: 400")
    async def s():
        await fails(400, items.create_item({"pk": "a", "id": ""}))
    await s

    @step("a document beyond 2 MB: 413")
    async def s():
        await fails(413, items.create_item({"id": "big", "pk": "a", "x": "x" * (2 << 20)}))
    await s

    @step("a batch, and one that fails")
    async def s():
        done = await items.execute_item_batch([("create", ({"id": "b1", "pk": "b"},)), ("replace", ("b1", {"id": "b1", "pk": "b", "n": 1})), ("delete", ("b1",))], "b")
        assert [r["statusCode"] for r in done] == [201, 200, 204], done
        try:
            await items.execute_item_batch([("create", ({"id": "b2", "pk": "b"},)), ("read", ("none",))], "b")
            raise AssertionError("no error")
        except exceptions.CosmosBatchOperationError as e:
            assert e.error_index == 1
        await fails(404, items.read_item("b2", "b"))
    await s

    @step("two hundred documents at once")
    async def s():
        await asyncio.gather(*[items.create_item({"id": f"d{i}", "pk": f"p{i % 9}", "n": i, "m": i % 4}) for i in range(200)])
    await s

    async def query(text, **options):
        return await rows(items.query_items(text, **options))

    @step("every document")
    async def s():
        assert len(await query("SELECT * FROM c WHERE IS_DEFINED(c.m)")) == 200
    await s

    @step("pages of three")
    async def s():
        pages = [[r async for r in page] async for page in items.query_items("SELECT VALUE c.n FROM c WHERE IS_DEFINED(c.m)", max_item_count=3).by_page()]
        assert sorted(sum(pages, [])) == list(range(200)) and max(map(len, pages)) == 3
    await s

    @step("parameters")
    async def s():
        got = await query("SELECT VALUE c.n FROM c WHERE c.n IN (@a, @b) AND c.m = @m", parameters=[
            {"name": "@a", "value": 4}, {"name": "@b", "value": 5}, {"name": "@m", "value": 0}])
        assert got == [4], got
    await s

    @step("ORDER BY, forwards and backwards")
    async def s():
        up, down = await query("SELECT VALUE c.n FROM c ORDER BY c.n"), await query("SELECT VALUE c.n FROM c ORDER BY c.n DESC")
        assert up[-200:] == sorted(up[-200:]) and down[:200] == sorted(down[:200], reverse=True)
    await s

    @step("ORDER BY two keys")
    async def s():
        got = [(r["m"], -r["n"]) for r in await query("SELECT c.m, c.n FROM c WHERE IS_DEFINED(c.m) ORDER BY c.m, c.n DESC")]
        assert got == sorted(got) and len(got) == 200
    await s

    @step("TOP, OFFSET LIMIT")
    async def s():
        assert await query("SELECT TOP 2 VALUE c.n FROM c WHERE IS_DEFINED(c.m) ORDER BY c.n") == [0, 1]
        assert await query("SELECT VALUE c.n FROM c WHERE IS_DEFINED(c.m) ORDER BY c.n OFFSET 198 LIMIT 9") == [198, 199]
    await s

    @step("aggregates")
    async def s():
        for f, want in {"COUNT(1)": 200, "SUM(c.n)": 19900, "MIN(c.n)": 0, "MAX(c.n)": 199, "AVG(c.n)": 99.5}.items():
            assert await query(f"SELECT VALUE {f} FROM c WHERE IS_DEFINED(c.m)") == [want], f
    await s

    @step("DISTINCT, JOIN and subqueries")
    async def s():
        assert sorted(await query("SELECT DISTINCT VALUE c.m FROM c WHERE IS_DEFINED(c.m)")) == [0, 1, 2, 3]
        assert await query("SELECT VALUE t FROM c JOIN t IN c.list WHERE c.id = 'p'") == [1, 2, 3]
        assert await query("SELECT VALUE (SELECT VALUE SUM(t) FROM t IN c.list) FROM c WHERE c.id = 'p'") == [6]
    await s

    @step("functions of every kind")
    async def s():
        text = """SELECT VALUE [UPPER('a'), LENGTH('abc'), ABS(-2), ROUND(2.5), ARRAY_LENGTH([1]), IS_STRING('x'), CONCAT('a','b'), REVERSE('ab'),
            SUBSTRING('hello', 1, 3), STARTSWITH('hello', 'he'), IIF(true, 1, 2), INDEX_OF('abc', 'c'), ToString(1), StringToNumber('2'), ARRAY_CONTAINS([1,2], 2)]"""
        assert await query(text, partition_key="a") == [["A", 3, 2, 3, 1, True, "ab", "ba", "ell", True, 1, 2, "1", 2, True]]
    await s

    @step("a syntax error: 400 with its place")
    async def s():
        assert "SC1001" in str(await fails(400, query("SELECT * FORM c")))
    await s

    @step("read many")
    async def s():
        assert len(await items.read_items([(f"d{i}", f"p{i % 9}") for i in range(50)])) == 50
    await s

    @step("every document of a key")
    async def s():
        got = await query("SELECT * FROM c", partition_key="p4")
        assert {r["pk"] for r in got} == {"p4"} and len(got) == 22
    await s

    @step("a change feed, from the beginning and on")
    async def s():
        got = await rows(items.query_items_change_feed(start_time="Beginning", partition_key="p1"))
        token = items.client_connection.last_response_headers["etag"]
        assert len(got) == 23, len(got)
        await items.upsert_item({"id": "late", "pk": "p1"})
        assert [r["id"] for r in await rows(items.query_items_change_feed(continuation=token, partition_key="p1"))] == ["late"]
    await s

    @step("feed ranges cover everything once")
    async def s():
        got = []
        async for r in items.read_feed_ranges():
            got += await query("SELECT VALUE c.n FROM c WHERE IS_DEFINED(c.m)", feed_range=r)
        assert sorted(got) == list(range(200))
    await s

    @step("session tokens")
    async def s():
        headers = {}
        await items.upsert_item({"id": "s", "pk": "a", "n": 7}, response_hook=lambda h, _: headers.update(h))
        got = await items.read_item("s", "a", session_token=headers["x-ms-session-token"])
        assert got["n"] == 7
    await s

    @step("users and permissions")
    async def s():
        user = await db.create_user({"id": "ann"})
        p = await user.create_permission({"id": "read", "permissionMode": "Read", "resource": f"dbs/{name}/colls/items"})
        assert p.properties["_token"].startswith("type=resource")
        assert [x["id"] for x in await rows(user.list_permissions())] == ["read"]
        await db.delete_user("ann")
    await s

    @step("a function of the user's")
    async def s():
        await items.scripts.create_user_defined_function({"id": "twice", "body": "function (x) { return 2 * x; }"})
        assert [f["id"] for f in await rows(items.scripts.list_user_defined_functions())] == ["twice"]
    await s

    @step("delete every document of a key")
    async def s():
        await items.delete_all_items_by_partition_key("p3")
        assert await query("SELECT * FROM c", partition_key="p3") == []
    await s

    @step("delete the container and the database")
    async def s():
        await db.delete_container("items")
        await client.delete_database(name)
        await fails(404, client.get_database_client(name).read())
    await s


async def main():
    async with CosmosClient(os.environ["COSMOS_ENDPOINT"], os.environ["COSMOS_KEY"]) as client:
        await run(client, "py" + uuid.uuid4().hex[:8])


asyncio.run(main())
step.end()
