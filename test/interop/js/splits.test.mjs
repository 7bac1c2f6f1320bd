// The JavaScript SDK while partitions split. $SPLITTING (test/interop/splitting) moves a split on whenever it has refused a
// request because of it, so every operation meets every phase. Of the refusals the SDK repeats those of change feeds and of
// the older bulk; everything else ends in one, once for each phase: the hosted gateway repeats 410/1007 by itself.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";
import { ChangeFeedStartFrom } from "@azure/cosmos";
import { connect } from "./servers.mjs";

const ids = [...Array(20).keys()].map(String); // "2" is in the partition that splits
const upserts = () => ids.map((id) => ({ operationType: "Upsert", partitionKey: id, resourceBody: { id } })); // the SDK changes them
let server, ready, client, database;

before(async () => {
  server = spawn(process.env.SPLITTING, { stdio: ["pipe", "pipe", "inherit"] });
  for await (const line of createInterface({ input: server.stdout })) {
    ready = JSON.parse(line);
    break;
  }
  client = connect({ endpoint: ready.endpoint, key: ready.key });
  ({ database } = await client.databases.create({ id: "splits" }));
});
after(() => {
  client.dispose();
  server.stdin.end();
});

async function world(method, path, body) {
  const answer = await fetch(ready.control + path, { method, body: body && JSON.stringify(body) });
  return answer.json();
}

let made = 0;
async function container() {
  const { container: c } = await database.containers.create({ id: `c${++made}`, partitionKey: { paths: ["/id"], version: 2 } });
  for (const id of ids) await c.items.create({ id });
  return { c, path: `/databases/splits/containers/${c.id}` };
}

async function changes(c) {
  const seen = [];
  const pages = c.items.getChangeFeedIterator({ changeFeedStartFrom: ChangeFeedStartFrom.Beginning(), maxItemCount: 3 });
  for (let quiet = 0; quiet < 4; ) {
    const page = await pages.readNext();
    quiet = page.statusCode === 304 ? quiet + 1 : 0;
    seen.push(...(page.result ?? []).map((d) => d.id));
  }
  return seen.sort();
}

const sorted = [...ids].sort();
const pages = { maxItemCount: 3 };
const rows = async (query) => (await query.fetchAll()).resources.map((d) => d.id).sort();

for (const { title, run, want, refusals } of [
  { title: "a query", run: (c) => rows(c.items.query("SELECT * FROM c", pages)), want: sorted, refusals: [503, 503] },
  { title: "a query of one key", run: (c) => rows(c.items.query("SELECT * FROM c", { partitionKey: "2" })), want: ["2"], refusals: [503, 503] },
  { title: "all documents", run: (c) => rows(c.items.readAll(pages)), want: sorted, refusals: [503, 503] },
  { title: "a change feed", run: changes, want: sorted, refusals: [] },
  { title: "the older bulk", run: async (c) => (await c.items.bulk(upserts())).map((r) => r.statusCode), want: ids.map(() => 200), refusals: [] },
  { title: "a read", run: async (c) => (await c.item("2", "2").read()).resource.id, want: "2", refusals: [410, 410] },
  { title: "a write", run: async (c) => (await c.items.upsert({ id: "2" })).resource.id, want: "2", refusals: [410, 410] },
  { title: "a patch", run: async (c) => (await c.item("2", "2").patch([{ op: "incr", path: "/n", value: 1 }])).resource.id, want: "2", refusals: [410, 410] },
  // The error of a batch does not have the status.
  { title: "a batch", run: async (c) => (await c.items.batch(upserts().slice(2, 3), "2")).result.map((r) => r.statusCode), want: [200], refusals: [undefined, undefined] },
]) {
  test(`${title} over a split in phases`, async () => {
    const { c, path } = await container();
    await world("POST", path + "/split", { range: "0", phases: true });
    assert.deepEqual(await run(c), want, "while the partition is copied");
    assert.equal((await world("POST", path + "/changes/0/advance")).phase, "preparing");
    const codes = [];
    let got;
    while (got === undefined && codes.length < 3) {
      await run(c).then((answer) => (got = answer), (err) => codes.push(err.code));
    }
    assert.deepEqual(codes, refusals);
    assert.deepEqual(got, want);
    assert.deepEqual(await world("GET", path + "/changes"), { changes: [] });
    assert.deepEqual(await run(c), want);
  });
}

// Under 410/1007 it never ends: a range that has refused is never asked again, also where it is still there.
test("bulk over a split that is done", async () => {
  const { c, path } = await container();
  const run = async () => (await c.items.executeBulkOperations(upserts())).map((r) => r.response?.statusCode);
  assert.deepEqual(await run(), ids.map(() => 200));
  await world("POST", path + "/split", { range: "0" });
  assert.deepEqual(await run(), ids.map(() => 200));
});

// What the SDK gets wrong, as docs/interop.md says: it asks the old partition again and again.
test("a sorted query over a split that is done does not end", async () => {
  const { c, path } = await container();
  const run = (options) => rows(c.items.query("SELECT * FROM c ORDER BY c.id", { ...pages, ...options }));
  assert.deepEqual(await run(), sorted);
  await world("POST", path + "/split", { range: "0" });
  await world("DELETE", "/requests");
  const stop = new AbortController();
  let ended = false;
  const query = run({ abortSignal: stop.signal }).finally(() => (ended = true));
  query.catch(() => {}); // looked at below
  for (let refused = 0; refused < 10 && !ended; ) {
    refused = (await world("GET", "/requests")).requests.filter((r) => r.subStatus === 1002).length;
  }
  stop.abort();
  await assert.rejects(query, { name: "AbortError" });
});
