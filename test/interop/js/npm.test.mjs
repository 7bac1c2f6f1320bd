// Our client against the npm server @vercel/cosmosdb-server, as far as that server goes: docs/interop.md says what it
// lacks. Where a check here names such a gap, it proves the gap, so that a better server is noticed.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { connectOurs } from "./bridge.mjs";
import { npm, user } from "./servers.mjs";

const go = connectOurs(npm);
after(() => go.close());

describe("our client on the npm server", () => {
  const database = `interop-${randomUUID()}`;
  let c;

  before(async () => {
    await go.call({ op: "createDatabase", database });
    await go.call({ op: "createContainer", database, properties: { id: "items", partitionKey: { paths: ["/pk"], kind: "Hash", version: 2 } } });
    c = go.container(database, "items");
  });
  after(() => go.call({ op: "deleteDatabase", database }));

  test("account", () => go.call({ op: "account" }));

  test("databases and containers: conflict, read, missing", async () => {
    await assert.rejects(go.call({ op: "createDatabase", database }), { code: 409 });
    const { body } = await go.call({ op: "readContainer", database, container: "items" });
    assert.deepEqual(body.partitionKey.paths, ["/pk"]);
    await assert.rejects(go.call({ op: "readContainer", database, container: "nothing" }), { code: 404 });
  });

  test("create, read, replace, upsert, delete", async () => {
    const doc = { id: "a", pk: "p", n: 1, text: "é 🚀 <&>", nested: { list: [1, null, { x: true }] } };
    const created = await c.create(doc);
    assert.equal(created.status, 201);
    assert.deepEqual(user(created.body), doc);
    assert.deepEqual((await c.read("a", "p")).body, created.body);
    assert.equal((await c.replace("a", { ...doc, n: 2 })).status, 200);
    assert.equal((await c.upsert({ ...doc, n: 3 })).body.n, 3);
    assert.equal((await c.upsert({ id: "b", pk: "p" })).status, 201);
    assert.equal((await c.read("a", "p")).body.n, 3);
    assert.equal((await c.delete("a", "p")).status, 204);
    assert.equal((await c.delete("b", "p")).status, 204);
    await assert.rejects(c.delete("a", "p"), { code: 404 });
    await assert.rejects(c.replace("a", doc), { code: 404 });
  });

  test("conflict and precondition", async () => {
    const { etag } = await c.create({ id: "e", pk: "p", n: 1 });
    await assert.rejects(c.create({ id: "e", pk: "p" }), { code: 409 });
    const fresh = await c.replace("e", { id: "e", pk: "p", n: 2 }, { ifMatch: etag });
    await assert.rejects(c.replace("e", { id: "e", pk: "p", n: 3 }, { ifMatch: etag }), { code: 412 });
    assert.equal((await c.call("read", { id: "e", key: ["p"] })).etag, fresh.etag);
    await c.delete("e", "p");
  });

  test("ids that need escaping", async () => {
    for (const id of ["with space", "50% off", "a+b", "ü", "日本"]) {
      await c.create({ id, pk: "p" });
      assert.equal((await c.read(id, "p")).body.id, id);
      await c.delete(id, "p");
    }
  });

  test("partition keys of every type", async () => {
    for (const pk of ["", 1, -0.5, true, null, "ž"]) {
      await c.create({ id: "k", pk });
      assert.equal((await c.read("k", pk)).body.pk, pk);
      await c.delete("k", pk);
    }
  });

  test("queries of one partition", async () => {
    for (let i = 0; i < 9; i++) await c.create({ id: `q${i}`, pk: "q", n: i, cat: i % 2 ? "odd" : "even", tags: [`t${i}`, "all"] });
    const query = (text, parameters, rest) => c.query(text, parameters, { key: ["q"], ...rest });
    assert.equal((await query("SELECT * FROM c WHERE c.pk = 'q'")).length, 9);
    assert.deepEqual(await query("SELECT VALUE c.n FROM c WHERE c.pk = 'q' AND c.n >= @n AND c.cat = @cat", { "@n": 3, "@cat": "even" }), [4, 6, 8]);
    assert.deepEqual(await query("SELECT c.id, c.n * 2 AS twice FROM c WHERE c.pk = 'q' AND c.n = 4"), [{ id: "q4", twice: 8 }]);
    assert.deepEqual(await query("SELECT VALUE c.n FROM c WHERE c.pk = 'q' ORDER BY c.n DESC"), [8, 7, 6, 5, 4, 3, 2, 1, 0]);
    assert.deepEqual(await query("SELECT VALUE COUNT(1) FROM c WHERE c.pk = 'q'"), [9]);
    assert.deepEqual(await query("SELECT VALUE t FROM c JOIN t IN c.tags WHERE c.pk = 'q' AND c.n = 3"), ["t3", "all"]);
    assert.deepEqual(await query("SELECT VALUE c.n FROM c WHERE c.pk = 'q' ORDER BY c.n", {}, { pageSize: 2 }), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    await assert.rejects(query("SELECT * FROM c WHERE"), { code: 400 });
  });

  test("all documents", async () => {
    assert.equal((await c.items()).length, 9);
  });

  // Each entry is something the service does and this server does not; the check holds while that is so.
  const query = (text) => c.query(text, {}, { key: ["q"] });
  const unparsed = (text) => () => assert.rejects(query(text), { code: 400, message: /Expected/ });
  const gaps = {
    "a read of a missing document is a 500, not a 404": () => assert.rejects(c.read("none", "q"), { code: 500, message: /Cannot read properties/ }),
    "If-None-Match is not looked at": async () => {
      const { etag } = await c.read("q1", "q");
      assert.equal((await c.call("read", { id: "q1", key: ["q"], ifNoneMatch: etag })).status, 200);
    },
    "the partition key header does not scope a query": () => assert.rejects(query("SELECT VALUE c.n FROM c"), { code: 400, message: /missing partition keys/ }),
    "a document without its partition key cannot be read": async () => {
      await c.create({ id: "absent" });
      await assert.rejects(c.call("read", { id: "absent", undefined: true }), { code: 400, message: /fewer components/ });
    },
    "DISTINCT": unparsed("SELECT DISTINCT VALUE c.cat FROM c WHERE c.pk = 'q'"),
    "GROUP BY": unparsed("SELECT c.cat, COUNT(1) AS n FROM c WHERE c.pk = 'q' GROUP BY c.cat"),
    "OFFSET LIMIT": unparsed("SELECT VALUE c.n FROM c WHERE c.pk = 'q' OFFSET 0 LIMIT 1"),
    "LIKE": unparsed("SELECT VALUE c.n FROM c WHERE c.pk LIKE 'q%'"),
  };
  for (const [name, holds] of Object.entries(gaps)) test(`gap: ${name}`, holds);
});
