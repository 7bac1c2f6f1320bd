// Batch, bulk, patch and change feed: the JavaScript SDK and our client on our server, each working on what the other wrote.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ChangeFeedStartFrom, StatusCodes } from "@azure/cosmos";
import { connectOurs } from "./bridge.mjs";
import { connect, scratch, user } from "./servers.mjs";

const js = connect();
const go = connectOurs();
after(() => go.close());

async function both(t, definition) {
  const c = await scratch(t, js, definition);
  return { c, g: go.container(c.database.id, c.id) };
}

const statuses = (results) => results.map((r) => r.statusCode);

test("batch: every operation, all or none", async (t) => {
  const { c, g } = await both(t);
  await c.items.create({ id: "there", pk: "p", n: 1 });
  const done = await c.items.batch(
    [
      { operationType: "Create", resourceBody: { id: "a", pk: "p" } },
      { operationType: "Upsert", resourceBody: { id: "b", pk: "p", n: 1 } },
      { operationType: "Read", id: "there" },
      { operationType: "Replace", id: "b", resourceBody: { id: "b", pk: "p", n: 2 } },
      { operationType: "Patch", id: "there", resourceBody: { operations: [{ op: "incr", path: "/n", value: 41 }] } },
      { operationType: "Delete", id: "a" },
    ],
    "p",
  );
  assert.equal(done.code, 200);
  assert.deepEqual(statuses(done.result), [201, 201, 200, 200, 200, 204]);
  assert.equal(done.result[2].resourceBody.n, 1);
  assert.equal((await g.read("there", "p")).body.n, 42);
  assert.equal((await g.read("b", "p")).body.n, 2);
  await assert.rejects(g.read("a", "p"), { code: 404 });

  const failed = await c.items.batch(
    [
      { operationType: "Create", resourceBody: { id: "x", pk: "p" } },
      { operationType: "Create", resourceBody: { id: "b", pk: "p" } },
      { operationType: "Delete", id: "there" },
    ],
    "p",
  );
  assert.equal(failed.code, StatusCodes.MultiStatus);
  assert.deepEqual(statuses(failed.result), [424, 409, 424]);
  await assert.rejects(g.read("x", "p"), { code: 404 });
});

test("batch: the same from Go", async (t) => {
  const { c, g } = await both(t);
  const done = await g.call("batch", {
    key: ["p"],
    operations: [
      { op: "create", body: { id: "a", pk: "p", n: 1 } },
      { op: "upsert", body: { id: "b", pk: "p" } },
      { op: "patch", id: "a", patch: [{ op: "incr", path: "/n", value: 1 }] },
      { op: "delete", id: "b" },
    ],
  });
  assert.deepEqual(done.outcomes.map((o) => o.status), [201, 201, 200, 204]);
  assert.equal((await c.item("a", "p").read()).resource.n, 2);
  await assert.rejects(g.call("batch", { key: ["p"], operations: [{ op: "create", body: { id: "z", pk: "p" } }, { op: "create", body: { id: "a", pk: "p" } }] }), { code: 409, failed: 1 });
  assert.equal((await c.item("z", "p").read()).statusCode, 404);
});

test("executeBulkOperations over all partitions", async (t) => {
  const { c, g } = await both(t);
  const creates = Array.from({ length: 250 }, (_, i) => ({ operationType: "Create", partitionKey: `p${i % 40}`, resourceBody: { id: `i${i}`, pk: `p${i % 40}`, n: i } }));
  const created = await c.items.executeBulkOperations(creates);
  assert.equal(created.length, 250);
  assert.ok(created.every((r) => r.response?.statusCode === 201 && !r.error));
  assert.deepEqual((await g.items()).length, 250);
  assert.deepEqual((await g.query("SELECT VALUE SUM(c.n) FROM c")), [(249 * 250) / 2]);

  const mixed = await c.items.executeBulkOperations([
    { operationType: "Create", partitionKey: "p0", resourceBody: { id: "i0", pk: "p0" } },
    { operationType: "Upsert", partitionKey: "p1", resourceBody: { id: "new", pk: "p1" } },
    { operationType: "Read", id: "i2", partitionKey: "p2" },
    { operationType: "Replace", id: "i3", partitionKey: "p3", resourceBody: { id: "i3", pk: "p3", n: -3 } },
    { operationType: "Patch", id: "i4", partitionKey: "p4", resourceBody: { operations: [{ op: "set", path: "/n", value: -4 }] } },
    { operationType: "Delete", id: "i5", partitionKey: "p5" },
    { operationType: "Delete", id: "nobody", partitionKey: "p5" },
  ]);
  assert.deepEqual(mixed.map((r) => r.response?.statusCode ?? r.error.code), [409, 201, 200, 200, 200, 204, 404]);
  assert.equal(mixed[2].response.resourceBody.n, 2);
  assert.equal((await g.read("i3", "p3")).body.n, -3);
  assert.equal((await g.read("i4", "p4")).body.n, -4);
});

test("items.bulk, the older call", async (t) => {
  const { c } = await both(t);
  const results = await c.items.bulk([
    { operationType: "Create", resourceBody: { id: "a", pk: "p1" } },
    { operationType: "Create", resourceBody: { id: "b", pk: 7 } },
    { operationType: "Create", resourceBody: { id: "c", pk: null } },
    { operationType: "Create", resourceBody: { id: "a", pk: "p1" } },
  ]);
  assert.deepEqual(statuses(results), [201, 201, 201, 409]);
});

test("bulk from Go: JavaScript finds every document", async (t) => {
  const { c, g } = await both(t);
  const operations = Array.from({ length: 250 }, (_, i) => ({ op: i % 2 ? "create" : "upsert", body: { id: `i${i}`, pk: `p${i % 40}`, n: i } }));
  operations.push({ op: "create", body: { id: "i0", pk: "p0" } }, { op: "delete", id: "nobody", key: ["p0"] });
  const { outcomes } = await g.call("bulk", { operations });
  assert.ok(outcomes.slice(0, 250).every((o) => o.status === 201));
  assert.deepEqual(outcomes.slice(250).map((o) => o.status), [409, 404]);
  const { resources } = await c.items.query("SELECT VALUE c.n FROM c").fetchAll();
  assert.deepEqual(resources.sort((a, b) => a - b), Array.from({ length: 250 }, (_, i) => i));
});

test("patch: every operation, and conditions", async (t) => {
  const { c, g } = await both(t);
  const start = { id: "x", pk: "p", n: 1, list: [1, 2], deep: { a: 1, b: 2 }, gone: true };
  const operations = [
    { op: "set", path: "/deep/a", value: "set" },
    { op: "add", path: "/list/1", value: "added" },
    { op: "add", path: "/list/-", value: { last: true } },
    { op: "replace", path: "/deep/b", value: null },
    { op: "remove", path: "/gone" },
    { op: "incr", path: "/n", value: 1.5 },
    { op: "incr", path: "/fresh", value: 5 },
    { op: "move", from: "/deep/a", path: "/moved" },
  ];
  const end = { id: "x", pk: "p", n: 2.5, list: [1, "added", 2, { last: true }], deep: { b: null }, fresh: 5, moved: "set" };

  await c.items.create(start);
  const patched = await c.item("x", "p").patch(operations);
  assert.equal(patched.statusCode, 200);
  assert.deepEqual(user(patched.resource), end);
  await g.create({ ...start, id: "y" });
  assert.deepEqual(user((await g.call("patch", { id: "y", key: ["p"], patch: operations })).body), { ...end, id: "y" });

  const condition = "from c where c.n > 100";
  const unmet = await c.item("x", "p").patch({ condition, operations: [{ op: "set", path: "/n", value: 0 }] }).catch((e) => e);
  assert.equal(unmet.code, 412);
  await assert.rejects(g.call("patch", { id: "x", key: ["p"], condition, patch: [{ op: "set", path: "/n", value: 0 }] }), { code: 412 });
  await c.item("x", "p").patch({ condition: "from c where c.n < 100", operations: [{ op: "set", path: "/n", value: 0 }] });
  assert.equal((await g.read("x", "p")).body.n, 0);
  const missing = await c.item("x", "p").patch([{ op: "replace", path: "/nowhere", value: 1 }]).catch((e) => e);
  assert.equal(missing.code, 400);
});

/** Reads a change feed until it says that there is nothing new. */
async function drain(iterator) {
  const changes = [];
  for await (const response of iterator.getAsyncIterator()) {
    if (response.statusCode === StatusCodes.NotModified) return { changes, token: response.continuationToken };
    changes.push(...response.result);
  }
  throw new Error("a change feed never ends");
}

test("change feed: from the beginning, on from a token, of a partition key, of feed ranges", async (t) => {
  const { c, g } = await both(t);
  for (let i = 0; i < 20; i++) await (i % 2 ? c.items.create({ id: `i${i}`, pk: `p${i % 5}`, n: i }) : g.create({ id: `i${i}`, pk: `p${i % 5}`, n: i }));
  await g.upsert({ id: "i3", pk: "p3", n: 33 });
  const ids = (changes) => changes.map((d) => d.id).sort();
  const everything = Array.from({ length: 20 }, (_, i) => `i${i}`).sort();

  const first = await drain(c.items.getChangeFeedIterator({ changeFeedStartFrom: ChangeFeedStartFrom.Beginning(), maxItemCount: 3 }));
  assert.deepEqual(ids(first.changes), everything);
  assert.equal(first.changes.find((d) => d.id === "i3").n, 33); // the latest version only

  await g.create({ id: "later", pk: "p1" });
  await c.item("i4", "p4").patch([{ op: "set", path: "/n", value: 44 }]);
  const next = await drain(c.items.getChangeFeedIterator({ changeFeedStartFrom: ChangeFeedStartFrom.Continuation(first.token) }));
  assert.deepEqual(ids(next.changes), ["i4", "later"]);

  const key = await drain(c.items.getChangeFeedIterator({ changeFeedStartFrom: ChangeFeedStartFrom.Beginning("p3"), maxItemCount: 2 }));
  assert.deepEqual(key.changes.map((d) => d.id), ["i8", "i13", "i18", "i3"]); // in the order of the changes

  const parts = [];
  for (const range of await c.getFeedRanges()) parts.push(...(await drain(c.items.getChangeFeedIterator({ changeFeedStartFrom: ChangeFeedStartFrom.Beginning(range) }))).changes);
  assert.deepEqual(ids(parts), [...everything, "later"].sort());

  const now = c.items.getChangeFeedIterator({ changeFeedStartFrom: ChangeFeedStartFrom.Now() });
  assert.equal((await now.readNext()).statusCode, StatusCodes.NotModified);
});

test("change feed from Go: what JavaScript wrote, once, and on from a token", async (t) => {
  const { c, g } = await both(t);
  const creates = Array.from({ length: 60 }, (_, i) => ({ operationType: "Create", partitionKey: `p${i % 7}`, resourceBody: { id: `i${i}`, pk: `p${i % 7}`, n: i } }));
  await c.items.executeBulkOperations(creates);
  await c.item("i5", "p5").patch([{ op: "set", path: "/n", value: -5 }]);
  const first = await g.call("changes", { pageSize: 4 });
  assert.deepEqual(first.rows.map((d) => d.id).sort(), creates.map((o) => o.resourceBody.id).sort());
  assert.equal(first.rows.find((d) => d.id === "i5").n, -5);

  await c.items.upsert({ id: "i6", pk: "p6", n: -6 });
  await c.items.create({ id: "last", pk: "p1" });
  const next = await g.call("changes", { token: first.token });
  assert.deepEqual(next.rows.map((d) => d.id).sort(), ["i6", "last"]);
  assert.deepEqual((await g.call("changes", { key: ["p6"] })).rows.map((d) => d.id), ["i13", "i20", "i27", "i34", "i41", "i48", "i55", "i6"]);
});

test("all documents of a partition key deleted at once, by either", async (t) => {
  const { c, g } = await both(t);
  for (let i = 0; i < 9; i++) await g.create({ id: `i${i}`, pk: `p${i % 3}` });
  await c.deleteAllItemsForPartitionKey("p0");
  assert.deepEqual((await g.query("SELECT VALUE c.id FROM c")).sort(), ["i1", "i2", "i4", "i5", "i7", "i8"]);
  await g.call("deletePartition", { key: ["p1"] });
  assert.deepEqual((await c.items.query("SELECT VALUE c.id FROM c").fetchAll()).resources.sort(), ["i2", "i5", "i8"]);
});
