// The JavaScript SDK and our client on one container of our server: each sees what the other wrote, byte for byte as
// far as JSON goes.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { connectOurs } from "./bridge.mjs";
import { connect, scratch, user } from "./servers.mjs";

const js = connect();
const go = connectOurs();
after(() => go.close());

/** One container, seen by both. */
async function both(t, definition) {
  const c = await scratch(t, js, definition);
  return { c, g: go.container(c.database.id, c.id) };
}

const documents = [
  { id: "plain", pk: "p", n: 1, s: "text" },
  { id: "unicode é 日 🚀", pk: "ž\"\\/\u0001", s: "\u2028\u007f" },
  { id: "numbers", pk: -0.5, big: 9007199254740991, small: 5e-324, large: 1.7976931348623157e308, e: 1e21 },
  { id: "shapes", pk: null, empty: {}, list: [], nested: { a: [{ b: [null, true, ""] }] } },
  { id: "bool", pk: true },
  { id: "absent", other: 1 },
  { id: "<&>", pk: "<html>&amp;" },
];

test("what JavaScript writes, Go reads", async (t) => {
  const { c, g } = await both(t);
  for (const doc of documents) {
    const { resource } = await c.items.create(doc);
    const read = "pk" in doc ? await g.read(doc.id, doc.pk) : await g.call("read", { id: doc.id, undefined: true });
    assert.deepEqual(read.body, resource, doc.id);
    assert.equal(read.etag, resource._etag);
  }
  const all = await g.items();
  assert.deepEqual(all.map((d) => d.id).sort(), documents.map((d) => d.id).sort());
});

test("what Go writes, JavaScript reads", async (t) => {
  const { c, g } = await both(t);
  for (const doc of documents) {
    const created = await g.create(doc);
    assert.equal(created.status, 201);
    const { resource } = await c.item(doc.id, doc.pk).read();
    assert.deepEqual(user(resource), doc, doc.id);
    assert.equal(resource._etag, created.etag);
  }
});

test("an ETag of one is good for the other", async (t) => {
  const { c, g } = await both(t);
  const { resource } = await c.items.create({ id: "x", pk: "p", n: 0 });
  const { etag } = await g.replace("x", { id: "x", pk: "p", n: 1 }, { ifMatch: resource._etag });
  const stale = await c.item("x", "p").replace({ id: "x", pk: "p", n: 2 }, { accessCondition: { type: "IfMatch", condition: resource._etag } }).catch((e) => e);
  assert.equal(stale.code, 412);
  await c.item("x", "p").replace({ id: "x", pk: "p", n: 2 }, { accessCondition: { type: "IfMatch", condition: etag } });
  await assert.rejects(g.replace("x", { id: "x", pk: "p", n: 3 }, { ifMatch: etag }), { code: 412 });
  assert.equal((await g.read("x", "p")).body.n, 2);
});

test("a container made by Go is JavaScript's too, and the other way round", async (t) => {
  const { c } = await both(t);
  const database = c.database;
  const properties = { id: "made-by-go", partitionKey: { paths: ["/a", "/b"], kind: "MultiHash", version: 2 }, defaultTtl: 60 };
  await go.call({ op: "createContainer", database: database.id, properties });
  const { resource } = await database.container("made-by-go").read();
  assert.deepEqual(resource.partitionKey, properties.partitionKey);
  assert.equal(resource.defaultTtl, 60);
  const { body } = await go.call({ op: "readContainer", database: database.id, container: c.id });
  assert.deepEqual(body, (await c.read()).resource);

  const g = go.container(database.id, "made-by-go");
  await g.create({ id: "1", a: "x", b: 2 });
  assert.equal((await database.container("made-by-go").item("1", ["x", 2]).read()).statusCode, 200);
});

test("queries of one partition give both the same rows", async (t) => {
  const { c, g } = await both(t);
  for (let i = 0; i < 40; i++) await (i % 2 ? c.items.create({ id: `i${i}`, pk: "p", n: i, k: i % 3 }) : g.create({ id: `i${i}`, pk: "p", n: i, k: i % 3 }));
  for (const query of [
    "SELECT * FROM c",
    "SELECT VALUE c.n FROM c WHERE c.n > @n ORDER BY c.n DESC",
    "SELECT c.k, COUNT(1) AS n, SUM(c.n) AS s FROM c GROUP BY c.k",
    "SELECT DISTINCT VALUE c.k FROM c ORDER BY c.k",
    "SELECT VALUE {a: c.n, b: [c.k, @n]} FROM c OFFSET 5 LIMIT 10",
  ]) {
    const parameters = query.includes("@n") ? [{ name: "@n", value: 7 }] : [];
    const { resources } = await c.items.query({ query, parameters }, { partitionKey: "p", maxItemCount: 7 }).fetchAll();
    const rows = await g.query(query, Object.fromEntries(parameters.map((p) => [p.name, p.value])), { key: ["p"], pageSize: 6 });
    assert.deepEqual(rows, resources, query);
  }
});
