"""azure-cosmos, sync and asyncio, while partitions split. $SPLITTING (test/interop/splitting) moves a split on whenever it
has refused a request because of it, so every operation meets every phase. Of the refusals the SDK repeats 410/1002, and
410/1007 in change feeds alone: the hosted gateway repeats that by itself."""
import asyncio
import json
import logging
import os
import subprocess
import urllib.request

from azure.cosmos import CosmosClient, PartitionKey
from azure.cosmos.aio import CosmosClient as AsyncClient
from azure.cosmos.exceptions import CosmosHttpResponseError
from steps import Steps

logging.disable()  # the SDK tells of each refusal
server = subprocess.Popen([os.environ["SPLITTING"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
ready = json.loads(server.stdout.readline())
step = Steps("azure-cosmos over splits")
ALL = sorted(str(i) for i in range(20))  # "2" is in the partition that splits


def world(method, path, **body):
    request = urllib.request.Request(ready["control"] + path, json.dumps(body).encode(), method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def ids(answer):
    return sorted(d["id"] for d in (answer if isinstance(answer, list) else [answer]))


def done(results):
    return [r["statusCode"] for r in results]


# What is done in a container, how its answer is looked at, and what that is. "across" is what a query of the sync SDK needs.
OPERATIONS = {
    "a query": (lambda c, across: c.query_items("SELECT * FROM c", max_item_count=3, **across), ids, ALL),
    "a sorted query": (lambda c, across: c.query_items("SELECT * FROM c ORDER BY c.id", max_item_count=3, **across), ids, ALL),
    "a count": (lambda c, across: c.query_items("SELECT VALUE COUNT(1) FROM c", **across), list, [20]),
    "all documents": (lambda c, _: c.read_all_items(max_item_count=3), ids, ALL),
    "read-many": (lambda c, _: c.read_items([(i, i) for i in ALL]), ids, ALL),
    "a change feed": (lambda c, _: c.query_items_change_feed(start_time="Beginning", max_item_count=3), ids, ALL),
    "a read": (lambda c, _: c.read_item("2", "2"), ids, ["2"]),
    "a write": (lambda c, _: c.upsert_item({"id": "2"}), ids, ["2"]),
    "a patch": (lambda c, _: c.patch_item("2", "2", [{"op": "set", "path": "/n", "value": 1}]), ids, ["2"]),
    "a batch": (lambda c, _: c.execute_item_batch([("upsert", ({"id": "2"},))], "2"), done, [200]),
}
REPEATED = {"a change feed"}  # with 410/1007
# Where the first partition splits, the others are asked twice: see docs/interop.md.
WRONG = {"a sorted query": lambda got: sorted(set(got)) == ALL and len(got) > len(ALL), "a count": lambda got: got > [20]}


async def over_a_split(title, container, do):
    """Does something while the first partition is copied, when it is served; until it is refused no more; and once more."""
    _, look, want = OPERATIONS[title]
    path = f"/databases/splits/containers/{container}"
    world("POST", path + "/split", range="0", phases=True)
    assert [r["status"] for r in world("GET", path + "/ranges")["ranges"]] == ["splitting", "online"]
    assert look(await do()) == want
    assert world("POST", path + "/changes/0/advance")["phase"] == "preparing"
    refusals, answer = 0, None
    while answer is None:
        try:
            answer = await do()
        except CosmosHttpResponseError as e:
            assert e.status_code == 410 and e.sub_status in (1002, 1007), e
            refusals += 1
            assert refusals < 3
    assert (refusals == 0) == (title in REPEATED), refusals
    got = look(answer)
    assert WRONG.get(title, want.__eq__)(got), got
    assert world("GET", path + "/changes")["changes"] == []
    assert look(await do()) == want


async def run(sdk, database, settle):
    """Runs every operation; settle brings an answer of the SDK, or what an asynchronous one waits for, to its end."""
    for number, (title, (operation, _, _)) in enumerate(OPERATIONS.items()):
        @step(f"{title}, {sdk}")
        async def over():
            container = await settle(database.create_container(f"{sdk}{number}", PartitionKey("/id")))
            for i in ALL:
                await settle(container.create_item({"id": i}))
            across = {"enable_cross_partition_query": True} if sdk == "sync" else {}
            await over_a_split(title, container.id, lambda: settle(operation(container, across)))
        await over


async def settle_sync(answer):
    return list(answer) if hasattr(answer, "__next__") or hasattr(answer, "by_page") else answer


async def settle_async(answer):
    return [row async for row in answer] if hasattr(answer, "__aiter__") else await answer


async def main():
    with CosmosClient(ready["endpoint"], ready["key"]) as client:
        await run("sync", client.create_database("splits"), settle_sync)
    async with AsyncClient(ready["endpoint"], ready["key"]) as client:
        await run("asyncio", client.get_database_client("splits"), settle_async)


try:
    asyncio.run(main())
finally:
    server.stdin.close()
    server.wait()
step.end()
