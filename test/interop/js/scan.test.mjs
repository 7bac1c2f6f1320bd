// How many documents a second our server and the npm server look at, over the same documents and the same HTTP requests,
// one after the other. The answers' rows are counted, not decoded: that would be this script's time. The npm server's
// time grows faster than the number of documents, so the usual run has 10,000 of them; SCAN=100000 in the environment
// takes minutes.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { npm, whole } from "./servers.mjs";

const total = Number(process.env.SCAN ?? 10_000);
const names = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo", "lima", "mike"];
const document = (i) => ({
  id: `i${i}`,
  pk: `p${i % 100}`,
  n: i,
  x: (i * 7919) % 100_003,
  name: `${names[i % 13]} ${names[(i * 5) % 13]}`,
  price: (i % 1000) / 8,
  tags: [names[i % 7], names[i % 11]],
  address: { city: names[i % 5], zip: 10000 + (i % 90000), open: i % 2 === 0 },
});

/** One signed request, as every client of the service makes them. */
async function request({ endpoint, key }, method, type, link, path, body, headers = {}) {
  const date = new Date().toUTCString();
  const text = `${method.toLowerCase()}\n${type}\n${link}\n${date.toLowerCase()}\n\n`;
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(text).digest("base64");
  const authorization = encodeURIComponent(`type=master&ver=1.0&sig=${signature}`);
  // Not fetch: it gives up after five minutes, and the npm server may take longer.
  const sent = http.request(endpoint + path, {
    method,
    headers: { authorization, "x-ms-date": date, "x-ms-version": "2020-07-15", "content-type": "application/json", ...headers },
  });
  sent.end(body && JSON.stringify(body));
  const [response] = await once(sent, "response");
  const answer = Buffer.concat(await response.toArray());
  assert.ok(response.statusCode < 300, `${method} ${path}: ${response.statusCode} ${answer.subarray(0, 300)}`);
  return { answer, headers: response.headers };
}

async function load(server) {
  const documents = "dbs/scan/colls/c/docs";
  await request(server, "POST", "dbs", "", "dbs", { id: "scan" });
  await request(server, "POST", "colls", "dbs/scan", "dbs/scan/colls", { id: "c", partitionKey: { paths: ["/pk"], kind: "Hash", version: 2 } });
  for (let i = 0; i < total; i += 100) {
    const operations = Array.from({ length: 100 }, (_, k) => document(i + k)).map((d) => ({ operationType: "Create", partitionKey: JSON.stringify([d.pk]), resourceBody: d }));
    await request(server, "POST", "docs", "dbs/scan/colls/c", documents, operations, {
      "x-ms-cosmos-is-batch-request": "True", "x-ms-cosmos-batch-atomic": "False", "x-ms-cosmos-batch-continue-on-error": "True", "x-ms-documentdb-partitionkeyrangeid": "0",
    });
  }
}

/** Runs a query to its end and returns the rows and the seconds it took. */
async function run(server, query) {
  const started = performance.now();
  let rows = 0, continuation = "";
  do {
    const { answer, headers } = await request(server, "POST", "docs", "dbs/scan/colls/c", "dbs/scan/colls/c/docs", { query, parameters: [] }, {
      "content-type": "application/query+json", "x-ms-documentdb-isquery": "True", "x-ms-documentdb-query-enablecrosspartition": "True",
      ...(server === npm ? {} : { "x-ms-max-item-count": "-1" }), // the npm server takes -1 for a number of rows
      ...(continuation ? { "x-ms-continuation": continuation } : {}),
    });
    rows += Number(/"_count":(\d+)/.exec(answer.subarray(-200).toString() + answer.subarray(0, 200).toString())[1]);
    continuation = headers["x-ms-continuation"];
  } while (continuation);
  return { rows, seconds: (performance.now() - started) / 1000 };
}

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

describe("documents scanned per second", () => {
  before(() => Promise.all([load(whole), load(npm)]), { timeout: 300_000 });
  after(() => Promise.all([whole, npm].map((server) => request(server, "DELETE", "dbs", "dbs/scan", "dbs/scan"))));

  const found = Array.from({ length: total }, (_, i) => document(i)).filter((d) => d.price > 124.5 && d.address.open && d.name.startsWith("d")).length;
  const queries = {
    filter: { query: "SELECT VALUE c.id FROM c WHERE c.price > 124.5 AND c.address.open AND STARTSWITH(c.name, 'd')", rows: found },
    projection: { query: "SELECT c.id, c.n * 2 AS twice, c.address.city FROM c", rows: total },
    "ORDER BY": { query: "SELECT VALUE c.n FROM c ORDER BY c.x", rows: total },
    "GROUP BY": { query: "SELECT c.address.city, COUNT(1) AS n, AVG(c.price) AS price FROM c GROUP BY c.address.city", rows: 5, unknown: true },
  };
  for (const [name, { query, rows, unknown }] of Object.entries(queries)) {
    test(name, async (t) => {
      const rate = async (server, times) => {
        const seconds = [];
        for (let i = 0; i < times; i++) {
          const result = await run(server, query);
          assert.equal(result.rows, rows);
          seconds.push(result.seconds);
        }
        return total / median(seconds);
      };
      const words = (n) => `${Math.round(n).toLocaleString("en")} documents/s`;
      const ours = await rate(whole, 5);
      if (unknown) return t.diagnostic(`${total} documents: ours ${words(ours)}, npm does not know it`);
      const theirs = await rate(npm, 1);
      t.diagnostic(`${total} documents: ours ${words(ours)}, npm ${words(theirs)}: ${(ours / theirs).toFixed(0)} times`);
      const least = total >= 100_000 ? 20 : 2; // in a short run the requests themselves weigh in
      assert.ok(ours > least * theirs, `less than ${least} times`);
    });
  }
});
