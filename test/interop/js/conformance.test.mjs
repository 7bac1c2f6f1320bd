// The query language of our server beside that of the npm package @zeit/cosmosdb-query, which the npm server runs: the
// conformance cases of ../../conformance, and every operator and function both have over a grid of values. Where the two
// differ, ../differences.json says why we are right, and docs/interop.md repeats it.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import zeit from "@zeit/cosmosdb-query";
import { connect, user, whole } from "./servers.mjs";

const here = (path) => new URL(path, import.meta.url);
const text = (path) => readFileSync(here(path), "utf8");
const lines = (path) => text(path).trim().split("\n").map((line) => JSON.parse(line));
const differences = JSON.parse(text("../differences.json"));

/** The one user-defined function that the conformance cases call. */
const udf = { twice: (x) => 2 * x };

/** What the npm package answers: {rows} or {error}. */
function npm(query, documents, parameters = []) {
  try {
    const { result } = zeit.default(query).exec(documents, { parameters, udf });
    return { rows: JSON.parse(JSON.stringify(result.filter((row) => row !== undefined))) };
  } catch (err) {
    return { error: String(err.message) };
  }
}

// A construct that the npm package does not know shows as a syntax error or as a function that is missing.
const unknown = ({ error }) => error !== undefined && /^Expected |is not a function$|requires \d argument/.test(error) && !/\.map is not a function/.test(error);

/** Numbers that differ only in the last bits count as equal: the two are different floating point libraries. */
function alike(a, b) {
  if (typeof a === "number" && typeof b === "number") return a === b || Math.abs(a - b) <= 1e-12 * Math.abs(a);
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((v, i) => alike(v, b[i]));
  if (a && b && typeof a === "object" && typeof b === "object" && !Array.isArray(a) && !Array.isArray(b)) {
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && alike(a[name], b[name]));
  }
  return a === b;
}

/** Fails with the first few lines, if there are any. */
const none = (lines) => assert.ok(lines.length === 0, `${lines.length} differences without a reason:\n${lines.slice(0, Number(process.env.SHOW ?? 20)).join("\n")}`);

/** A row without what the server adds to documents. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value._rid ? user(value) : value).map(([name, v]) => [name, plain(v)]));
}

/** The same rows; in the same order where that matters. */
function sameRows(a, b, ordered) {
  if (ordered || a.length !== b.length) return a.length === b.length && alike(a, b);
  const rest = [...b];
  return a.every((row) => {
    const at = rest.findIndex((other) => alike(row, other));
    return at >= 0 && rest.splice(at, 1);
  });
}

describe("the query language beside @zeit/cosmosdb-query", () => {
  const client = connect(whole); // the server that merges partitions itself
  let database, container;
  const documents = [];
  const ordered = (path, order) => ({ path, order });
  const indexingPolicy = { includedPaths: [{ path: "/*" }], compositeIndexes: [
    [ordered("/age", "ascending"), ordered("/id", "descending")], [ordered("/pk", "ascending"), ordered("/id", "descending")]] };

  before(async () => {
    ({ database } = await client.databases.create({ id: `interop-${randomUUID()}` }));
    ({ container } = await database.containers.create({ id: "c", partitionKey: { paths: ["/pk"], version: 2 }, indexingPolicy }));
    await container.scripts.userDefinedFunctions.create({ id: "twice", body: String(udf.twice) });
    for (const document of lines("../../conformance/data.jsonl")) documents.push((await container.items.create(document)).resource);
  });
  after(() => database.delete());

  const ours = async (query, parameters = []) => {
    try {
      return { rows: (await container.items.query({ query, parameters }).fetchAll()).resources };
    } catch (err) {
      assert.equal(err.code, 400, `${query}: ${err.message}`);
      return { error: err.body.message };
    }
  };

  test("conformance cases", async (t) => {
    const explained = new Set(differences.flatMap((d) => d.cases ?? []));
    const unexplained = [], vanished = [];
    let same = 0, lacking = 0;
    for (const { n, q, p, r, e, o } of lines("../../conformance/cases.jsonl")) {
      const parameters = Object.entries(p ?? {}).map(([name, value]) => ({ name, value }));
      const a = await ours(q, parameters);
      if (r) assert.ok(a.rows && sameRows(a.rows.map(plain), r, o) || explained.has(n), `case ${n}: ${q}: ${JSON.stringify(a)}`);
      else if (!explained.has(n)) assert.ok(a.error, `case ${n}: ${q}: ${JSON.stringify(a)}`);
      const b = npm(q, documents, parameters);
      const equal = a.error ? Boolean(b.error) : Boolean(b.rows) && sameRows(a.rows, b.rows, o);
      if (equal) same++;
      else if (unknown(b) && r) lacking++;
      else if (!explained.has(n)) unexplained.push(`${n}: ${q}: ours ${JSON.stringify(a)}, npm ${JSON.stringify(b)}`);
      if (equal && explained.has(n)) vanished.push(n);
    }
    t.diagnostic(`${same} cases alike, ${lacking} that npm cannot parse or has no function for, ${explained.size} explained`);
    none(unexplained);
    assert.deepEqual(vanished, [], "explained, but alike");
  });

  test("operators and functions over a grid of values", async (t) => {
    const { container: pairs } = await database.containers.create({ id: "pairs", partitionKey: { paths: ["/pk"], version: 2 } });
    const values = [undefined, null, true, false, 0, 1, -1.5, 2, "a", "b", "1", "", [], [1], {}, { a: 1 }];
    const stored = values.flatMap((a, i) => values.map((b, j) => ({ id: `${i},${j}`, a, b, single: j === 0 })));
    for (const document of stored) await pairs.items.create(document);

    const used = new Set(), unexplained = [];
    let same = 0, all = 0;
    for (const { name, text, single } of expressions()) {
      const query = `SELECT VALUE {'id': c.id, 'r': ${text}} FROM c${single ? " WHERE c.single" : ""}`;
      const documents = stored.filter((d) => d.single || !single);
      const mine = await rowsOf(pairs, query, documents);
      // Where the npm package fails on one document, the query is asked again for each.
      const whole = npm(query, documents);
      documents.forEach((document, i) => {
        all++;
        const a = mine.get(document.id), b = whole.rows ? { rows: [whole.rows[i]] } : npm(query, [document]);
        if (b.rows && alike(a, b.rows[0])) return same++;
        const reason = differences.find((d) => d.grid?.includes(name) && applies(d.when, a, b));
        if (reason) used.add(reason);
        else unexplained.push(`${text} of ${JSON.stringify(document)}: ours ${JSON.stringify(a?.r)}, npm ${b.error ?? JSON.stringify(b.rows[0].r)}`);
      });
    }
    t.diagnostic(`${same} of ${all} evaluations alike`);
    none(unexplained);
    assert.deepEqual(differences.filter((d) => d.grid && !used.has(d)), [], "explained, but alike");
  });
});

test("docs/interop.md gives every reason", () => {
  const page = text("../../../docs/interop.md");
  for (const { why, npm } of differences) {
    assert.ok(page.includes(why), why);
    assert.ok(page.includes(npm), npm);
  }
});

/** Rows by id. Where one document gives a number that JSON cannot say, the service refuses them all, so each is asked alone. */
async function rowsOf(container, query, documents) {
  try {
    const { resources } = await container.items.query(query).fetchAll();
    return new Map(resources.map((row) => [row.id, row]));
  } catch (err) {
    assert.equal(err.code, 400, query);
    if (documents.length === 1) return new Map([[documents[0].id, { id: documents[0].id, r: "not finite" }]]);
  }
  const rows = new Map();
  for (const document of documents) {
    const where = query.includes(" WHERE ") ? " AND " : " WHERE ";
    for (const [id, row] of await rowsOf(container, `${query}${where}c.id = '${document.id}'`, [document])) rows.set(id, row);
  }
  return rows;
}

/** Whether a reason of ../differences.json is about this difference. */
function applies(when, a, b) {
  if (when === "not finite") return a.r === "not finite" && b.rows?.[0].r === null;
  return when !== "unknown" || unknown(b);
}

/** Every operator and function both sides have, over the properties a and b. */
function expressions() {
  const infix = ["=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "AND", "OR", "??", "||", "&", "|", "^", "<<", ">>", ">>>"];
  const prefix = ["NOT", "-", "+", "~"];
  const unary = ["IS_ARRAY", "IS_BOOL", "IS_DEFINED", "IS_NULL", "IS_NUMBER", "IS_OBJECT", "IS_PRIMITIVE", "IS_STRING", "ABS", "CEILING", "FLOOR", "ROUND", "SIGN", "SQRT", "SQUARE", "EXP", "LOG", "LOG10", "TRUNC", "SIN", "COS", "TAN", "COT", "ASIN", "ACOS", "ATAN", "DEGREES", "RADIANS", "LOWER", "UPPER", "LENGTH", "REVERSE", "LTRIM", "RTRIM", "TRIM", "TOSTRING", "ARRAY_LENGTH"];
  const binary = ["CONTAINS", "STARTSWITH", "ENDSWITH", "INDEX_OF", "CONCAT", "LEFT", "RIGHT", "REPLICATE", "POWER", "ATN2", "LOG", "ARRAY_CONTAINS", "ARRAY_CONCAT", "ARRAY_SLICE", "REGEXMATCH"];
  return [
    ...infix.map((name) => ({ name, text: `(c.a ${name} c.b)` })),
    ...prefix.map((name) => ({ name, text: `(${name} c.a)`, single: true })),
    ...unary.map((name) => ({ name, text: `${name}(c.a)`, single: true })),
    ...binary.map((name) => ({ name, text: `${name}(c.a, c.b)` })),
    { name: "? :", text: "(c.a ? c.b : 'other')" },
    { name: "in a list", text: "(c.a IN (c.b, 1))" },
    { name: "array", text: "[c.a, c.b]" },
    { name: "object", text: "{a: c.a, b: c.b}" },
    { name: "SUBSTRING", text: "SUBSTRING('ab1', c.a, c.b)" },
    { name: "REPLACE", text: "REPLACE('a1b', c.a, c.b)" },
    { name: "ARRAY_CONTAINS", text: "ARRAY_CONTAINS(c.a, c.b, true)" },
  ];
}
