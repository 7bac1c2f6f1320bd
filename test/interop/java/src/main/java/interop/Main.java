package interop;

import com.azure.cosmos.ChangeFeedProcessor;
import com.azure.cosmos.ChangeFeedProcessorBuilder;
import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosClient;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.cosmos.CosmosContainer;
import com.azure.cosmos.CosmosDatabase;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.*;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;

/** The official Java SDK, azure-cosmos, against the in-process server: named steps, one after the other. */
public final class Main {
    private static final ObjectMapper JSON = new ObjectMapper();
    static final String NAME = "java" + UUID.randomUUID().toString().substring(0, 8);
    private static int passed;
    private static final List<String> failed = new ArrayList<>();

    interface Step { void run() throws Exception; }

    static void step(String title, Step s) {
        try {
            s.run();
            passed++;
            System.out.println("ok   azure-cosmos, Java: " + title);
        } catch (Throwable e) {
            failed.add(title);
            System.out.println("FAIL azure-cosmos, Java: " + title + ": " + e);
            if (e.getStackTrace().length > 0) {
                Arrays.stream(e.getStackTrace()).filter(f -> f.getClassName().startsWith("interop")).limit(2).forEach(f -> System.out.println("     " + f));
            }
        }
    }

    static void equal(Object want, Object have) {
        if (!Objects.equals(want, have)) {
            throw new AssertionError("want " + want + ", have " + have);
        }
    }

    static void fails(int status, Step s) throws Exception {
        try {
            s.run();
        } catch (CosmosException e) {
            equal(status, e.getStatusCode());
            return;
        } catch (RuntimeException e) { // of several ranges
            for (Throwable t : reactor.core.Exceptions.unwrapMultiple(e)) {
                if (t instanceof CosmosException) {
                    equal(status, ((CosmosException) t).getStatusCode());
                    return;
                }
            }
            throw e;
        }
        throw new AssertionError("no error, want " + status);
    }

    static ObjectNode doc(String id, String pk, Object... more) {
        ObjectNode n = JSON.createObjectNode().put("id", id).put("pk", pk);
        for (int i = 0; i < more.length; i += 2) {
            n.set((String) more[i], JSON.valueToTree(more[i + 1]));
        }
        return n;
    }

    static PartitionKey key(String pk) { return new PartitionKey(pk); }

    static List<JsonNode> rows(CosmosContainer c, String text, SqlParameter... params) {
        // Page by page: as a stream, this SDK now and then hands out pages that it has merged in another order.
        List<JsonNode> out = new ArrayList<>();
        for (FeedResponse<JsonNode> page : c.queryItems(new SqlQuerySpec(text, params), new CosmosQueryRequestOptions(), JsonNode.class).iterableByPage()) {
            out.addAll(page.getResults());
        }
        return out;
    }

    static List<Integer> numbers(CosmosContainer c, String text, SqlParameter... params) {
        return rows(c, text, params).stream().map(JsonNode::asInt).collect(Collectors.toList());
    }

    static CosmosClientBuilder builder() { return builder(System.getenv("COSMOS_ENDPOINT"), System.getenv("COSMOS_KEY")); }

    static CosmosClientBuilder builder(String endpoint, String key) {
        return new CosmosClientBuilder().endpoint(endpoint).key(key).gatewayMode().contentResponseOnWriteEnabled(true);
    }

    public static void main(String[] args) throws Exception {
        CosmosClient client = builder().buildClient();
        client.createDatabase(NAME);
        CosmosDatabase db = client.getDatabase(NAME);
        step("create a database again: 409", () -> fails(409, () -> client.createDatabase(NAME)));
        step("if it is not there", () -> equal(200, client.createDatabaseIfNotExists(NAME).getStatusCode()));
        step("databases, listed", () -> equal(true, client.readAllDatabases().stream().anyMatch(d -> d.getId().equals(NAME))));
        step("a container with an index of two keys", () -> {
            CosmosContainerProperties p = new CosmosContainerProperties("items", "/pk");
            IndexingPolicy policy = new IndexingPolicy();
            policy.setCompositeIndexes(List.of(List.of(new CompositePath().setPath("/m").setOrder(CompositePathSortOrder.ASCENDING),
                new CompositePath().setPath("/n").setOrder(CompositePathSortOrder.DESCENDING))));
            p.setIndexingPolicy(policy);
            equal(201, db.createContainer(p, ThroughputProperties.createManualThroughput(1000)).getStatusCode());
        });
        CosmosContainer items = db.getContainer("items");
        step("its definition", () -> {
            CosmosContainerProperties p = items.read().getProperties();
            equal(List.of("/pk"), p.getPartitionKeyDefinition().getPaths());
            equal("/\"_etag\"/?", p.getIndexingPolicy().getExcludedPaths().get(0).getPath());
        });
        step("its throughput, changed and made autoscale", () -> {
            equal(1000, items.readThroughput().getProperties().getManualThroughput());
            equal(1200, items.replaceThroughput(ThroughputProperties.createManualThroughput(1200)).getProperties().getManualThroughput());
        });
        step("a container with autoscale", () -> {
            db.createContainer(new CosmosContainerProperties("auto", "/pk"), ThroughputProperties.createAutoscaledThroughput(4000));
            equal(4000, db.getContainer("auto").readThroughput().getProperties().getAutoscaleMaxThroughput());
            db.getContainer("auto").delete();
        });
        step("a hierarchical key, whose version this SDK writes by name", () -> {
            PartitionKeyDefinition d = new PartitionKeyDefinition();
            d.setKind(PartitionKind.MULTI_HASH);
            d.setVersion(PartitionKeyDefinitionVersion.V2);
            d.setPaths(List.of("/tenant", "/user", "/day"));
            equal(201, db.createContainer(new CosmosContainerProperties("tree", d)).getStatusCode());
            equal(PartitionKind.MULTI_HASH, db.getContainer("tree").read().getProperties().getPartitionKeyDefinition().getKind());
        });
        CosmosContainer tree = db.getContainer("tree");
        step("a container of time to live and unique keys", () -> {
            CosmosContainerProperties p = new CosmosContainerProperties("unique", "/pk");
            p.setDefaultTimeToLiveInSeconds(-1);
            UniqueKeyPolicy u = new UniqueKeyPolicy();
            u.setUniqueKeys(List.of(new UniqueKey(List.of("/email"))));
            p.setUniqueKeyPolicy(u);
            db.createContainer(p);
            CosmosContainer c = db.getContainer("unique");
            c.createItem(doc("1", "p", "email", "a@b"));
            fails(409, () -> c.createItem(doc("2", "p", "email", "a@b")));
            c.createItem(doc("2", "q", "email", "a@b"));
        });
        step("a vector policy", () -> {
            CosmosContainerProperties p = new CosmosContainerProperties("vectors", "/pk");
            CosmosVectorEmbedding v = new CosmosVectorEmbedding();
            v.setPath("/v");
            v.setDataType(CosmosVectorDataType.FLOAT32);
            v.setEmbeddingDimensions(3);
            v.setDistanceFunction(CosmosVectorDistanceFunction.COSINE);
            CosmosVectorEmbeddingPolicy policy = new CosmosVectorEmbeddingPolicy();
            policy.setCosmosVectorEmbeddings(List.of(v));
            p.setVectorEmbeddingPolicy(policy);
            db.createContainer(p);
        });
        step("a key path without a slash: 400", () -> fails(400, () -> db.createContainer(new CosmosContainerProperties("x", "/a b"))));
        step("a missing container: 404", () -> fails(404, () -> db.getContainer("none").read()));

        step("create and read", () -> {
            CosmosItemResponse<ObjectNode> r = items.createItem(doc("1", "a", "n", 1));
            equal(201, r.getStatusCode());
            equal(true, r.getRequestCharge() > 6 && r.getSessionToken() != null && r.getActivityId() != null);
            equal(r.getETag(), items.readItem("1", key("a"), ObjectNode.class).getETag());
        });
        step("create it again: 409", () -> fails(409, () -> items.createItem(doc("1", "a"))));
        step("read what is not there: 404", () -> fails(404, () -> items.readItem("none", key("a"), ObjectNode.class)));
        step("keys of every type", () -> {
            Object[] values = {1.5, true, "", "é", 7};
            for (Object v : values) {
                ObjectNode n = JSON.createObjectNode().put("id", "k");
                n.set("pk", JSON.valueToTree(v));
                items.upsertItem(n, new PartitionKey(v), null);
                items.deleteItem("k", new PartitionKey(v), null);
            }
            ObjectNode none = JSON.createObjectNode().put("id", "k");
            items.createItem(none, PartitionKey.NONE, null);
            equal("k", items.readItem("k", PartitionKey.NONE, ObjectNode.class).getItem().get("id").asText());
        });
        step("ids that need escaping", () -> {
            for (String id : List.of("a b", "50%", "x+y", "é", "a&b=c", "q'\"")) {
                items.createItem(doc(id, "odd"));
                equal(id, items.readItem(id, key("odd"), ObjectNode.class).getItem().get("id").asText());
                items.deleteItem(id, key("odd"), null);
            }
        });
        step("upsert and replace under an etag", () -> {
            String etag = items.upsertItem(doc("1", "a", "n", 2)).getETag();
            CosmosItemRequestOptions o = new CosmosItemRequestOptions().setIfMatchETag(etag);
            items.replaceItem(doc("1", "a", "n", 3), "1", key("a"), o);
            fails(412, () -> items.replaceItem(doc("1", "a", "n", 4), "1", key("a"), o));
        });
        step("read what has not changed: 304", () -> {
            String etag = items.readItem("1", key("a"), ObjectNode.class).getETag();
            CosmosItemRequestOptions o = new CosmosItemRequestOptions().setIfNoneMatchETag(etag);
            try {
                equal(304, items.readItem("1", key("a"), o, ObjectNode.class).getStatusCode());
            } catch (CosmosException e) {
                equal(304, e.getStatusCode());
            }
        });
        step("patch, and under a condition", () -> {
            CosmosPatchOperations p = CosmosPatchOperations.create().increment("/n", 5).set("/s", "x").add("/list", List.of(1));
            equal(8, items.patchItem("1", key("a"), p, ObjectNode.class).getItem().get("n").asInt());
            CosmosPatchItemRequestOptions o = new CosmosPatchItemRequestOptions();
            o.setFilterPredicate("from c where c.n = 1");
            fails(412, () -> items.patchItem("1", key("a"), p, o, ObjectNode.class));
        });
        step("delete, twice", () -> {
            items.createItem(doc("gone", "a"));
            equal(204, items.deleteItem("gone", key("a"), null).getStatusCode());
            fails(404, () -> items.deleteItem("gone", key("a"), null));
        });
        step("a batch, and one that fails", () -> {
            CosmosBatch b = CosmosBatch.createCosmosBatch(key("b"));
            b.createItemOperation(doc("b1", "b"));
            b.upsertItemOperation(doc("b2", "b", "n", 1));
            b.readItemOperation("b1");
            equal(true, items.executeCosmosBatch(b).isSuccessStatusCode());
            CosmosBatch again = CosmosBatch.createCosmosBatch(key("b"));
            again.createItemOperation(doc("b3", "b"));
            again.createItemOperation(doc("b1", "b"));
            CosmosBatchResponse r = items.executeCosmosBatch(again);
            equal(List.of(424, 409), r.getResults().stream().map(CosmosBatchOperationResult::getStatusCode).collect(Collectors.toList()));
            double sum = r.getResults().stream().mapToDouble(CosmosBatchOperationResult::getRequestCharge).sum();
            equal(true, Math.abs(sum - r.getRequestCharge()) < 0.1);
        });
        step("2,000 documents in bulk", () -> {
            List<CosmosItemOperation> ops = IntStream.range(0, 2000)
                .mapToObj(i -> CosmosBulkOperations.getUpsertItemOperation(doc("d" + i, "p" + i % 37, "n", i, "m", i % 5), key("p" + i % 37))).collect(Collectors.toList());
            for (CosmosBulkOperationResponse<Object> r : items.executeBulkOperations(ops)) {
                equal(201, r.getResponse().getStatusCode());
            }
        });
        step("read many", () -> {
            List<CosmosItemIdentity> ids = IntStream.range(0, 300).mapToObj(i -> new CosmosItemIdentity(key("p" + i % 37), "d" + i)).collect(Collectors.toList());
            equal(300, items.readMany(ids, JsonNode.class).getResults().size());
        });

        String all = " FROM c WHERE IS_DEFINED(c.m)";
        step("every document", () -> equal(2000, rows(items, "SELECT *" + all).size()));
        step("in one partition, with parameters", () -> equal(List.of(3, 40),
            numbers(items, "SELECT VALUE c.n FROM c WHERE c.pk = @pk AND c.n < @n ORDER BY c.n", new SqlParameter("@pk", "p3"), new SqlParameter("@n", 50))));
        step("ORDER BY, forwards and backwards", () -> {
            List<Integer> up = numbers(items, "SELECT VALUE c.n" + all + " ORDER BY c.n"), down = numbers(items, "SELECT VALUE c.n" + all + " ORDER BY c.n DESC");
            counted("up", up);
            counted("down", down);
        });
        step("ORDER BY two keys", () -> {
            List<JsonNode> got = rows(items, "SELECT c.m, c.n" + all + " ORDER BY c.m, c.n DESC");
            for (int i = 1; i < got.size(); i++) {
                int a = got.get(i - 1).get("m").asInt() * 10000 - got.get(i - 1).get("n").asInt(), b = got.get(i).get("m").asInt() * 10000 - got.get(i).get("n").asInt();
                if (a >= b) {
                    throw new AssertionError("row " + i + " of " + got.size() + ": " + got.get(i - 1) + " before " + got.get(i));
                }
            }
            equal(2000, got.size());
        });
        step("ORDER BY two keys without their index: 400", () -> fails(400, () -> rows(items, "SELECT * FROM c ORDER BY c.n, c.id")));
        step("TOP", () -> equal(List.of(0, 1, 2), numbers(items, "SELECT TOP 3 VALUE c.n" + all + " ORDER BY c.n")));
        step("OFFSET LIMIT", () -> equal(List.of(1997, 1998), numbers(items, "SELECT VALUE c.n" + all + " ORDER BY c.n OFFSET 1997 LIMIT 2")));
        step("aggregates", () -> {
            equal(List.of(2000), numbers(items, "SELECT VALUE COUNT(1)" + all));
            equal(List.of(1999000), numbers(items, "SELECT VALUE SUM(c.n)" + all));
            equal(List.of(0), numbers(items, "SELECT VALUE MIN(c.n)" + all));
            equal(List.of(1999), numbers(items, "SELECT VALUE MAX(c.n)" + all));
            equal(999.5, rows(items, "SELECT VALUE AVG(c.n)" + all).get(0).asDouble());
        });
        step("GROUP BY", () -> {
            Map<Integer, Integer> got = rows(items, "SELECT c.m, COUNT(1) AS k" + all + " GROUP BY c.m").stream()
                .collect(Collectors.toMap(r -> r.get("m").asInt(), r -> r.get("k").asInt()));
            equal(Map.of(0, 400, 1, 400, 2, 400, 3, 400, 4, 400), got);
        });
        step("DISTINCT", () -> equal(Set.of(0, 1, 2, 3, 4), new HashSet<>(numbers(items, "SELECT DISTINCT VALUE c.m" + all))));
        step("JOIN", () -> {
            items.upsertItem(doc("list", "a", "list", List.of(1, 2, 3)));
            equal(List.of(1, 2, 3), numbers(items, "SELECT VALUE t FROM c JOIN t IN c.list WHERE c.id = 'list'"));
        });
        step("pages of seven, each from the token of the one before", () -> {
            List<Integer> got = new ArrayList<>();
            String token = null;
            do {
                Iterator<FeedResponse<JsonNode>> pages = items.queryItems("SELECT VALUE c.n" + all + " AND c.n < 200 ORDER BY c.n",
                    new CosmosQueryRequestOptions(), JsonNode.class).iterableByPage(token, 7).iterator();
                if (!pages.hasNext()) {
                    break;
                }
                FeedResponse<JsonNode> page = pages.next();
                page.getResults().forEach(r -> got.add(r.asInt()));
                token = page.getContinuationToken();
            } while (token != null);
            equal(IntStream.range(0, 200).boxed().collect(Collectors.toList()), got);
        });
        step("a vector search, and ranks with whole weights", () -> {
            CosmosContainer vectors = db.getContainer("vectors");
            for (int i = 0; i < 8; i++) {
                vectors.createItem(doc("v" + i, "p" + i % 3, "v", List.of(1, i, 0), "t", "word" + i));
            }
            equal(List.of("v0", "v1"), rows(vectors, "SELECT TOP 2 VALUE c.id FROM c ORDER BY VectorDistance(c.v, [1, 0, 0])").stream().map(JsonNode::asText).collect(Collectors.toList()));
            equal(2, rows(vectors, "SELECT TOP 2 c.id FROM c ORDER BY RANK RRF(FullTextScore(c.t, 'word1'), VectorDistance(c.v, [1, 0, 0]), [2, 1])").size());
        });
        step("a prefix of a hierarchical key", () -> {
            for (int i = 0; i < 12; i++) {
                tree.createItem(JSON.createObjectNode().put("id", "t" + i).put("tenant", "t" + i % 2).put("user", "u" + i % 3).put("day", i));
            }
            CosmosQueryRequestOptions o = new CosmosQueryRequestOptions().setPartitionKey(new PartitionKeyBuilder().add("t1").build());
            equal(6L, tree.queryItems("SELECT * FROM c", o, JsonNode.class).stream().count());
            equal("t5", tree.readItem("t5", new PartitionKeyBuilder().add("t1").add("u2").add(5).build(), ObjectNode.class).getItem().get("id").asText());
        });
        step("a syntax error: 400", () -> fails(400, () -> rows(items, "SELECT * FORM c")));
        step("query metrics when asked", () -> {
            CosmosQueryRequestOptions o = new CosmosQueryRequestOptions().setQueryMetricsEnabled(true).setPartitionKey(key("p3"));
            items.queryItems("SELECT * FROM c", o, JsonNode.class).iterableByPage().forEach(p -> equal(true, p.getCosmosDiagnostics().toString().contains("retrievedDocumentCount")));
        });

        CosmosAsyncClient async = builder().buildAsyncClient();
        CosmosAsyncContainer feed = async.getDatabase(NAME).getContainer("items");
        String[] token = {null};
        step("a change feed, pulled from the beginning", () -> {
            int n = 0;
            for (FeedResponse<JsonNode> p : feed.queryChangeFeed(CosmosChangeFeedRequestOptions.createForProcessingFromBeginning(FeedRange.forFullRange()), JsonNode.class).byPage().toIterable()) {
                n += p.getResults().size();
                token[0] = p.getContinuationToken();
                if (p.getResults().isEmpty()) {
                    break;
                }
            }
            equal(true, n > 2000);
        });
        step("and on, over ranges that have split", () -> {
            int before = feed.getFeedRanges().block().size();
            items.replaceThroughput(ThroughputProperties.createManualThroughput(100000)); // ten ranges
            equal(true, before <= 10);
            for (int i = 0; i < 50; i++) {
                items.upsertItem(doc("late" + i, "p" + i));
            }
            int n = 0;
            for (FeedResponse<JsonNode> p : feed.queryChangeFeed(CosmosChangeFeedRequestOptions.createForProcessingFromContinuation(token[0]), JsonNode.class).byPage().toIterable()) {
                n += p.getResults().size();
                if (n >= 50) {
                    break;
                }
            }
            equal(50, n);
            equal(2000, rows(items, "SELECT *" + all).size());
        });
        step("a processor with two hosts, over a split", () -> {
            db.createContainer(new CosmosContainerProperties("source", "/pk"), ThroughputProperties.createManualThroughput(400));
            db.createContainer(new CosmosContainerProperties("leases", "/id"));
            CosmosAsyncContainer source = async.getDatabase(NAME).getContainer("source"), leases = async.getDatabase(NAME).getContainer("leases");
            Set<String> seen = ConcurrentHashMap.newKeySet(), hosts = ConcurrentHashMap.newKeySet();
            List<ChangeFeedProcessor> running = new ArrayList<>();
            for (String host : List.of("one", "two")) {
                ChangeFeedProcessorOptions o = new ChangeFeedProcessorOptions().setFeedPollDelay(Duration.ofMillis(100)).setStartFromBeginning(true)
                    .setLeaseAcquireInterval(Duration.ofSeconds(1)).setLeaseRenewInterval(Duration.ofSeconds(1)).setLeaseExpirationInterval(Duration.ofSeconds(5));
                ChangeFeedProcessor p = new ChangeFeedProcessorBuilder().hostName(host).feedContainer(source).leaseContainer(leases).options(o)
                    .handleChanges(docs -> docs.forEach(d -> { seen.add(d.get("id").asText()); hosts.add(host); })).buildChangeFeedProcessor();
                p.start().block();
                running.add(p);
            }
            try {
                Flux.range(0, 100).flatMap(i -> source.createItem(doc("s" + i, "p" + i))).blockLast();
                await(() -> seen.size() == 100, 60);
                db.getContainer("source").replaceThroughput(ThroughputProperties.createManualThroughput(100000));
                Flux.range(100, 100).flatMap(i -> source.createItem(doc("s" + i, "p" + i))).blockLast();
                await(() -> seen.size() == 200, 60);
            } finally {
                running.forEach(p -> p.stop().block());
            }
        });
        step("throughput control of a group", () -> {
            com.azure.cosmos.ThroughputControlGroupConfig group = new com.azure.cosmos.ThroughputControlGroupConfigBuilder().groupName("g").targetThroughput(200).defaultControlGroup(false).build();
            feed.enableLocalThroughputControlGroup(group);
            CosmosItemRequestOptions o = new CosmosItemRequestOptions();
            o.setThroughputControlGroupName("g");
            for (int i = 0; i < 10; i++) {
                feed.upsertItem(doc("tc" + i, "a"), key("a"), o).block();
            }
        });
        step("users and permissions", () -> {
            db.createUser(new CosmosUserProperties().setId("ann"));
            CosmosPermissionProperties p = new CosmosPermissionProperties().setId("read").setPermissionMode(PermissionMode.READ).setContainerName("items");
            com.azure.cosmos.CosmosAsyncUser ann = async.getDatabase(NAME).getUser("ann");
            ann.createPermission(p, null).block();
            equal(true, ann.getPermission("read").read(null).block().getProperties().getToken().startsWith("type=resource"));
        });
        step("delete every document of a key", () -> {
            items.deleteAllItemsByPartitionKey(key("p5"), null);
            equal(0, rows(items, "SELECT * FROM c WHERE c.pk = 'p5'").size());
        });
        step("replace a container: time to live", () -> {
            CosmosContainerProperties p = items.read().getProperties();
            p.setDefaultTimeToLiveInSeconds(1000);
            equal(1000, items.replace(p).getProperties().getDefaultTimeToLiveInSeconds());
        });
        Spring.steps();
        step("delete the database", () -> {
            equal(204, db.delete().getStatusCode());
            fails(404, () -> db.read());
        });
        async.close();
        client.close();
        end();
    }

    static void end() {
        System.out.printf("azure-cosmos, Java: %d steps passed, %d failed%n", passed, failed.size());
        System.exit(failed.isEmpty() ? 0 : 1);
    }

    /** Checks that a list counts from 0, and says where it does not. */
    static void counted(String what, List<Integer> list) {
        if (what.equals("down")) {
            list = new ArrayList<>(list);
            Collections.reverse(list);
        }
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) != i) {
                throw new AssertionError(what + ": row " + i + " of " + list.size() + ": " + list.subList(Math.max(0, i - 2), Math.min(list.size(), i + 6)));
            }
        }
        equal(2000, list.size());
    }

    interface Condition { boolean holds(); }

    static void await(Condition c, int seconds) throws InterruptedException {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        while (!c.holds()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + seconds + " s");
            }
            Thread.sleep(50);
        }
    }
}
