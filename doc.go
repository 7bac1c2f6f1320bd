// Package cosmossql lets Go programs use Azure Cosmos DB for NoSQL through database/sql.
package cosmossql
