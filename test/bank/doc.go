// Package bank moves money between accounts that live in several containers, by distributed transactions through cosmos
// and through database/sql, while connections break, answers are lost, partitions split and processes end. At the end
// the sum has not changed, no transfer was applied twice, and every report was true.
package bank
