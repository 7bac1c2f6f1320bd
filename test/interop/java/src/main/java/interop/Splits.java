package interop;

import com.azure.cosmos.CosmosClient;
import com.azure.cosmos.CosmosContainer;
import com.azure.cosmos.CosmosDatabase;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.*;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The official Java SDK while partitions split. $SPLITTING (test/interop/splitting) moves a split on whenever it has refused a
 * request because of it, so every operation meets every phase. In gateway mode the SDK repeats 410/1002, and 410/1007 in bulk
 * alone: the hosted gateway repeats that by itself.
 */
public final class Splits {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** "2" is in the partition that splits. */
    private static final List<String> IDS = IntStream.range(0, 20).mapToObj(String::valueOf).sorted().collect(Collectors.toList());
    private static final PartitionKey KEY = new PartitionKey("2");
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static String control;
    private static CosmosDatabase db;
    private static int made;

    interface Work { List<String> run(CosmosContainer c); }

    public static void main(String[] args) throws Exception {
        Process server = new ProcessBuilder(System.getenv("SPLITTING")).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        JsonNode ready = JSON.readTree(new BufferedReader(new InputStreamReader(server.getInputStream())).readLine());
        control = ready.get("control").asText();
        CosmosClient client = Main.builder(ready.get("endpoint").asText(), ready.get("key").asText()).buildClient();
        client.createDatabase("splits");
        db = client.getDatabase("splits");
        over("a query", IDS, false, c -> ids(Main.rows(c, "SELECT * FROM c")));
        over("a sorted query", IDS, false, c -> ids(Main.rows(c, "SELECT * FROM c ORDER BY c.id")));
        over("a count", List.of("20"), false, c -> List.of(Main.numbers(c, "SELECT VALUE COUNT(1) FROM c").get(0).toString()));
        over("a query of one key", List.of("2"), false, c -> ids(Main.rows(c, "SELECT * FROM c WHERE c.id = '2'")));
        over("a change feed", IDS, false, c -> {
            List<JsonNode> out = new ArrayList<>();
            c.queryChangeFeed(CosmosChangeFeedRequestOptions.createForProcessingFromBeginning(FeedRange.forFullRange()).setMaxItemCount(3), JsonNode.class)
                .iterableByPage().forEach(p -> out.addAll(p.getResults()));
            return ids(out);
        });
        over("read-many", IDS, false, c -> ids(c.readMany(
            IDS.stream().map(i -> new CosmosItemIdentity(new PartitionKey(i), i)).collect(Collectors.toList()), JsonNode.class).getResults()));
        over("bulk", IDS.stream().map(i -> "200").collect(Collectors.toList()), true, c -> {
            List<String> out = new ArrayList<>();
            c.executeBulkOperations(IDS.stream().map(i -> CosmosBulkOperations.getUpsertItemOperation(doc(i), new PartitionKey(i)))
                .collect(Collectors.toList())).forEach(r -> out.add(String.valueOf(r.getResponse().getStatusCode())));
            return out;
        });
        over("a read", List.of("2"), false, c -> ids(List.of(c.readItem("2", KEY, JsonNode.class).getItem())));
        over("a write", List.of("2"), false, c -> ids(List.of(c.upsertItem(doc("2")).getItem())));
        over("a patch", List.of("2"), false, c -> ids(List.of(c.patchItem("2", KEY, CosmosPatchOperations.create().set("/n", 1), JsonNode.class).getItem())));
        over("a batch", List.of("200"), false, c -> {
            CosmosBatch batch = CosmosBatch.createCosmosBatch(KEY);
            batch.upsertItemOperation(doc("2"));
            return c.executeCosmosBatch(batch).getResults().stream().map(r -> String.valueOf(r.getStatusCode())).collect(Collectors.toList());
        });
        server.getOutputStream().close();
        client.close();
        Main.end();
    }

    static JsonNode doc(String id) { return JSON.createObjectNode().put("id", id); }

    static List<String> ids(List<JsonNode> docs) {
        return docs.stream().map(d -> d.get("id").asText()).sorted().collect(Collectors.toList());
    }

    static JsonNode world(String method, String path, String body) throws Exception {
        HttpRequest r = HttpRequest.newBuilder(URI.create(control + path)).method(method, HttpRequest.BodyPublishers.ofString(body)).build();
        return JSON.readTree(HTTP.send(r, HttpResponse.BodyHandlers.ofString()).body());
    }

    /** Does something while the first partition is copied, when it is served; until it is refused no more; and once more. */
    static void over(String title, List<String> want, boolean repeated, Work work) {
        Main.step(title + " over a split in phases", () -> {
            String id = "c" + ++made, path = "/databases/splits/containers/" + id;
            db.createContainer(new CosmosContainerProperties(id, "/id"));
            CosmosContainer c = db.getContainer(id);
            IDS.forEach(i -> c.createItem(doc(i)));
            world("POST", path + "/split", "{\"range\": \"0\", \"phases\": true}");
            Main.equal(want, work.run(c));
            Main.equal("preparing", world("POST", path + "/changes/0/advance", "").get("phase").asText());
            int refusals = 0;
            for (List<String> got = null; got == null; ) {
                try {
                    got = work.run(c);
                    Main.equal(want, got);
                } catch (CosmosException e) {
                    Main.equal("410/1007", e.getStatusCode() + "/" + e.getSubStatusCode());
                    Main.equal(true, ++refusals < 3);
                }
            }
            Main.equal(repeated, refusals == 0);
            Main.equal("[]", world("GET", path + "/changes", "").get("changes").toString());
            Main.equal(want, work.run(c));
        });
    }
}
