// The programs of docs/server.md, run as they stand there: they print what the page says. The Python one needs azure-cosmos,
// for the interpreter that PYTHON names or python3.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);
const env = { ...process.env, COSMOS_ENDPOINT: process.env.SHOP_ENDPOINT };
const page = await readFile(new URL("../../../docs/server.md", import.meta.url), "utf8");

/** The program in a language and what it prints. */
function program(language) {
  const m = page.match(new RegExp("```" + language + "\\n(.*?)```\\n\\nprints\\n\\n```\\n(.*?)```", "s"));
  assert.ok(m, `docs/server.md has no program in ${language}`);
  return { text: m[1], prints: m[2] };
}

/** A file beside node_modules, so that the program finds its packages. */
async function file(t, name, text) {
  const dir = await mkdtemp(new URL("../snippet-", import.meta.url).pathname);
  t.after(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, name), text);
  return join(dir, name);
}

test("JavaScript", async (t) => {
  const { text, prints } = program("js");
  const { stdout } = await run("node", [await file(t, "snippet.mjs", text)], { env });
  assert.equal(stdout, prints);
});

test("Python", async (t) => {
  const python = process.env.PYTHON ?? "python3";
  const { text, prints } = program("python");
  await run(python, ["-c", "import azure.cosmos"]).catch(() => assert.fail(`${python} has no azure-cosmos: pip install azure-cosmos, or name another with PYTHON`));
  const { stdout } = await run(python, [await file(t, "snippet.py", text)], { env });
  assert.equal(stdout, prints);
});
