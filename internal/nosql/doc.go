// Package nosql is the query language of Azure Cosmos DB for NoSQL: lexer, syntax tree, parser, printer and name
// resolution. It is the only parser of the project; the driver, the builder, the in-process server and its query
// planner all read queries with it.
//
// Two dialects are understood. [Cosmos] is the service's own grammar and nothing else. [SQL] adds what users of other
// databases write; internal/statement turns such a tree into one that the service accepts.
package nosql
