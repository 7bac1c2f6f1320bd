// Package cosmos works with the documents of Azure Cosmos DB for NoSQL. It is the companion of the database/sql driver in
// this module, and shares its connections, sessions and caches. The driver runs statements; this package has typed methods
// for databases, containers, documents, queries, bulk work and change feeds.
//
// # A client, a database, a container
//
// A [Client] talks to one account. Make one and keep it; it is safe for concurrent use.
//
//	client, err := cosmos.NewClientFromConnectionString(os.Getenv("COSMOS_CONNECTION"), nil)
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//	orders := client.Database("shop").Container("orders")
//
// A program that uses database/sql already has a client: [FromDB] returns it. [NewClient] takes the endpoint and a
// [Credential]: an account key, the token of a permission, or any credential of the Azure SDK ([TokenCredential]).
// [Database] and [Container] are handles: making one sends nothing.
//
// # Documents
//
//	type Order struct {
//		ID       string `json:"id"`
//		Customer string `json:"customer"` // the container's partition key is /customer
//		Total    int    `json:"total"`
//	}
//
//	_, err = orders.CreateItem(ctx, Order{ID: "42", Customer: "ada", Total: 7})
//
//	resp, err := orders.ReadItem(ctx, "42", cosmos.PartitionKey("ada"))
//	var order Order
//	err = resp.Decode(&order)
//
//	order.Total = 8
//	_, err = orders.Replace(ctx, "42", order, cosmos.IfMatch(resp.ETag))
//
// A document is anything encoding/json encodes as an object with a string "id"; raw JSON goes as it is. The partition key
// of a document that is written is taken from the document. Operations that only name a document need [PartitionKey],
// unless it is /id. [Container.PatchItem] changes parts of a document, [Container.TransactionalBatch] several documents of a
// logical partition at once.
//
// # Queries
//
//	for order, err := range cosmos.Query[Order](ctx, orders, `SELECT * FROM o WHERE o.total > @p1 ORDER BY o.total`, 5) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(order.ID)
//	}
//
// Queries run over all partitions of the container, in parallel. Their answers are merged, so that the result is that of a
// container with one partition. Arguments without a name are @p1, @p2, …; sql.Named gives others. The next pages are fetched
// while this one is read, and memory is bounded by them. A [Pager] returns pages with their continuation tokens, and costs
// what its pages need. [Container.Explain] shows how a query is executed.
//
// # Many documents
//
//	for _, r := range cosmos.Collect(orders.CreateMany(ctx, cosmos.Each(batch))) {
//		if r.Err != nil {
//			log.Printf("order %s: %v", r.ID, r.Err)
//		}
//	}
//
// CreateMany, UpsertMany, ReplaceMany, PatchMany, DeleteMany, [Container.ReadMany] and [Container.Bulk], which takes any
// mixture, send documents together and as fast as the service lets them: the input may be a sequence of any length, and
// one [Result] comes for each operation.
//
// # Changes
//
//	feed := orders.ChangeFeed(cosmos.FromNow())
//	for doc, err := range feed.Watch(ctx, time.Second) {
//
// A [ChangeFeed] reads documents in the order in which they changed, from the beginning, from now, from a time, or from
// where another one stood ([ChangeFeed.Token]). [Container.FeedRanges] shares the work between several.
//
// # Options
//
// An [Option] adjusts a request. It is an argument of every method, stands among the arguments of a query, or is carried by
// a context: see [WithOptions]. An argument wins over the context, the context over
// [ClientOptions.Options]. [WithStats] adds up what requests cost.
//
// # Errors
//
// An answer that is not a success is an [*Error]; the response comes beside it. errors.Is tells its kind: [ErrNotFound],
// [ErrConflict], [ErrPreconditionFailed], [ErrThrottled] and so on. An invalid argument is an error before anything is
// sent.
//
// Requests are repeated where that helps and is safe: when the service throttles, when a partition moves, when a
// connection cannot be made, bounded by the context and by [ClientOptions]. A read is also repeated when its answer was
// lost. A write whose answer was lost is not, since it may have been executed: it fails with [ErrUnknownOutcome], and
// [RepeatWrites] allows it to be repeated. A pause that would outlast the context's deadline is not begun.
//
// # Consistency
//
// Under session consistency, the default of accounts, a client reads its own writes: it keeps the session tokens of every
// container and partition, and sends them along. [Response.SessionToken] and the option [SessionToken] carry a session to
// another client. [Consistency] asks for less for one read.
//
// # Testing
//
// Package cosmostest starts a server inside a test, which everything here runs on.
package cosmos
