// Databases, containers and throughput, as the JavaScript SDK manages them on our server.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { CosmosClient } from "@azure/cosmos";
import { connect, ours, secure, scratchDatabase, status } from "./servers.mjs";

const client = connect();

test("the account names its own address, so that the SDK stays on it", async () => {
  const { resource } = await client.getDatabaseAccount();
  assert.equal(resource.consistencyPolicy, "Session");
  assert.equal(new URL(await client.getWriteEndpoint()).host, new URL(ours.endpoint).host);
  assert.equal(new URL(await client.getReadEndpoint()).host, new URL(ours.endpoint).host);
});

test("a wrong key is a 401", async () => {
  const wrong = new CosmosClient({ ...ours, key: Buffer.from("not the key").toString("base64") });
  assert.equal(await status(wrong.databases.readAll().fetchAll()), 401);
});

test("the same over TLS, with the server's own certificate and no other", async (t) => {
  const database = await scratchDatabase(t, connect(secure));
  assert.equal((await database.read()).statusCode, 200);
  assert.match(await connect(secure).getWriteEndpoint(), /^https:/);
  await assert.rejects(new CosmosClient({ endpoint: secure.endpoint, key: secure.key, connectionPolicy: { enableEndpointDiscovery: false, retryOptions: { maxRetryAttemptCount: 0 } } }).database("x").read(), /self[- ]signed|unable to verify/i);
});

test("databases: create, create again, read, list, query, delete", async () => {
  const id = `interop-${randomUUID()}`;
  const created = await client.databases.create({ id });
  assert.equal(created.statusCode, 201);
  assert.equal(created.resource.id, id);
  assert.ok(created.resource._rid && created.resource._self && created.resource._etag && created.resource._ts);
  assert.equal(await status(client.databases.create({ id })), 409);

  const again = await client.databases.createIfNotExists({ id });
  assert.equal(again.statusCode, 200);

  const { resource } = await client.database(id).read();
  assert.deepEqual(resource, created.resource);
  const all = (await client.databases.readAll().fetchAll()).resources.map((d) => d.id);
  assert.ok(all.includes(id));
  const found = await client.databases
    .query({ query: "SELECT * FROM root r WHERE r.id = @id", parameters: [{ name: "@id", value: id }] })
    .fetchAll();
  assert.deepEqual(found.resources.map((d) => d.id), [id]);

  const deleted = await client.database(id).delete();
  assert.equal(deleted.statusCode, 204);
  assert.equal(await status(client.database(id).read()), 404);
  assert.equal(await status(client.database(id).delete()), 404);
});

test("containers: create, create again, read, list, query, replace, delete", async (t) => {
  const database = await scratchDatabase(t, client);
  const created = await database.containers.create({ id: "orders", partitionKey: { paths: ["/customer"], version: 2 }, defaultTtl: 3600 });
  assert.equal(created.statusCode, 201);
  assert.deepEqual(created.resource.partitionKey.paths, ["/customer"]);
  assert.equal(created.resource.defaultTtl, 3600);
  assert.equal(created.resource.indexingPolicy.indexingMode, "consistent");
  assert.equal(await status(database.containers.create({ id: "orders", partitionKey: "/customer" })), 409);
  assert.equal((await database.containers.createIfNotExists({ id: "orders", partitionKey: "/customer" })).statusCode, 200);

  const container = database.container("orders");
  assert.deepEqual((await container.getPartitionKeyDefinition()).resource.paths, ["/customer"]);
  assert.deepEqual((await database.containers.readAll().fetchAll()).resources.map((c) => c.id), ["orders"]);
  const found = await database.containers.query("SELECT * FROM root r WHERE r.id = 'orders'").fetchAll();
  assert.equal(found.resources.length, 1);

  const changed = await container.replace({ ...created.resource, defaultTtl: -1 });
  assert.equal(changed.statusCode, 200);
  assert.equal((await container.read()).resource.defaultTtl, -1);
  assert.equal(await status(container.replace({ ...created.resource, partitionKey: { paths: ["/other"], version: 2 } })), 400);

  assert.equal((await container.delete()).statusCode, 204);
  assert.equal(await status(container.read()), 404);
});

test("a container's policies come back as they were given", async (t) => {
  const database = await scratchDatabase(t, client);
  const given = {
    id: "policies",
    partitionKey: { paths: ["/tenant", "/user"], kind: "MultiHash", version: 2 },
    uniqueKeyPolicy: { uniqueKeys: [{ paths: ["/email"] }] },
    conflictResolutionPolicy: { mode: "LastWriterWins", conflictResolutionPath: "/_ts" },
    computedProperties: [{ name: "lower", query: "SELECT VALUE LOWER(c.name) FROM c" }],
    vectorEmbeddingPolicy: { vectorEmbeddings: [{ path: "/v", dataType: "float32", dimensions: 3, distanceFunction: "cosine" }] },
    fullTextPolicy: { defaultLanguage: "en-US", fullTextPaths: [{ path: "/text", language: "en-US" }] },
  };
  await database.containers.create(given);
  const { resource } = await database.container("policies").read();
  for (const name of Object.keys(given)) {
    if (name === "conflictResolutionPolicy") assert.equal(resource[name].mode, given[name].mode);
    else assert.deepEqual(resource[name], given[name], name);
  }
});

test("a container has several physical partitions, whose ranges cover every key once", async (t) => {
  const database = await scratchDatabase(t, client);
  const { container } = await database.containers.create({ id: "ranges", partitionKey: { paths: ["/pk"], version: 2 } });
  const { resources } = await container.readPartitionKeyRanges().fetchAll();
  assert.equal(resources.length, 4);
  const sorted = resources.toSorted((a, b) => (a.minInclusive < b.minInclusive ? -1 : 1));
  assert.equal(sorted[0].minInclusive, "");
  assert.equal(sorted.at(-1).maxExclusive, "FF");
  for (let i = 1; i < sorted.length; i++) assert.equal(sorted[i].minInclusive, sorted[i - 1].maxExclusive);
  assert.equal((await container.getFeedRanges()).length, 4);
});

test("throughput: read and replace an offer, manual and autoscale", async (t) => {
  const database = await scratchDatabase(t, client);
  await database.containers.create({ id: "manual", partitionKey: "/pk", throughput: 500 });
  const { resource, offer } = await database.container("manual").readOffer();
  assert.equal(resource.content.offerThroughput, 500);
  assert.equal(resource.offerVersion, "V2");

  resource.content.offerThroughput = 700;
  const replaced = await client.offer(offer.id).replace(resource);
  assert.equal(replaced.statusCode, 200);
  assert.equal((await client.offer(offer.id).read()).resource.content.offerThroughput, 700);
  assert.ok((await client.offers.readAll().fetchAll()).resources.some((o) => o.id === offer.id));

  await database.containers.create({ id: "auto", partitionKey: "/pk", maxThroughput: 4000 });
  const auto = await database.container("auto").readOffer();
  assert.equal(auto.resource.content.offerAutopilotSettings.maxThroughput, 4000);

  // A container without throughput of its own in a database without any has the default, as the service gives it.
  await database.containers.create({ id: "plain", partitionKey: "/pk" });
  assert.equal((await database.container("plain").readOffer()).resource.content.offerThroughput, 400);
});
