// Starts the npm server @vercel/cosmosdb-server on a free port of loopback and prints its address. Connections are kept
// alive, so that comparisons measure the server and not the handshakes.
import cosmosdb from "@vercel/cosmosdb-server";

const server = cosmosdb.createHttpServer({ keepAlive: true });
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
process.on("SIGTERM", () => process.exit(0));
