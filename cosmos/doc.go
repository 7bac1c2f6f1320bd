// Package cosmos works with the documents of Azure Cosmos DB for NoSQL. It is the companion of the database/sql driver
// in this module, and shares its connections, sessions and caches. The driver runs statements; this package has typed
// methods for databases, containers, documents, queries, bulk work and change feeds.
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
//	order, resp, err := cosmos.ReadItem[Order](ctx, orders, "42", cosmos.PartitionKey("ada"))
//
//	order.Total = 8
//	_, err = orders.ReplaceItem(ctx, "42", order, cosmos.IfMatch(resp.ETag))
//
// A document is anything encoding/json encodes as an object with a string "id"; raw JSON goes as it is. The partition
// key of a document that is written is taken from the document. Operations that only name a document need
// [PartitionKey], unless it is /id. [Container.PatchItem] changes parts of a document, [Container.TransactionalBatch]
// several documents of a logical partition at once. All of these are an [Operation], which [Container.Do] executes.
//
// # Queries
//
//	for order, err := range cosmos.Query[Order](ctx, orders, "SELECT * FROM o WHERE o.total > @p1", 5) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(order.ID)
//	}
//
// Queries run over all partitions of the container, in parallel. Their answers are merged, so that the result is that
// of a container with one partition. Arguments without a name are @p1, @p2, …; sql.Named gives others. The next pages
// are fetched while this one is read, and memory is bounded by them. A [Pager] returns pages with their continuation
// tokens, and costs what its pages need. [Container.Explain] shows how a query is executed.
//
// # Many documents
//
//	for _, r := range cosmos.Collect(cosmos.CreateMany(ctx, orders, slices.Values(batch))) {
//		if r.Err != nil {
//			log.Printf("order %s: %v", r.ID, r.Err)
//		}
//	}
//
// CreateMany, UpsertMany, ReplaceMany, PatchMany, DeleteMany, [Container.ReadMany] and [Container.Bulk], which takes
// any mixture, send documents together and as fast as the service lets them: the input may be a sequence of any length,
// and one [BulkResult] comes for each operation.
//
// # Changes
//
//	feed := orders.ChangeFeed(cosmos.FromNow())
//	for doc, err := range feed.Watch(ctx, time.Second) {
//
// A [ChangeFeed] reads documents in the order in which they changed, from the beginning, from now, from a time, or from
// where another one stood ([ChangeFeed.Token]). [Container.FeedRanges] shares the work between several, and a
// [ChangeFeedProcessor] between processes.
//
// # Options
//
// An [Option] adjusts a request. It is an argument of a method, stands among the arguments of a query, is carried by a
// context ([WithOptions]) or is a default of the client ([ClientOptions.Options]); an argument wins over the context,
// the context over defaults. As an argument where it has no effect it is an error; elsewhere it is skipped, unless it
// guards or narrows an operation on documents. [WithStats] adds up what requests cost.
//
// # Errors
//
// An answer that is not a success is an [*Error]; the response comes beside it. errors.Is tells its kind. What
// cannot be right is an ErrBadRequest before anything is sent; a nil handle is an error of no kind.
//
//	error                 when                                                        what to do
//	ErrNotFound           404: there is no such document, database, …                 –
//	ErrOwnerNotFound      404/1003: there is no such container or database            create it
//	ErrConflict           409: the id, or a unique key, is taken                      read or upsert
//	ErrPreconditionFailed 412: IfMatch or PatchCondition does not hold                read again, decide
//	ErrContainerRecreated 400/1024, 410/1000: the container was deleted and created   repeat; the client knows it now
//	                      again
//	ErrBadContinuation    a continuation that is damaged or of another query          begin without
//	ErrBadRequest         400: the service, or the client, does not take the request  mend it
//	ErrQueryMemory        a query would hold too much, to sort or to group            narrow it, MaxQueryMemory
//	ErrUnauthorized       401: the credential is not accepted                         mend it
//	ErrForbidden          403: it is, but not for this; or a firewall refuses         mend it
//	ErrTooLarge           413: a document or a batch above 2 MB                       divide it
//	ErrThrottled          429, repeated in vain                                       wait, provision more
//	ErrTimeout, ErrGone   408, 410, repeated in vain                                  again later
//	ErrUnavailable        503, no region reached, 404/1002 and 404/1013               again later
//	ErrUnknownOutcome     besides one of these: the write may have been executed      read, then decide
//	ErrLeaseLost          a processor's lease has gone to another process             –
//	ErrClosed             the client is closed                                        –
//
// A [*BatchError] says which operation of a batch failed, or was refused before anything was sent.
//
// Requests are repeated where that helps and is safe: when the service throttles, when a partition moves, when a
// connection cannot be made, bounded by the context and by [ClientOptions]. A read is also repeated when its answer was
// lost. A write whose answer was lost is repeated only if that cannot change the result (a create, a write under an
// ETag), or if [RepeatWrites] allows it; where nothing then proves what happened, it fails with [ErrUnknownOutcome]. A
// pause that would outlast the context's deadline is not begun.
//
// # Consistency
//
// Under session consistency, the default of accounts, a client reads its own writes: it keeps the session tokens of
// every container and partition, and sends them along. [Response.SessionToken] and the option [SessionToken] carry a
// session to another client. [Consistency] asks for less for one read.
//
// # Testing
//
// Package cosmostest starts a server inside a test, which everything here runs on.
package cosmos
