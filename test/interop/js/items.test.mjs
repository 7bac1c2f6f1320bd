// Documents, as the JavaScript SDK creates, reads, replaces, upserts and deletes them on our server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, scratch, status, user } from "./servers.mjs";

const client = connect();

const ada = { id: "ada", pk: "p1", name: "Ada", born: { year: 1815, city: "London" }, tags: ["x", null, 1.5] };

test("create, read, replace, delete", async (t) => {
  const c = await scratch(t, client);
  const created = await c.items.create(ada);
  assert.equal(created.statusCode, 201);
  assert.deepEqual(user(created.resource), ada);
  assert.ok(created.requestCharge > 0);
  assert.ok(created.activityId);
  assert.equal(created.etag, created.resource._etag);

  const read = await c.item("ada", "p1").read();
  assert.equal(read.statusCode, 200);
  assert.deepEqual(read.resource, created.resource);

  const replaced = await c.item("ada", "p1").replace({ ...ada, name: "Ada Lovelace" });
  assert.equal(replaced.statusCode, 200);
  assert.equal(replaced.resource.name, "Ada Lovelace");
  assert.equal(replaced.resource._rid, created.resource._rid);
  assert.notEqual(replaced.etag, created.etag);

  assert.equal((await c.item("ada", "p1").delete()).statusCode, 204);
  assert.equal((await c.item("ada", "p1").read()).statusCode, 404); // the SDK returns a read's 404
});

test("upsert creates, then replaces in place", async (t) => {
  const c = await scratch(t, client);
  const first = await c.items.upsert(ada);
  assert.equal(first.statusCode, 201);
  const second = await c.items.upsert({ ...ada, name: "A." });
  assert.equal(second.statusCode, 200);
  assert.equal(second.resource._rid, first.resource._rid);
  assert.equal((await c.item("ada", "p1").read()).resource.name, "A.");
});

test("an id the SDK makes up is stored", async (t) => {
  const c = await scratch(t, client);
  const { resource } = await c.items.create({ pk: "p1" });
  assert.match(resource.id, /^[0-9a-f-]{36}$/);
  assert.equal((await c.item(resource.id, "p1").read()).statusCode, 200);
});

test("errors: what is there already, what is not, what may not be", async (t) => {
  const c = await scratch(t, client);
  await c.items.create(ada);
  assert.equal(await status(c.items.create(ada)), 409);
  assert.equal(await status(c.item("nobody", "p1").replace({ id: "nobody", pk: "p1" })), 404);
  assert.equal(await status(c.item("nobody", "p1").delete()), 404);
  assert.equal((await c.item("ada", "p2").read()).statusCode, 404); // another logical partition
  assert.equal((await c.items.create({ ...ada, pk: "p2" })).statusCode, 201); // has an id space of its own
  assert.equal(await status(c.item("ada", "p1").replace({ ...ada, pk: "p3" })), 400);
  assert.equal(await status(c.items.create({ id: "big", pk: "p1", s: "x".repeat(2 * 1024 * 1024) })), 413);
  const gone = client.database("no-such-database").container("none");
  assert.equal(await status(gone.items.create(ada)), 404);
});

test("the message of an error names the kind and the activity", async (t) => {
  const c = await scratch(t, client);
  await c.items.create(ada);
  const err = await c.items.create(ada).catch((e) => e);
  assert.equal(err.body.code, "Conflict");
  assert.match(err.body.message, /already exists/);
  assert.ok(err.activityId);
});

test("If-Match: a stale ETag is a 412, on every kind of write", async (t) => {
  const c = await scratch(t, client);
  const { resource } = await c.items.create(ada);
  const item = c.item("ada", "p1");
  const fresh = await item.replace({ ...ada, n: 1 }, { accessCondition: { type: "IfMatch", condition: resource._etag } });
  assert.equal(fresh.statusCode, 200);
  const stale = { accessCondition: { type: "IfMatch", condition: resource._etag } };
  assert.equal(await status(item.replace({ ...ada, n: 2 }, stale)), 412);
  assert.equal(await status(c.items.upsert({ ...ada, n: 2 }, stale)), 412);
  assert.equal(await status(item.delete(stale)), 412);
  assert.equal((await item.read()).resource.n, 1);
  assert.equal((await item.delete({ accessCondition: { type: "IfMatch", condition: fresh.etag } })).statusCode, 204);
});

test("If-None-Match: an unchanged document is a 304", async (t) => {
  const c = await scratch(t, client);
  const { resource } = await c.items.create(ada);
  const since = { accessCondition: { type: "IfNoneMatch", condition: resource._etag } };
  const same = await c.item("ada", "p1").read(since);
  assert.equal(same.statusCode, 304);
  assert.ok(!same.resource);
  await c.items.upsert({ ...ada, n: 1 });
  assert.equal((await c.item("ada", "p1").read(since)).statusCode, 200);
});

test("partition keys of every type keep their documents apart", async (t) => {
  const c = await scratch(t, client);
  const values = ["", "1", 1, 0, -0.5, 1e300, true, false, null, "žluťoučký 🐎", 'quo"te\\', "a/b?c#d"];
  for (const pk of values) await c.items.create({ id: "same", pk, was: String(pk) });
  await c.items.create({ id: "same", was: "absent" });
  for (const pk of values) assert.equal((await c.item("same", pk).read()).resource?.was, String(pk), String(pk));
  assert.equal((await c.item("same", undefined).read()).resource?.was, "absent");
  assert.equal((await c.items.readAll().fetchAll()).resources.length, values.length + 1);
});

test("ids with every character that is allowed", async (t) => {
  const c = await scratch(t, client);
  for (const id of ["with space", "a+b", "50% off", "per%20cent", "ü-ö", "日本", "q=1&r=2", "semi;colon", "🚀", '"quoted"', "dot.", "'"]) {
    await c.items.create({ id, pk: "p" });
    assert.equal((await c.item(id, "p").read()).resource?.id, id, id);
    assert.equal((await c.item(id, "p").delete()).statusCode, 204, id);
  }
});

test("hierarchical partition keys", async (t) => {
  const c = await scratch(t, client, { partitionKey: { paths: ["/tenant", "/user", "/session"], kind: "MultiHash", version: 2 } });
  for (const [tenant, name, session] of [["t1", "u1", 1], ["t1", "u1", 2], ["t1", "u2", 1], ["t2", "u1", 1]])
    await c.items.create({ id: "x", tenant, user: name, session });
  assert.equal((await c.item("x", ["t1", "u1", 2]).read()).resource.session, 2);
  const { resources } = await c.items.query("SELECT VALUE c.session FROM c", { partitionKey: ["t1", "u1", 1] }).fetchAll();
  assert.deepEqual(resources, [1]);
});

test("read feed: every document, in pages", async (t) => {
  const c = await scratch(t, client);
  for (let i = 0; i < 25; i++) await c.items.create({ id: `i${i}`, pk: `p${i % 7}` });
  const feed = c.items.readAll({ maxItemCount: 4 });
  const seen = [];
  while (feed.hasMoreResults()) {
    const { resources } = await feed.fetchNext();
    if (!resources) break;
    assert.ok(resources.length <= 4);
    seen.push(...resources.map((d) => d.id));
  }
  assert.deepEqual(seen.sort(), Array.from({ length: 25 }, (_, i) => `i${i}`).sort());
});

test("sessions: a write's token is understood, and kept by the SDK", async (t) => {
  const c = await scratch(t, client);
  const { headers } = await c.items.create(ada);
  const token = headers["x-ms-session-token"];
  assert.match(token, /^\d+:/);
  const { resource } = await c.item("ada", "p1").read({ consistencyLevel: "Session", sessionToken: token });
  assert.equal(resource.id, "ada");
});
