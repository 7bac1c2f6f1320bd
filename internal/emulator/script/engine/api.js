// The server-side API of the service over the functions of native.go. The value of this program is a function that puts
// the API into the global object, once, and returns how to run a script.
(function (tools) {
  "use strict";
  const native = tools.collection;
  const global = globalThis;
  const put = (o, name, value) => Object.defineProperty(o, name, { value, writable: true, configurable: true, enumerable: false });

  // No code is made of texts.
  const refuse = function Function() { throw new EvalError("Code generation from strings is not allowed for scripts"); };
  refuse.prototype = Function.prototype;
  for (const f of [function () {}, function* () {}, async function () {}]) put(Object.getPrototypeOf(f), "constructor", refuse);
  put(global, "Function", refuse);

  // A bound function is a call of the script's: built-in ones do not count against its depth.
  put(Function.prototype, "bind", function bind(self, ...first) {
    const target = this;
    if (typeof target !== "function") throw new TypeError("bind must be called on a function");
    return function (...rest) { return new.target ? new target(...first, ...rest) : target.call(self, ...first, ...rest); };
  });
  // What is walked through is walked through step by step, by a function that can be stopped: compile.go calls this for what
  // is spread.
  const through = (x) => {
    if (x === undefined || x === null || typeof x[Symbol.iterator] !== "function") return x; // what uses it complains
    const inner = x[Symbol.iterator](), next = inner.next;
    return { next() { return next.call(inner); }, [Symbol.iterator]() { return this; } };
  };
  Object.defineProperty(global, "__walk", { value: through });
  for (const name of ["Map", "Set", "WeakMap", "WeakSet"]) {
    const Base = global[name];
    put(global, name, { [name]: class extends Base { constructor(xs) { super(through(xs)); } } }[name]);
  }
  for (const [of, names] of [[Promise, ["all", "allSettled", "any", "race"]], [Object, ["fromEntries"]]]) {
    for (const name of names) {
      const plain = of[name];
      if (plain) put(of, name, function (xs) { return plain.call(this, through(xs)); });
    }
  }

  // Texts that goja would make in one step are made in many, and counted: "x".repeat(1e5).replace(/x/g, "$`") has
  // no room.
  const longest = 4194304, most = 4 * longest; // characters of a text to work on, and of one that is made
  const counter = () => {
    let made = 0;
    return (x) => {
      const s = `${x}`;
      if ((made += s.length) > most) throw new RangeError("the text would become too long");
      return s;
    };
  };
  put(String.prototype, "concat", function concat(...xs) {
    if (this === undefined || this === null) throw new TypeError("concat must be called on a text");
    const count = counter();
    return xs.reduce((s, x) => s + count(x), count(this));
  });
  put(String, "raw", function raw(texts, ...values) {
    const parts = texts.raw, n = Math.floor(Number(parts.length)) || 0, count = counter();
    let s = "";
    for (let i = 0; i < n; i++) s += count(parts[i]) + (i + 1 < n && i < values.length ? count(values[i]) : "");
    return s;
  });
  // A text that replaces is put in match by match, too: "$`" is all that stands before each. It gives what replace calls.
  const replace = String.prototype.replace;
  const filler = (by) => {
    const template = `${by}`, count = counter();
    if (!template.includes("$")) return () => count(template);
    const parts = []; // texts, and what stands for what was found
    let from = 0;
    replace.call(template, /\$([$&`']|\d\d?|<([^>]*)>)/g, (mark, what, name, ...rest) => {
      parts.push(template.slice(from, rest[0]), { mark, what, name });
      from = rest[0] + mark.length;
    });
    parts.push(template.slice(from));
    return (...found) => {
      const groups = typeof found[found.length - 1] === "object" ? found.pop() : undefined;
      const whole = found.pop(), at = found.pop(), all = found[0];
      const group = (digits, mark) => {
        const is = (n) => n > 0 && n < found.length;
        const long = is(Number(digits)) ? digits.length : 1, n = Number(digits.slice(0, long));
        return is(n) ? (found[n] === undefined ? "" : found[n]) + digits.slice(long) : mark;
      };
      const fill = (part) => {
        if (typeof part === "string") return part;
        switch (part.what) {
          case "$": return "$";
          case "&": return all;
          case "`": return whole.slice(0, at);
          case "'": return whole.slice(at + all.length);
        }
        if (part.name === undefined) return group(part.what, part.mark);
        return groups === undefined ? part.mark : groups[part.name] === undefined ? "" : groups[part.name];
      };
      let s = "";
      for (let i = 0; i < parts.length; i++) s += count(fill(parts[i]));
      return s;
    };
  };
  const replacement = (by) => typeof by === "function" ? by : filler(by);
  for (const name of ["replace", "replaceAll"]) {
    const plain = String.prototype[name];
    put(String.prototype, name, { [name](what, by) {
      const self = what === undefined || what === null ? undefined : what[Symbol.replace];
      if (self === undefined || self === null || this === undefined || this === null) return plain.call(this, `${what}`, replacement(by));
      if (name === "replaceAll" && what instanceof RegExp && !what.flags.includes("g")) throw new TypeError("replaceAll must be called with a global RegExp");
      return self.call(what, this, by);
    } }[name]);
  }
  const exec = RegExp.prototype.exec; // called for each match, so that a script can be stopped between two
  put(RegExp.prototype, "exec", { exec(text) { return exec.call(this, text); } }.exec);
  for (const key of [Symbol.match, Symbol.matchAll, Symbol.replace, Symbol.search, Symbol.split]) {
    const plain = RegExp.prototype[key];
    put(RegExp.prototype, key, { [key](x, by) {
      const text = `${x}`;
      if (text.length > longest) throw new RangeError("the text is too long");
      return plain.call(this, text, key === Symbol.replace ? replacement(by) : by);
    } }[key]);
  }

  // The functions that make a text or number of what they are called on may call themselves by that, and so may those
  // that call a function which they find in it.
  const all = (f) => [f.prototype, [...Object.getOwnPropertyNames(f.prototype), ...Object.getOwnPropertySymbols(f.prototype)]];
  const builtin = (f) => Object.getPrototypeOf(f.prototype); // of Map and Set, which are the script's own by now
  for (const [proto, keys] of [
    ...[Object, String, Error, RegExp, Promise].map(all), [Date.prototype, ["toJSON", Symbol.toPrimitive]],
    [Array.prototype, ["toString"]], [builtin(Map), ["forEach"]], [builtin(Set), ["forEach"]],
  ]) {
    for (const key of keys) {
      const d = Object.getOwnPropertyDescriptor(proto, key);
      if (key === "constructor" || !d.configurable || key === "bind" || key === "__proto__") continue;
      if (typeof d.value === "function") d.value = tools.guard(d.value, String(key));
      else if (d.get) d.get = tools.guard(d.get, String(key));
      else continue;
      Object.defineProperty(proto, key, d);
    }
  }

  // An iterator of arrays that stops when a script is to stop, as built-in ones do not.
  const walk = (array, kind) => {
    let i = 0;
    return {
      next() {
        if (array === undefined || i >= array.length) { array = undefined; return { value: undefined, done: true }; }
        const at = i++;
        return { value: kind === 0 ? array[at] : kind === 1 ? at : [at, array[at]], done: false };
      },
      [Symbol.iterator]() { return this; },
    };
  };
  put(Array.prototype, "values", function values() { return walk(this, 0); });
  put(Array.prototype, "keys", function keys() { return walk(this, 1); });
  put(Array.prototype, "entries", function entries() { return walk(this, 2); });
  Object.defineProperty(Array.prototype, Symbol.iterator, { value: Array.prototype.values, writable: true, configurable: true });
  Object.defineProperty(String.prototype, Symbol.iterator, {
    value() {
      const text = String(this);
      let i = 0;
      return {
        next() {
          if (i >= text.length) return { value: undefined, done: true };
          const c = String.fromCodePoint(text.codePointAt(i));
          i += c.length;
          return { value: c, done: false };
        },
        [Symbol.iterator]() { return this; },
      };
    }, writable: true, configurable: true,
  });
  put(Array, "from", function from(source, map, self) {
    const out = [];
    if (map !== undefined && typeof map !== "function") throw new TypeError(show(map) + " is not a function");
    if (source == null) throw new TypeError("Array.from needs something to make an array of");
    if (source[Symbol.iterator] !== undefined) for (const x of source) out.push(map ? map.call(self, x, out.length) : x);
    else for (let i = 0, n = Math.floor(Number(source.length)) || 0; i < n; i++) out.push(map ? map.call(self, source[i], i) : source[i]);
    return out;
  });

  const flatten = (xs, depth, out) => {
    for (let i = 0; i < xs.length; i++) {
      if (Array.isArray(xs[i]) && depth > 0) flatten(xs[i], depth - 1, out);
      else if (i in xs) out.push(xs[i]);
    }
    return out;
  };
  put(Array.prototype, "flat", function flat(depth) { return flatten(this, depth === undefined ? 1 : Number(depth), []); });
  put(Array.prototype, "flatMap", function flatMap(f, self) { return flatten(this.map(f, self), 1, []); });

  // JSON.stringify, step by step.
  const escapes = /[\ud800-\udbff][\udc00-\udfff]|["\\\u0000-\u001f\ud800-\udfff]/g;
  const hex = (c) => "\\u" + ("000" + c.charCodeAt(0).toString(16)).slice(-4);
  const short = { '"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  const quote = (s) => '"' + s.replace(escapes, (c) => c.length === 2 ? c : short[c] || hex(c)) + '"';
  const unwrapped = (v) => v instanceof Number || v instanceof String || v instanceof Boolean ? v.valueOf() : v;
  put(JSON, "stringify", function stringify(value, replacer, space) {
    space = unwrapped(space);
    const gap = typeof space === "number" ? " ".repeat(Math.max(0, Math.min(10, Math.floor(space)))) : typeof space === "string" ? space.slice(0, 10) : "";
    const call = typeof replacer === "function" ? replacer : undefined;
    const only = Array.isArray(replacer) ? [...new Set(replacer.map(unwrapped).filter((k) => typeof k === "string" || typeof k === "number").map(String))] : undefined;
    const above = [];
    const write = (holder, key, indent) => {
      let v = holder[key];
      if (v !== null && (typeof v === "object" || typeof v === "function") && typeof v.toJSON === "function") v = v.toJSON(key);
      if (call) v = call.call(holder, key, v);
      v = unwrapped(v);
      if (v === null) return "null";
      switch (typeof v) {
        case "boolean": return String(v);
        case "number": return isFinite(v) ? String(v) : "null";
        case "string": return quote(v);
        case "object": break;
        default: return undefined;
      }
      if (above.includes(v)) throw new TypeError("Converting circular structure to JSON");
      if (above.length > 250) throw new RangeError("Maximum call stack size exceeded");
      above.push(v);
      const inner = indent + gap, parts = [];
      const array = Array.isArray(v);
      if (array) {
        if (v.length > 1048576) throw new RangeError("the array has too many elements");
        for (let i = 0; i < v.length; i++) parts.push(write(v, String(i), inner) || "null");
      } else {
        for (const k of only || Object.keys(v)) {
          const text = write(v, k, inner);
          if (text !== undefined) parts.push(quote(k) + (gap ? ": " : ":") + text);
        }
      }
      above.pop();
      const [open, close] = array ? "[]" : "{}";
      if (parts.length === 0) return open + close;
      return gap ? open + "\n" + inner + parts.join(",\n" + inner) + "\n" + indent + close : open + parts.join(",") + close;
    };
    return write({ "": value }, "", "");
  });

  // The error of the service: new Error(404, "text") has a number.
  const Plain = Error;
  const Numbered = function Error(a, b) {
    const numbered = typeof a === "number" && arguments.length > 1;
    const e = numbered ? new Plain(b) : new Plain(a, b);
    if (numbered) e.number = a;
    if (new.target && new.target !== Numbered) Object.setPrototypeOf(e, new.target.prototype);
    return e;
  };
  Numbered.prototype = Plain.prototype;
  if (Plain.captureStackTrace) put(Numbered, "captureStackTrace", Plain.captureStackTrace);
  put(Plain.prototype, "constructor", Numbered);
  for (const name of ["TypeError", "RangeError", "SyntaxError", "EvalError", "ReferenceError", "URIError"]) Object.setPrototypeOf(global[name], Numbered);
  put(global, "Error", Numbered);

  const ErrorCodes = Object.freeze({
    BAD_REQUEST: 400, FORBIDDEN: 403, NOT_FOUND: 404, CONFLICT: 409, PRECONDITION_FAILED: 412,
    REQUEST_ENTITY_TOO_LARGE: 413, RETRY_WITH: 449, INTERNAL_SERVER_ERROR: 500,
    BadRequest: 400, Forbidden: 403, NotFound: 404, Conflict: 409, PreconditionFailed: 412,
    RequestEntityTooLarge: 413, RetryWith: 449, InternalServerError: 500,
  });
  const show = (x) => {
    if (typeof x !== "object" || x === null) return String(x);
    if (x instanceof Plain) return String(x);
    return JSON.stringify(x);
  };
  // As in Node.js and browsers a text with %s and the like takes the values behind it; what is left follows it.
  const format = (text, ...xs) => {
    if (typeof text !== "string") return [text, ...xs].map(show).join(" ");
    const filled = text.replace(/%[sdifoOjc%]/g, (mark) => {
      if (mark === "%%") return "%";
      if (xs.length === 0) return mark;
      const x = xs.shift();
      switch (mark) {
        case "%c": return "";
        case "%d": return String(Number(x));
        case "%i": return String(parseInt(x, 10));
        case "%f": return String(parseFloat(x));
        case "%j": return JSON.stringify(x);
        default: return show(x);
      }
    });
    return [filled, ...xs.map(show)].join(" ");
  };
  const write = (...xs) => tools.log(xs.length === 0 ? "" : format(...xs));
  put(global, "console", { log: write, info: write, warn: write, error: write, debug: write });
  put(global, "ErrorCodes", ErrorCodes);
  if (!native) return {};

  // What the operations have to tell is told one by one, when the function that asked has returned.
  const queue = [];
  const options = (o, callback) => typeof o === "function" ? [{}, o] : [o || {}, callback];
  const failure = (r) => {
    const e = new Numbered(r.number, r.error);
    e.body = r.error;
    return e;
  };
  const operation = (invoke, callback, finish) => {
    if (callback !== undefined && callback !== null && typeof callback !== "function") throw new TypeError("The callback is not a function.");
    if (!native.accept()) return false;
    const r = invoke();
    queue.push(() => {
      if (r.error !== undefined) {
        const e = failure(r);
        if (!callback) throw e;
        callback(e, undefined, {});
      } else if (callback) finish ? finish(r.value) : callback(undefined, r.value, {});
    });
    return true;
  };
  const text = (name, x) => {
    if (typeof x !== "string" || x === "") throw new TypeError("The " + name + " must be a link, but is " + show(x) + ".");
    return x;
  };
  const own = (link) => {
    const plain = text("collection link", link).replace(/^\/+|\/+$/g, "");
    for (const l of [native.selfLink, native.altLink]) if (plain === l.replace(/\/+$/, "")) return;
    throw new Numbered(ErrorCodes.BAD_REQUEST, "The collection link " + link + " is not that of the script's collection.");
  };
  const object = (x) => {
    if (typeof x === "string") x = JSON.parse(x);
    if (x === null || typeof x !== "object" || Array.isArray(x)) throw new TypeError("The document must be an object, but is " + show(x) + ".");
    return x;
  };
  const uuid = () => "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => Math.floor(Math.random() * 16).toString(16));
  const named = (doc, o) => {
    doc = object(doc);
    if (doc.id === undefined && !o.disableAutomaticIdGeneration) doc.id = uuid();
    return doc;
  };
  const etag = (o) => String((o.accessCondition && o.accessCondition.condition) || o.etag || "");
  const page = (o) => {
    const n = Number(o.pageSize);
    return n > 0 ? Math.floor(n) : 0;
  };
  const feed = (query, params, o, callback) => operation(
    () => native.query(query, params, page(o), o.continuation || ""), callback,
    (r) => callback(undefined, r.rows, r.next === "" ? {} : { continuation: r.next }));

  // The chained queries: functions of the script over the documents of the partition.
  const selects = {
    filter: (predicate) => (docs) => docs.filter((d) => predicate(d)),
    map: (projection) => (docs) => docs.map((d) => projection(d)),
    pluck: (name) => (docs) => docs.map((d) => d[name]).filter((x) => x !== undefined),
    flatten: (shallow) => {
      const flat = (xs) => xs.reduce((all, x) => all.concat(Array.isArray(x) ? (shallow ? x : flat(x)) : [x]), []);
      return flat;
    },
    unwind: (inner, result) => (docs) => docs.reduce((all, d) => {
      const xs = inner(d);
      return all.concat((Array.isArray(xs) ? xs : []).map((x) => result ? result(d, x) : [d, x]));
    }, []),
    sortBy: (key, o, descending) => (docs) => {
      const of = typeof key === "function" ? key : (d) => d;
      const rows = docs.map((d) => [of(d), d]);
      rows.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0) * (descending ? -1 : 1));
      return rows.map((r) => r[1]);
    },
    sortByDescending: (key) => selects.sortBy(key, {}, true),
  };
  const answer = (accepted, continuation) => {
    const r = { isAccepted: accepted };
    if (continuation) r.continuation = continuation;
    return r;
  };
  // run asks for the documents and sends them through the steps; without a callback the result is the response's body.
  const run = (steps, sorted, o, callback) => {
    const rows = [];
    let r, from = o.continuation || "";
    if (!native.accept()) return answer(false);
    do {
      r = native.query("", [], page(o), from);
      if (r.error !== undefined) break;
      for (const d of r.value.rows) rows.push(d);
      from = r.value.next;
    } while (sorted && from !== "");
    queue.push(() => {
      if (r.error !== undefined) {
        const e = failure(r);
        if (!callback) throw e;
        return callback(e, undefined, {});
      }
      const result = steps.reduce((docs, step) => step(docs), rows);
      if (callback) callback(undefined, result, from === "" ? {} : { continuation: from });
      else response.setBody(result);
    });
    return answer(true, from);
  };
  const chain = () => {
    const steps = [];
    let sorted = false;
    const self = {
      value(...args) {
        const [o, callback] = options(args[0], args[1]);
        return run(steps, sorted, o, callback);
      },
    };
    for (const name of Object.keys(selects)) {
      self[name] = (...args) => {
        steps.push(selects[name](...args));
        sorted = sorted || name.startsWith("sortBy");
        return self;
      };
    }
    return self;
  };

  const collection = {
    getSelfLink: () => native.selfLink,
    getAltLink: () => native.altLink,
    createDocument(link, doc, o, callback) {
      [o, callback] = options(o, callback);
      own(link);
      return operation(() => native.create(named(doc, o)), callback);
    },
    upsertDocument(link, doc, o, callback) {
      [o, callback] = options(o, callback);
      own(link);
      return operation(() => native.upsert(named(doc, o), etag(o)), callback);
    },
    readDocument(link, o, callback) {
      [o, callback] = options(o, callback);
      text("document link", link);
      return operation(() => native.read(link), callback);
    },
    replaceDocument(link, doc, o, callback) {
      [o, callback] = options(o, callback);
      text("document link", link);
      return operation(() => native.replace(link, object(doc), etag(o)), callback);
    },
    deleteDocument(link, o, callback) {
      [o, callback] = options(o, callback);
      text("document link", link);
      return operation(() => native.remove(link, etag(o)), callback, () => callback(undefined, {}));
    },
    queryDocuments(link, query, o, callback) {
      [o, callback] = options(o, callback);
      own(link);
      if (typeof query === "string") return feed(query, [], o, callback);
      if (query === null || typeof query !== "object" || typeof query.query !== "string") throw new TypeError("The query must be a text, or an object with a query.");
      return feed(query.query, query.parameters || [], o, callback);
    },
    readDocuments(link, o, callback) {
      [o, callback] = options(o, callback);
      own(link);
      return feed("", [], o, callback);
    },
    chain,
  };
  for (const name of Object.keys(selects)) {
    collection[name] = (...args) => {
      const callback = args.length > 1 && typeof args[args.length - 1] === "function" && !(name === "unwind" && args.length === 2) ? args.pop() : undefined;
      const last = args[args.length - 1];
      const o = args.length > 1 && last !== null && typeof last === "object" ? args.pop() : {};
      return chain()[name](...args).value(o, callback);
    };
  }

  // The body is one of the values of a request or response, that of the name "Body".
  const message = (body) => {
    const values = {};
    return {
      getBody: () => body,
      setBody(x) { body = x; },
      getValue: (name) => name === "Body" ? body : values[name],
      setValue(name, x) { if (name === "Body") body = x; else values[name] = x; },
      appendValue(name, x) {
        const before = this.getValue(name);
        this.setValue(name, (before === undefined ? "" : show(before)) + show(x));
      },
      get body() { return body; },
      set body(x) { body = x; },
    };
  };
  let request, response;
  const context = {
    getCollection: () => collection,
    getRequest: () => request,
    getResponse: () => response,
    abort(error) { throw error instanceof Plain ? error : new Numbered(typeof error === "string" ? error : show(error)); },
  };
  put(global, "getContext", () => context);
  put(global, "__", Object.assign(Object.create(null), collection, {
    get request() { return request; }, get response() { return response; },
    getContext: () => context, getRequest: () => request, getResponse: () => response,
  }));
  Object.defineProperty(global.__, "request", { get: () => request, enumerable: true });
  Object.defineProperty(global.__, "response", { get: () => response, enumerable: true });

  return {
    // start calls the script; what promises have to do is done when it has returned.
    start(script, kind, input, output) {
      request = message(input);
      request.getOperationType = () => kind;
      response = message(output);
      response.getOperationType = () => kind;
      response.getStatusCode = () => 200;
      response.getMaxResourceQuota = () => "documentSize=10240;documentsSize=10485760;documentsCount=-1;collectionSize=10485760;";
      response.getResourceQuotaCurrentUsage = () => "documentSize=0;documentsSize=0;documentsCount=-1;collectionSize=0;";
      response.appendBody = (x) => response.appendValue("Body", x);
      script();
    },
    // next tells of one operation, if there is one to tell of.
    next() {
      if (queue.length === 0) return false;
      queue.shift()();
      return true;
    },
    result: () => ({ request: request.getBody(), response: response.getBody() }),
  };
})
