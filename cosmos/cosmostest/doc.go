// Package cosmostest starts a Cosmos DB server inside a test or a program, as httptest starts a web server:
//
//	srv := cosmostest.NewServer()
//	defer srv.Close()
//	db, err := sql.Open("cosmos", srv.DSN("shop"))
//
// In a test [RunT] closes it, and a container needs no more than its partition key:
//
//	c := cosmostest.RunT(t).Container("/customer")
//	db, err := sql.Open("cosmos", c.DSN())
//
// [Data] and [LoadFile] fill a server at the start, [Server.Documents] and [Server.Dump] show what is in it, and
// [Server.Advance] moves its clock. Package script lets it run JavaScript, package explorer shows it in a browser, and
// examples/server is it as a program, and package control moves its world from other languages. docs/testing.md has a
// recipe for each of these.
//
// The server speaks the service's REST protocol over loopback HTTP, so any Cosmos DB client can use it. Everything is
// in memory and gone with Close. A container has several physical partitions, so that a test meets what production
// meets: queries that must be merged, ranges, continuation tokens. More throughput splits partitions, time to live ends
// documents (see [Clock]), and a server can be told to misbehave: see [Server.Inject], [Server.Split] and
// [Server.StopRegion]. Its regions have a state of their own each, lag, come, go and fail over: see [Regions],
// [Server.PauseReplication] and [Server.MoveWriteRegion]. One port serves all of them with [OnePort].
//
// It is not kinder than the service: what production refuses, it refuses, and answers in the same words. Options loosen
// it: [WithoutCompositeIndexes], [ServeAll], [Partitions] of 1.
//
// # What is not simulated
//
// It is for development and tests, not for keeping data. Where it is kinder than the service, or other:
//
//   - JavaScript: stored procedures, triggers and user-defined functions run where cosmos/cosmostest/script is imported
//     and its option given; without it they can be stored, and executing them is refused.
//   - Indexes: policies are checked and kept, and every query sees every document. Indexing mode none and excluded
//     paths make no difference but to charges and index metrics, the indexing directive of a write none; of missing
//     indexes only the composite ones are told of. A new policy is in force at once. Global secondary indexes follow
//     their source at once, but for documents whose time is over, which go with the next write of their range; they are
//     refused where several regions write.
//   - Distance: regions lag by [ReplicationDelay] and [Server.PauseReplication] only. Definitions, scripts and
//     throughput are in every region at once. A stored procedure that decides conflicts runs with JavaScript only, at
//     the next request for documents of the container; without, conflicts are left in the feed.
//   - Time: query metrics count truly but their times are made up. Offers are replaced at once.
//   - Storage: logical partitions do not fill up, and physical ones are full where [PartitionSize] says so.
//   - Cost: request charges are those of the service where its formula is known, for documents of up to 1 KB; beyond
//     that, and for queries of other forms, they are estimates. [Throttle] holds requests to them.
//   - Headers: priority levels, throughput buckets, the cache of a dedicated gateway, scans allowed without an index
//     and limits of a token's size have no effect.
//   - Keys and tokens: every scope of Entra ID will do, and identities have no roles.
//   - Transport: neither direct mode nor Gateway 2.0. Answers are text, also where a client would take binary JSON.
//
// Pages of a sorted query are made anew when there have been writes in between, and go on behind the last row given.
package cosmostest
