// Queries across four physical partitions that the service does not merge: the JavaScript SDK's own pipeline merges what
// our server answers, our client's pipeline merges the same, and both must give the rows of a container with a single
// partition, row for row where the query orders them.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { randomUUID } from "node:crypto";
import { connectOurs } from "./bridge.mjs";
import { connect, user, whole } from "./servers.mjs";

const js = connect();
const go = connectOurs();
const single = connect(whole);
after(() => go.close());

const partitionKey = { paths: ["/pk"], version: 2 };
const vectorEmbeddingPolicy = { vectorEmbeddings: [{ path: "/v", dataType: "float32", dimensions: 3, distanceFunction: "cosine" }] };
const fullTextPolicy = { defaultLanguage: "en-US", fullTextPaths: [{ path: "/text", language: "en-US" }] };
const indexingPolicy = {
  indexingMode: "consistent",
  automatic: true,
  includedPaths: [{ path: "/*" }],
  excludedPaths: [{ path: '/"_etag"/?' }],
  compositeIndexes: [
    [{ path: "/cat", order: "ascending" }, { path: "/n", order: "descending" }],
    [{ path: "/half", order: "descending" }, { path: "/cat", order: "ascending" }, { path: "/n", order: "ascending" }],
  ],
  vectorIndexes: [{ path: "/v", type: "flat" }],
  fullTextIndexes: [{ path: "/text" }],
};

const words = ["mountain ", "river ", "bicycle ", "quiet "];
const documents = Array.from({ length: 60 }, (_, i) => ({
  id: `i${String(i).padStart(2, "0")}`,
  pk: `p${i % 13}`,
  n: (i * 37) % 60, // every number once, in another order than the ids
  cat: ["a", "b", "c"][i % 3],
  half: i % 2 === 0,
  ...(i % 5 ? { some: i % 4 ? i : `s${i}` } : {}), // missing, number or string
  v: [Math.cos(i), Math.sin(i), i / 60],
  text: `${"swift ".repeat(1 + (i % 4))}${words[i % 4].repeat(i % 3)} ${"lantern ".repeat(5 * i)}`, // no two of a length: no two of a score
}));

// Rows of queries without ORDER BY come in any order; so do ties, which is why the sorted queries sort by unique keys.
const sorted = (rows) => rows.map((row) => JSON.stringify(row)).sort();

// What the SDK itself cannot do or gets wrong is marked: refused with its message; unsorted where it leaves the rows of
// one partition after those of another.
const queries = {
  "everything": { query: "SELECT * FROM c" },
  "filter with a parameter": { query: "SELECT VALUE c.n FROM c WHERE c.n > @n", parameters: [{ name: "@n", value: 40 }] },
  "ORDER BY": { query: "SELECT VALUE c.id FROM c ORDER BY c.n", ordered: true },
  "ORDER BY DESC": { query: "SELECT c.id, c.n FROM c ORDER BY c.n DESC", ordered: true },
  "ORDER BY with a filter": { query: "SELECT * FROM c WHERE c.cat = 'b' ORDER BY c.n", ordered: true },
  "ORDER BY two keys": { query: "SELECT c.cat, c.n FROM c ORDER BY c.cat ASC, c.n DESC", ordered: true },
  "ORDER BY three keys": { query: "SELECT c.half, c.cat, c.n FROM c ORDER BY c.half DESC, c.cat ASC, c.n ASC", ordered: true },
  "ORDER BY over strings and numbers": { query: "SELECT VALUE c.some FROM c WHERE IS_DEFINED(c.some) ORDER BY c.some", ordered: true, refused: /mixed types/ },
  "TOP": { query: "SELECT TOP 7 VALUE c.n FROM c ORDER BY c.n", ordered: true },
  "OFFSET LIMIT": { query: "SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 13 LIMIT 9", ordered: true },
  "OFFSET past the end": { query: "SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 100 LIMIT 9", ordered: true },
  "DISTINCT VALUE": { query: "SELECT DISTINCT VALUE c.cat FROM c" },
  "DISTINCT objects": { query: "SELECT DISTINCT c.cat, c.half FROM c" },
  "DISTINCT ORDER BY": { query: "SELECT DISTINCT VALUE c.cat FROM c ORDER BY c.cat DESC", ordered: true },
  "COUNT": { query: "SELECT VALUE COUNT(1) FROM c" },
  "COUNT of what may be missing": { query: "SELECT VALUE COUNT(c.some) FROM c" },
  "COUNT of nothing": { query: "SELECT VALUE COUNT(1) FROM c WHERE c.n < 0" },
  "SUM": { query: "SELECT VALUE SUM(c.n) FROM c" },
  "AVG": { query: "SELECT VALUE AVG(c.n) FROM c WHERE c.cat = 'c'" },
  "MIN": { query: "SELECT VALUE MIN(c.id) FROM c" },
  "MAX": { query: "SELECT VALUE MAX(c.n) FROM c" },
  "several aggregates": { query: "SELECT COUNT(1) AS count, SUM(c.n) AS sum, AVG(c.n) AS avg, MIN(c.n) AS min, MAX(c.id) AS max FROM c" },
  "COUNTIF": { query: "SELECT VALUE COUNTIF(c.n > 30) FROM c" },
  "GROUP BY": { query: "SELECT c.cat, COUNT(1) AS count FROM c GROUP BY c.cat" },
  "GROUP BY, every aggregate": { query: "SELECT c.cat, c.half, COUNT(1) AS count, SUM(c.n) AS sum, AVG(c.n) AS avg, MIN(c.n) AS min, MAX(c.n) AS max FROM c GROUP BY c.cat, c.half" },
  "GROUP BY an expression": { query: "SELECT UPPER(c.cat) AS upper, COUNT(1) AS count FROM c GROUP BY UPPER(c.cat)" },
  "GROUP BY VALUE": { query: "SELECT VALUE c.cat FROM c GROUP BY c.cat" },
  "VectorDistance": { query: "SELECT TOP 8 c.id FROM c ORDER BY VectorDistance(c.v, [0.3, 0.9, 0.4])", ordered: true },
  "FullTextScore": { query: "SELECT TOP 60 c.id FROM c ORDER BY RANK FullTextScore(c.text, 'swift', 'bicycle')", ordered: true, unsorted: true },
  "FullTextScore VALUE": { query: "SELECT TOP 6 VALUE c.id FROM c ORDER BY RANK FullTextScore(c.text, 'swift', 'bicycle')", ordered: true, refused: /payload must exist/ },
  "RRF": { query: "SELECT TOP 6 c.id FROM c ORDER BY RANK RRF(FullTextScore(c.text, 'swift', 'river'), VectorDistance(c.v, [0.3, 0.9, 0.4]))", ordered: true },
  "RRF with weights": { query: "SELECT TOP 6 c.id FROM c ORDER BY RANK RRF(FullTextScore(c.text, 'swift'), VectorDistance(c.v, [0.3, 0.9, 0.4]), [2, 1])", ordered: true },
};

describe("queries across four partitions", () => {
  const id = `interop-${randomUUID()}`;
  let four, one, ours;

  before(async () => {
    const containers = [];
    for (const client of [js, single]) {
      const { database } = await client.databases.create({ id });
      const { container } = await database.containers.create({ id: "c", partitionKey, indexingPolicy, vectorEmbeddingPolicy, fullTextPolicy });
      for (const document of documents) await container.items.create(document);
      containers.push(container);
    }
    [four, one] = containers;
    ours = go.container(id, "c");
  });
  after(() => Promise.all([four.database.delete(), one.database.delete()]));

  for (const [name, { query, parameters, ordered, refused, unsorted }] of Object.entries(queries)) {
    test(name, async () => {
      const spec = { query, parameters: parameters ?? [] };
      const clean = (rows = []) => rows.map((row) => (row?._rid ? user(row) : row));
      const order = ordered ? (rows) => rows : sorted;
      const expected = order(clean((await one.items.query(spec).fetchAll()).resources));
      for (const maxItemCount of [3, 100]) {
        const asked = four.items.query(spec, { maxItemCount }).fetchAll();
        if (refused) await assert.rejects(asked, refused);
        else if (unsorted) {
          const rows = clean((await asked).resources);
          assert.deepEqual(sorted(rows), sorted(expected));
          assert.notDeepEqual(rows, expected, "the SDK sorts them now");
        }
        else assert.deepEqual(order(clean((await asked).resources)), expected, `the SDK, pages of ${maxItemCount}`);
        const rows = await ours.query(query, Object.fromEntries(spec.parameters.map((p) => [p.name, p.value])), { pageSize: maxItemCount });
        assert.deepEqual(order(clean(rows)), expected, `our client, pages of ${maxItemCount}`);
      }
    });
  }

  // The SDK resumes an ORDER BY by asking each partition for what comes after the last value it has handed out. With two
  // keys it asks for (a > x AND b > y) and so loses rows: that is its own doing.
  for (const [name, { query, ordered }, loses] of [
    ["a plain query", queries["filter with a parameter"]],
    ["ORDER BY", queries["ORDER BY DESC"]],
    ["ORDER BY two keys", queries["ORDER BY two keys"], true],
  ])
    test(`resumed after every page: ${name}`, async () => {
      const spec = { query, parameters: [{ name: "@n", value: 10 }].filter(() => query.includes("@n")) };
      const expected = (await one.items.query(spec).fetchAll()).resources;
      const rows = [];
      let continuationToken;
      do {
        const page = await four.items.query(spec, { maxItemCount: 7, continuationToken, enableQueryControl: true, forceQueryPlan: true }).fetchNext();
        rows.push(...page.resources);
        continuationToken = page.continuationToken;
      } while (continuationToken);
      if (loses) return assert.ok(rows.length < expected.length, "the SDK loses none now");
      assert.deepEqual(ordered ? rows : sorted(rows), ordered ? expected : sorted(expected));
    });

  // A sanity check of the checks above: without merging, the server refuses, as the service does.
  test("the server leaves the merging to its clients", async () => {
    const response = await four.items.query("SELECT VALUE c.n FROM c ORDER BY c.n", { maxItemCount: 5 }).fetchNext();
    assert.equal(response.resources.length, 5);
    assert.equal(typeof (await four.getQueryPlan("SELECT VALUE c.n FROM c ORDER BY c.n")).result.queryInfo.rewrittenQuery, "string");
  });
});
