// Package cosmos works with the documents of Azure Cosmos DB for NoSQL.
package cosmos
