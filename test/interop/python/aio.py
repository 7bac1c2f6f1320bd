"""aio-cosmos 0.2.4, which this project takes its features from, against the in-process server."""
import asyncio
import os
import uuid

from aio_cosmos.client import CosmosError, get_client
from steps import Steps

step = Steps("aio-cosmos")
name, items = "aio" + uuid.uuid4().hex[:8], "items"


async def rows(client, text, **options):
    out = []
    async for page in client.query_documents(name, items, text, **options):
        assert page["code"] == 200, page
        out += page["data"]
    return out


async def run(client):
    def expect(title, call, code, check=lambda r: True):
        async def s():
            r = await call()
            assert r["code"] == code, r
            assert r["status"] == ("ok" if code < 400 else "failed"), r
            assert check(r), r
            return r
        return step(title)(s)

    @step("the account")
    async def s():
        assert client.server_details["userConsistencyPolicy"]["defaultConsistencyLevel"] == "Session"
    await s
    await expect("create a database", lambda: client.create_database(name), 201, lambda r: r["data"]["id"] == name)
    await expect("create it again", lambda: client.create_database(name), 409, lambda r: r["error"])
    await expect("with throughput", lambda: client.create_database(name + "t", throughput=500), 201)
    await expect("list databases", client.list_databases, 200, lambda r: {name, name + "t"} <= {d["id"] for d in r["data"]["Databases"]})
    await expect("delete a database", lambda: client.delete_database(name + "t"), 204)
    await expect("delete what is not there", lambda: client.delete_database(name + "t"), 404)
    await expect("create a container", lambda: client.create_container(name, items, "/pk"), 201, lambda r: r["data"]["partitionKey"]["paths"] == ["/pk"])
    await expect("create it again", lambda: client.create_container(name, items, "/pk"), 409)
    await expect("with throughput", lambda: client.create_container(name, "other", "/pk", throughput=1000), 201)
    await expect("in a missing database", lambda: client.create_container("none", "x", "/pk"), 404)
    await expect("a key path without a slash", lambda: client.create_container(name, "x", "pk"), 400)
    await expect("delete a container", lambda: client.delete_container(name, "other"), 204)
    await expect("delete it again", lambda: client.delete_container(name, "other"), 404)

    def create(doc, **options):
        return client.create_document(name, items, doc, doc["pk"], **options)

    await expect("create a document", lambda: create({"id": "1", "pk": "a", "n": 1}), 201, lambda r: r["data"]["_etag"] and r["session_token"])
    await expect("create it again", lambda: create({"id": "1", "pk": "a"}), 409)
    await expect("upsert it", lambda: create({"id": "1", "pk": "a", "n": 2}, upsert=True), 200, lambda r: r["data"]["n"] == 2)
    await expect("upsert a new one", lambda: create({"id": "2", "pk": "a"}, upsert=True), 201)
    await expect("not indexed", lambda: create({"id": "3", "pk": "a"}, indexed=False), 201)
    await expect("indexed", lambda: create({"id": "4", "pk": "a"}, indexed=True), 201)
    await expect("under a session token", lambda: create({"id": "5", "pk": "a"}, session_token=client.session_token), 201)
    await expect("of another key", lambda: client.create_document(name, items, {"id": "6", "pk": "a"}, "b"), 400)
    await expect("without an id", lambda: client.create_document(name, items, {"pk": "a"}, "a"), 400)
    await expect("in a missing container", lambda: client.create_document(name, "none", {"id": "1", "pk": "a"}, "a"), 404)
    await expect("get a document", lambda: client.get_document(name, items, "1", "a"), 200, lambda r: r["data"]["n"] == 2)
    await expect("get what is not there", lambda: client.get_document(name, items, "none", "a"), 404, lambda r: r["data"]["code"] == "NotFound")
    await expect("get with another key", lambda: client.get_document(name, items, "1", "b"), 404)
    await expect("delete a document", lambda: client.delete_document(name, items, "5", "a"), 204)
    await expect("delete it again", lambda: client.delete_document(name, items, "5", "a"), 404)

    @step("a hundred documents at once")
    async def s():
        done = await client.create_documents(name, items, [({"id": f"d{i}", "pk": "p", "n": i, "m": i % 3}, "p") for i in range(100)])
        assert {r["code"] for r in done} == {201}, done
    await s

    @step("the same again: each has its own result")
    async def s():
        done = await client.create_documents(name, items, [({"id": f"d{i}", "pk": "p"}, "p") for i in range(98, 102)])
        assert [r["code"] for r in done] == [409, 409, 201, 201], done
    await s

    def query(title, text, want, **options):
        async def s():
            got = await rows(client, text, **options)
            assert got == want, got
        return step(title)(s)

    one, cross = {"partition_key": "p"}, {"enable_cross_partition_query": True}
    await query("a filter in one partition", "SELECT VALUE c.n FROM c WHERE c.n < 3 ORDER BY c.n", [0, 1, 2], **one)
    await query("ORDER BY", "SELECT VALUE c.n FROM c WHERE c.n > 96 ORDER BY c.n DESC", [99, 98, 97], **one)
    await query("TOP", "SELECT TOP 2 VALUE c.n FROM c ORDER BY c.n DESC", [99, 98], **one)
    await query("OFFSET LIMIT", "SELECT VALUE c.n FROM c WHERE IS_DEFINED(c.n) ORDER BY c.n OFFSET 5 LIMIT 2", [5, 6], **one)
    await query("COUNT", "SELECT VALUE COUNT(1) FROM c", [102], **one)
    await query("GROUP BY", "SELECT c.m, COUNT(1) AS k FROM c WHERE c.m = 1 GROUP BY c.m", [{"m": 1, "k": 33}], **one)
    await query("DISTINCT", "SELECT DISTINCT VALUE c.pk FROM c", ["p"], **one)
    await query("across partitions", "SELECT VALUE c.id FROM c WHERE c.id = 'd7'", ["d7"], **cross)

    @step("every document across partitions")
    async def s():
        assert len(await rows(client, "SELECT * FROM c", **cross)) == 106
    await s

    @step("what the gateway leaves to its clients is refused, on which this client stumbles")
    async def s():
        try:
            await rows(client, "SELECT * FROM c ORDER BY c.n", **cross)
            raise AssertionError("no error")
        except KeyError as e:
            assert str(e) == "'Documents'"
    await s

    @step("a raised failure says what happened")
    async def s():
        async with get_client(os.environ["COSMOS_ENDPOINT"], os.environ["COSMOS_KEY"], raise_on_failure=True) as strict:
            try:
                await strict.get_document(name, items, "none", "a")
                raise AssertionError("no error")
            except CosmosError as e:
                assert e.http_status_code == 404 and "does not exist" in str(e)
    await s
    await expect("delete the database", lambda: client.delete_database(name), 204)


async def main():
    async with get_client(os.environ["COSMOS_ENDPOINT"], os.environ["COSMOS_KEY"]) as client:
        await run(client)


asyncio.run(main())
step.end()
