// Package compat runs the libraries that programs put on top of database/sql against the driver: sqlx, scany, squirrel,
// otelsql, and programs in the manner of gocosmos and usql. It is a module of its own so that none of them reaches the
// go.mod of a user. Run it on both supported releases:
//
//	go test ./...
//	GOTOOLCHAIN=go1.27.0 go test ./...
package compat
