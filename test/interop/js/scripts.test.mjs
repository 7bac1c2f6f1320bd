// Stored procedures, triggers and user-defined functions, created and run by the JavaScript SDK on our server. The SDK sends
// a function's own text, so what is written here is what runs there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, scratch, user } from "./servers.mjs";

const client = connect();

/** What a promise is rejected with. */
async function rejection(promise) {
  try {
    await promise;
  } catch (err) {
    return err;
  }
  throw new Error("no error");
}

test("a stored procedure is created, read, replaced, run and deleted", async (t) => {
  const c = await scratch(t, client);
  const { resource: made } = await c.scripts.storedProcedures.create({ id: "hello", body: "function (name) { getContext().getResponse().setBody('Hello ' + name) }" });
  assert.equal(made.id, "hello");
  const sproc = c.scripts.storedProcedure("hello");
  assert.equal((await sproc.execute("p1", ["Ada"])).resource, "Hello Ada");
  await sproc.replace({ id: "hello", body: "(name) => getContext().getResponse().setBody({ name })" });
  const answer = await sproc.execute("p1", ["Ada"]);
  assert.deepEqual(answer.resource, { name: "Ada" });
  assert.ok(answer.requestCharge >= 4 && answer.requestCharge < 6, `charge ${answer.requestCharge}`);
  assert.equal((await c.scripts.storedProcedures.readAll().fetchAll()).resources.length, 1);
  await sproc.delete();
  assert.equal((await rejection(sproc.execute("p1", []))).code, 404);
});

test("many documents are created in one transaction, or none", async (t) => {
  const c = await scratch(t, client);
  const { resource } = await c.scripts.storedProcedures.create({
    id: "import",
    body: function (documents) {
      const container = getContext().getCollection();
      let done = 0;
      const next = () => {
        if (done === documents.length) return getContext().getResponse().setBody(done);
        if (!container.createDocument(container.getSelfLink(), documents[done], (error) => { if (error) throw error; done++; next(); }))
          getContext().getResponse().setBody(done);
      };
      next();
    },
  });
  const sproc = c.scripts.storedProcedure(resource.id);
  const documents = Array.from({ length: 80 }, (_, i) => ({ id: `d${i}`, pk: "p1", n: i }));
  assert.equal((await sproc.execute("p1", [documents])).resource, 80);
  const error = await rejection(sproc.execute("p1", [[{ id: "new", pk: "p1" }, documents[3]]]));
  assert.equal(error.code, 400);
  assert.match(error.message, /already exists/);
  assert.equal((await c.item("new", "p1").read()).statusCode, 404);
  assert.match((await rejection(sproc.execute("p1", [[{ id: "x", pk: "p2" }]]))).message, /partition keys other than the one/);
});

test("a chained query, console.log, an error with a number", async (t) => {
  const c = await scratch(t, client);
  for (const n of [3, 1, 2]) await c.items.create({ id: String(n), pk: "p1", n });
  await c.scripts.storedProcedures.create({ id: "sorted", body: "function () { __.chain().filter(d => d.n > 1).sortBy(d => d.n).map(d => d.n).value(); console.log('done') }" });
  const answer = await c.scripts.storedProcedure("sorted").execute("p1", [], { enableScriptLogging: true });
  assert.deepEqual(answer.resource, [2, 3]);
  assert.equal(decodeURIComponent(answer.headers["x-ms-documentdb-script-log-results"]), "done");
  await c.scripts.storedProcedures.create({ id: "fails", body: "function () { throw new Error(1234, 'enough') }" });
  const error = await rejection(c.scripts.storedProcedure("fails").execute("p1", []));
  assert.equal(error.code, 400);
  assert.equal(error.substatus, 1234);
  assert.match(error.message, /Exception = Error: enough/);
});

test("a pre-trigger changes the document, a post-trigger writes another", async (t) => {
  const c = await scratch(t, client);
  await c.scripts.triggers.create({
    id: "stamp", triggerType: "Pre", triggerOperation: "Create",
    body: "function () { const r = getContext().getRequest(), d = r.getBody(); d.stamped = true; r.setBody(d); }",
  });
  await c.scripts.triggers.create({
    id: "count", triggerType: "Post", triggerOperation: "All",
    body: function () {
      const container = getContext().getCollection(), made = getContext().getResponse().getBody();
      container.upsertDocument(container.getSelfLink(), { id: "last", pk: "p1", of: made.id }, (error) => { if (error) throw error; });
    },
  });
  const { resource } = await c.items.create({ id: "a", pk: "p1" }, { preTriggerInclude: "stamp", postTriggerInclude: "count" });
  assert.deepEqual(user(resource), { id: "a", pk: "p1", stamped: true });
  assert.equal((await c.item("last", "p1").read()).resource.of, "a");
  assert.match((await rejection(c.items.upsert({ id: "b", pk: "p1" }, { preTriggerInclude: "none" }))).message, /does not exist/);
});

test("a user-defined function in a query over four partitions", async (t) => {
  const c = await scratch(t, client);
  await c.scripts.userDefinedFunctions.create({
    id: "tax",
    body: function (income) {
      if (income === undefined) throw "no input";
      return income < 1000 ? income * 0.1 : income * 0.4;
    },
  });
  for (let i = 0; i < 20; i++) await c.items.create({ id: String(i), pk: `p${i}`, income: i * 100 });
  const { resources } = await c.items.query("SELECT VALUE udf.tax(c.income) FROM c WHERE udf.tax(c.income) > 300 ORDER BY c.income").fetchAll();
  assert.deepEqual(resources, Array.from({ length: 10 }, (_, i) => (i + 10) * 100 * 0.4));
  assert.deepEqual((await c.items.query("SELECT udf.tax(c.nope) AS t FROM c WHERE c.id = '1'").fetchAll()).resources, [{}]);
  assert.equal((await rejection(c.items.query("SELECT VALUE udf.none(1) FROM c", { partitionKey: "p1" }).fetchAll())).code, 400);
});
