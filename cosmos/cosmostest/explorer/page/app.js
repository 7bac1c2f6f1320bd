"use strict";
const $ = (id) => document.getElementById(id);
const state = { databases: [], charges: {}, database: "", container: "", next: "", rows: 0, queryNext: "", queryRows: 0, charge: 0, seen: 0, log: [], turn: 0 };
const tabs = ["documents", "query", "partitions", "requests"];

async function ask(path, params, method) {
  const form = new URLSearchParams(params);
  const options = { method: method || "GET", headers: { "X-Explorer": "1" } };
  if (method === "POST") options.body = form;
  const res = await fetch("api/" + path + (method === "POST" ? "" : "?" + form), options);
  const answer = await res.json();
  if (!res.ok) throw new Error(answer.error);
  return answer;
}

function element(name, className, text) {
  const e = document.createElement(name);
  if (className) e.className = className;
  if (text !== undefined) e.textContent = text;
  return e;
}

const bytes = (n) => n < 1024 ? n + " B" : n < 1048576 ? (n / 1024).toFixed(1) + " KB" : (n / 1048576).toFixed(1) + " MB";
const units = (n) => n.toFixed(2) + " RU";
const count = (n) => n.toLocaleString("en");
const here = () => ({ database: state.database, container: state.container });
const current = () => (state.databases.find((d) => d.id === state.database) || { containers: [] }).containers.find((c) => c.id === state.container);

// color shows JSON with its parts in colors; the text is never taken for HTML.
function color(pre, value) {
  const text = JSON.stringify(value, null, 2) ?? "undefined";
  const part = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/g;
  let at = 0;
  for (const m of text.matchAll(part)) {
    pre.append(text.slice(at, m.index));
    pre.append(element("span", m[1] === undefined ? "n" : m[2] ? "k" : "s", m[1] ?? m[0]));
    at = m.index + (m[1] ?? m[0]).length;
  }
  pre.append(text.slice(at));
}

function show(list, rows) {
  const system = ["_rid", "_self", "_etag", "_attachments", "_ts"];
  for (const row of rows) {
    const d = element("details");
    const own = row !== null && typeof row === "object" && !Array.isArray(row) ? Object.fromEntries(Object.entries(row).filter(([k]) => !system.includes(k))) : row;
    d.append(element("summary", "", (JSON.stringify(own) ?? "").slice(0, 400)));
    d.addEventListener("toggle", () => {
      if (d.open && d.children.length === 1) { const pre = element("pre"); color(pre, row); d.append(pre); }
    });
    list.append(d);
  }
}

async function contents() {
  const answer = await ask("contents", {});
  Object.assign(state, { databases: answer.databases, charges: answer.charges });
  $("endpoint").textContent = answer.endpoint;
  const all = answer.databases.flatMap((d) => d.containers.map((c) => [d.id, c.id]));
  if (!current() && all.length > 0) { [state.database, state.container] = all[0]; documents(true); }
  const tree = document.createDocumentFragment();
  for (const d of answer.databases) {
    tree.append(element("h2", "", d.id));
    for (const c of d.containers) {
      const b = element("button", "", c.id);
      b.type = "button";
      b.setAttribute("aria-current", String(d.id === state.database && c.id === state.container));
      b.append(element("span", "", count(c.documents)));
      b.addEventListener("click", () => choose(d.id, c.id));
      tree.append(b);
    }
  }
  if (all.length === 0) tree.append(element("p", "", "There is no container yet."));
  const focus = document.activeElement && $("tree").contains(document.activeElement);
  $("tree").replaceChildren(tree);
  if (focus) $("tree").querySelector("[aria-current=true]")?.focus();
  partitions();
}

function choose(database, container) {
  Object.assign(state, { database, container });
  $("result").replaceChildren();
  $("query-info").textContent = $("error").textContent = $("plan").textContent = "";
  state.queryNext = "";
  documents(true);
}

async function documents(first) {
  if (!state.container) return;
  const turn = ++state.turn; // a later question makes the answer to this one worthless
  if (first) { state.next = ""; state.rows = 0; }
  try {
    if (first) await contents();
    if (turn !== state.turn) return;
    const page = await ask("documents", { ...here(), token: state.next });
    if (turn !== state.turn) return;
    $("docs").replaceChildren();
    show($("docs"), page.rows);
    state.next = page.next;
    const from = state.rows;
    state.rows += page.rows.length;
    $("docs-info").textContent = page.rows.length === 0 ? "No documents." : `${count(from + 1)} to ${count(state.rows)} of ${count(current()?.documents ?? 0)} · ${units(page.charge)}`;
  } catch (e) {
    $("docs-info").textContent = e.message;
  }
  $("more").disabled = !state.next;
}

async function run(first) {
  if (!state.container) return;
  if (first) { state.queryNext = ""; state.queryRows = state.charge = 0; $("result").replaceChildren(); }
  $("error").textContent = "";
  $("query-info").textContent = "…";
  const began = performance.now();
  try {
    const page = await ask("query", { ...here(), query: $("text").value, token: state.queryNext }, "POST");
    $("result").replaceChildren();
    show($("result"), page.rows);
    if (page.note) $("error").textContent = page.note;
    if (page.plan) $("plan").textContent = page.plan;
    state.queryNext = page.next;
    state.queryRows += page.rows.length;
    state.charge += page.charge;
    $("query-info").textContent = `${count(state.queryRows)} rows${page.next ? ", and more" : ""} · ${units(state.charge)} · ${Math.round(performance.now() - began)} ms`;
  } catch (e) {
    $("query-info").textContent = "";
    $("error").textContent = e.message;
  }
  $("run-more").disabled = !state.queryNext;
}

function table(id, heads, rows) {
  const head = element("tr");
  for (const [text, num] of heads) head.append(element("th", num ? "num" : "", text));
  $(id).replaceChildren(element("thead"), element("tbody"));
  $(id).tHead.append(head);
  $(id).tBodies[0].append(...rows);
}

function partitions() {
  const c = current();
  if (!c) return table("ranges", [], []);
  const most = Math.max(1, ...c.ranges.map((r) => r.bytes));
  table("ranges", [["Range"], ["Documents", 1], ["Keys", 1], ["Bytes", 1], [""], ["Spent", 1], ["From"], ["To"]], c.ranges.map((r) => {
    const tr = element("tr"), meter = element("meter");
    meter.max = most;
    meter.value = r.bytes;
    meter.textContent = bytes(r.bytes);
    tr.append(element("td", "", r.id), element("td", "num", count(r.documents)), element("td", "num", count(r.keys)), element("td", "num", bytes(r.bytes)));
    tr.append(element("td"));
    tr.lastChild.append(meter);
    tr.append(element("td", "num", units(state.charges[`${state.database}/${state.container}/${r.id}`] ?? 0)), element("td", "mono", r.min || "–"), element("td", "mono", r.max));
    return tr;
  }));
}

async function requests() {
  const answer = await ask("requests", { after: state.seen });
  $("total").textContent = count(answer.total) + " requests";
  if (answer.requests.length === 0) return false;
  state.seen = answer.requests.at(-1).number;
  state.log = answer.requests.reverse().concat(state.log).slice(0, 200);
  if ($("requests").hidden) return true;
  log();
  return true;
}

function log() {
  table("log", [["Time"], ["Operation"], ["Status", 1], ["RU", 1], ["ms", 1], ["Range"], ["Path"]], state.log.map((r) => {
    const tr = element("tr");
    tr.append(element("td", "", r.time.slice(11, 23)), element("td", "", r.operation));
    tr.append(element("td", "num" + (r.status >= 400 || r.status === 0 ? " bad" : ""), (r.status || "cut") + (r.subStatus ? "/" + r.subStatus : "")));
    tr.append(element("td", "num", r.charge.toFixed(2)), element("td", "num", r.millis.toFixed(2)), element("td", "", r.range), element("td", "path", r.path));
    return tr;
  }));
}

function tab(name) {
  for (const t of tabs) {
    $(t).hidden = t !== name;
    $("tab-" + t).setAttribute("aria-selected", String(t === name));
    $("tab-" + t).tabIndex = t === name ? 0 : -1;
  }
  if (name === "requests") log();
  if (name === "partitions") contents();
}

function step(by) {
  const all = state.databases.flatMap((d) => d.containers.map((c) => [d.id, c.id]));
  const i = all.findIndex(([d, c]) => d === state.database && c === state.container);
  const to = all[Math.max(0, Math.min(all.length - 1, i + by))];
  if (to) choose(...to);
}

function help() {
  $("help").hidden = !$("help").hidden;
  $("keys").setAttribute("aria-expanded", String(!$("help").hidden));
}

const keys = {
  j: () => step(1), k: () => step(-1), n: () => $("query").hidden ? state.next && documents(false) : state.queryNext && run(false), p: () => $("query").hidden ? documents(true) : run(true),
  r: () => documents(true), "?": help, "/": () => { tab("query"); $("text").focus(); },
  1: () => tab(tabs[0]), 2: () => tab(tabs[1]), 3: () => tab(tabs[2]), 4: () => tab(tabs[3]),
};
document.addEventListener("keydown", (e) => {
  if (e.target === $("text")) {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); run(true); }
    if (e.key === "Escape") $("run").focus();
    return;
  }
  if (e.target.getAttribute?.("role") === "tab" && (e.key === "ArrowRight" || e.key === "ArrowLeft")) {
    const i = (tabs.findIndex((t) => !$(t).hidden) + (e.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length;
    tab(tabs[i]);
    $("tab-" + tabs[i]).focus();
    return;
  }
  if (e.ctrlKey || e.metaKey || e.altKey || !keys[e.key]) return;
  e.preventDefault();
  keys[e.key]();
});
for (const t of tabs) $("tab-" + t).addEventListener("click", () => tab(t));
$("keys").addEventListener("click", help);
$("first").addEventListener("click", () => documents(true));
$("more").addEventListener("click", () => documents(false));
$("run").addEventListener("click", () => run(true));
$("run-more").addEventListener("click", () => run(false));
$("more").disabled = $("run-more").disabled = true;

// One question at a time; while nobody looks, none.
async function watch() {
  try {
    if (!document.hidden && await requests()) await contents();
  } catch (e) {
    $("total").textContent = "the server does not answer";
  }
  setTimeout(watch, 1000);
}
tab("documents");
contents().catch((e) => { $("total").textContent = e.message; });
watch();
