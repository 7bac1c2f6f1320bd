// The servers that run.sh started, as clients of the official JavaScript SDK, and scratch containers on them.
import { randomUUID } from "node:crypto";
import { Agent } from "node:https";
import { CosmosClient } from "@azure/cosmos";

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start the checks with test/interop/run.sh`);
  return value;
}

/** Our in-process server, four physical partitions per container. */
export const ours = { endpoint: setting("COSMOS_ENDPOINT"), key: setting("COSMOS_KEY") };

/** Our server behind TLS, with a certificate of its own. */
export const secure = { endpoint: setting("TLS_ENDPOINT"), key: ours.key, agent: new Agent({ ca: setting("TLS_CERTIFICATE") }) };

/** Our server with one partition, which executes every query itself instead of leaving the merging to its client. */
export const whole = { endpoint: setting("WHOLE_ENDPOINT"), key: ours.key };

/** The npm server. It checks no signature, so any key will do. */
export const npm = { endpoint: setting("NPM_ENDPOINT"), key: ours.key };

/** The SDK as a program would make it: nothing of it is switched off or replaced. */
export function connect(server = ours) {
  return new CosmosClient(server);
}

/** A database that lives as long as the test t. */
export async function scratchDatabase(t, client) {
  const { database } = await client.databases.create({ id: `interop-${randomUUID()}` });
  t.after(() => database.delete());
  return database;
}

/** A container that lives as long as the test t. definition overrides the partition key /pk. */
export async function scratch(t, client, definition = {}) {
  const database = await scratchDatabase(t, client);
  const { container } = await database.containers.create({ id: "items", partitionKey: { paths: ["/pk"], version: 2 }, ...definition });
  return container;
}

/** Without the properties that the server adds. */
export function user(document) {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !/^_(rid|self|etag|attachments|ts)$/.test(name)));
}

/** An error of the SDK as a status that deepEqual can compare; fails when the promise does not reject. */
export async function status(promise) {
  try {
    await promise;
  } catch (err) {
    return err.code;
  }
  throw new Error("no error");
}
