import { CosmosClient } from "@azure/cosmos";

const client = new CosmosClient({
  endpoint: process.env.COSMOS_ENDPOINT ?? "http://127.0.0.1:8081",
  key: "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
});
const shop = client.database("shop");
const query = "SELECT c.name, udf.withTax(c.price) AS price FROM c WHERE c.stock > 0 ORDER BY c.price";
for (const row of (await shop.container("products").items.query(query).fetchAll()).resources) {
  console.log(row.name, row.price);
}
const shipped = await shop.container("orders").scripts.storedProcedure("ship").execute("bob", ["1"]);
console.log(shipped.resource.shipped);
