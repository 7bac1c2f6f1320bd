// Queries of one logical partition, as the JavaScript SDK runs them on our server.
import assert from "node:assert/strict";
import { before, after, describe, test } from "node:test";
import { randomUUID } from "node:crypto";
import { connect, status } from "./servers.mjs";

const client = connect();

describe("queries of one logical partition", () => {
  let database, c;
  const partitionKey = "p0";

  before(async () => {
    ({ database } = await client.databases.create({ id: `interop-${randomUUID()}` }));
    ({ container: c } = await database.containers.create({ id: "c", partitionKey: { paths: ["/pk"], version: 2 } }));
    for (let i = 0; i < 12; i++)
      await c.items.create({ id: `i${i}`, pk: `p${i % 2}`, n: i, cat: i % 3 ? "odd" : "third", tags: [`t${i}`, `t${i + 1}`], deep: { v: { w: i * i } } });
  });
  after(() => database.delete());

  const rows = async (query, parameters, options) =>
    (await c.items.query(parameters ? { query, parameters } : query, { partitionKey, ...options }).fetchAll()).resources;

  test("filter with parameters of every type", async () => {
    const value = (v) => [{ name: "@v", value: v }];
    assert.deepEqual(await rows("SELECT VALUE c.n FROM c WHERE c.n >= @v", value(6)), [6, 8, 10]);
    assert.deepEqual(await rows("SELECT VALUE c.id FROM c WHERE c.cat = @v", value("third")), ["i0", "i6"]);
    assert.deepEqual(await rows("SELECT VALUE c.n FROM c WHERE ARRAY_CONTAINS(@v, c.n)", value([2, 4, 99])), [2, 4]);
    assert.deepEqual(await rows("SELECT VALUE c.n FROM c WHERE c.deep.v = @v", value({ w: 16 })), [4]);
    assert.deepEqual(await rows("SELECT VALUE @v", value({ a: [null, true, 1.5, "é"] })), [{ a: [null, true, 1.5, "é"] }]);
  });

  test("the partition key in the text does what the option does", async () => {
    const { resources } = await c.items.query("SELECT VALUE c.n FROM c WHERE c.pk = 'p0' AND c.n < 5").fetchAll();
    assert.deepEqual(resources, [0, 2, 4]);
  });

  test("documents of other partitions are not seen", async () => {
    assert.equal((await rows("SELECT * FROM c")).length, 6);
    assert.equal((await rows("SELECT * FROM c", null, { partitionKey: "nobody" })).length, 0);
  });

  test("projection, aliases, nested paths, VALUE", async () => {
    assert.deepEqual(await rows("SELECT c.id, c.deep.v.w AS w, c.none FROM c WHERE c.n = 4"), [{ id: "i4", w: 16 }]);
    assert.deepEqual(await rows("SELECT VALUE {who: c.id, missing: c.none} FROM c WHERE c.n = 4"), [{ who: "i4" }]);
    assert.deepEqual(await rows("SELECT 1, c.n, 'x' FROM c WHERE c.n = 4"), [{ $1: 1, n: 4, $2: "x" }]);
  });

  test("JOIN and subqueries", async () => {
    assert.deepEqual(await rows("SELECT VALUE t FROM c JOIN t IN c.tags WHERE c.n = 2"), ["t2", "t3"]);
    assert.deepEqual(await rows("SELECT VALUE c.n FROM c WHERE EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t = 't9')"), [8]);
    assert.deepEqual(await rows("SELECT VALUE ARRAY(SELECT VALUE UPPER(t) FROM t IN c.tags) FROM c WHERE c.n = 0"), [["T0", "T1"]]);
  });

  test("ORDER BY, TOP, OFFSET LIMIT, DISTINCT, GROUP BY, aggregates", async () => {
    assert.deepEqual(await rows("SELECT VALUE c.n FROM c ORDER BY c.n DESC"), [10, 8, 6, 4, 2, 0]);
    assert.deepEqual(await rows("SELECT TOP 2 VALUE c.n FROM c ORDER BY c.n"), [0, 2]);
    assert.deepEqual(await rows("SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 2 LIMIT 3"), [4, 6, 8]);
    assert.deepEqual((await rows("SELECT DISTINCT VALUE c.cat FROM c")).sort(), ["odd", "third"]);
    assert.deepEqual(await rows("SELECT VALUE COUNT(1) FROM c"), [6]);
    assert.deepEqual(await rows("SELECT VALUE SUM(c.n) FROM c"), [30]);
    assert.deepEqual(await rows("SELECT VALUE AVG(c.n) FROM c"), [5]);
    assert.deepEqual(await rows("SELECT VALUE MIN(c.id) FROM c"), ["i0"]);
    const groups = await rows("SELECT c.cat, COUNT(1) AS n, MAX(c.n) AS most FROM c GROUP BY c.cat");
    assert.deepEqual(groups.sort((a, b) => (a.cat < b.cat ? -1 : 1)), [{ cat: "odd", n: 4, most: 10 }, { cat: "third", n: 2, most: 6 }]);
  });

  test("paging by maxItemCount, and resuming from a token in another iterator", async () => {
    const spec = "SELECT VALUE c.n FROM c";
    const first = await c.items.query(spec, { partitionKey, maxItemCount: 2 }).fetchNext();
    assert.deepEqual(first.resources, [0, 2]);
    assert.ok(first.continuationToken && first.hasMoreResults);

    let token = first.continuationToken;
    const seen = [...first.resources];
    while (token) {
      const page = await c.items.query(spec, { partitionKey, maxItemCount: 2, continuationToken: token }).fetchNext();
      seen.push(...page.resources);
      token = page.continuationToken;
    }
    assert.deepEqual(seen, [0, 2, 4, 6, 8, 10]);
  });

  test("paging in sorted order survives writes between the pages", async () => {
    const spec = "SELECT VALUE c.n FROM c ORDER BY c.n DESC";
    const pages = c.items.query(spec, { partitionKey, maxItemCount: 3 });
    assert.deepEqual((await pages.fetchNext()).resources, [10, 8, 6]);
    await c.items.create({ id: "late", pk: "p0", n: 7 });
    assert.deepEqual((await pages.fetchNext()).resources, [4, 2, 0]);
    await c.item("late", "p0").delete();
  });

  test("async iteration, as the SDK's documentation shows it", async () => {
    const seen = [];
    for await (const { resources } of c.items.query("SELECT VALUE c.n FROM c", { partitionKey, maxItemCount: 4 }).getAsyncIterator()) seen.push(...resources);
    assert.deepEqual(seen, [0, 2, 4, 6, 8, 10]);
  });

  test("charge and query metrics", async () => {
    const page = await c.items.query("SELECT * FROM c", { partitionKey, populateQueryMetrics: true }).fetchNext();
    assert.ok(page.requestCharge > 0);
    assert.ok(page.queryMetrics);
  });

  test("errors: syntax, unknown function, wrong arity, unresolved name", async () => {
    for (const [query, code] of [["SELECT * FROM c WHERE", "SC1002"], ["SELECT VALUE BADFN(1)", "SC2005"], ["SELECT VALUE ABS()", "SC2050"], ["SELECT x.n FROM c", "SC2001"]]) {
      const err = await rows(query).catch((e) => e);
      assert.equal(err.code, 400, query);
      assert.match(JSON.stringify(err.body), new RegExp(code), query);
    }
    assert.equal(await status(rows("SELECT * FROM c", null, { continuationToken: "garbage" })), 400);
  });
});
