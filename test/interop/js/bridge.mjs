// Our own client, package cosmos, driven from JavaScript through ../bridge: one JSON line each way.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ours } from "./servers.mjs";

/** A failed operation of our client: the status in code, and in failed the operation for which a batch was given up. */
export class BridgeError extends Error {
  constructor({ error, status, failed }) {
    super(error);
    this.code = status;
    this.failed = failed;
  }
}

/** Starts a client of the account at server. Close it, or its process keeps the script waiting. */
export function connectOurs(server = ours) {
  const child = spawn(process.env.BRIDGE, { env: { ...process.env, COSMOS_ENDPOINT: server.endpoint, COSMOS_KEY: server.key }, stdio: ["pipe", "pipe", "inherit"] });
  const waiting = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift().resolve(JSON.parse(line)));
  child.on("exit", (code) => waiting.splice(0).forEach((w) => w.reject(new Error(`bridge ended with ${code}`))));

  const call = async (request) => {
    const answer = await new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin.write(JSON.stringify(request) + "\n");
    });
    if (answer.error) throw new BridgeError(answer);
    return answer;
  };

  return {
    call,
    close: () => child.stdin.end(),
    /** The same operations on one container. */
    container(database, container) {
      const on = (op, rest) => call({ op, database, container, ...rest });
      return {
        call: on,
        create: (body, rest) => on("create", { body, ...rest }),
        upsert: (body, rest) => on("upsert", { body, ...rest }),
        read: (id, ...key) => on("read", { id, key }),
        replace: (id, body, rest) => on("replace", { id, body, ...rest }),
        delete: (id, ...key) => on("delete", { id, key }),
        items: async () => (await on("items")).rows,
        query: async (query, parameters, rest) => (await on("query", { query, parameters, ...rest })).rows,
      };
    },
  };
}
