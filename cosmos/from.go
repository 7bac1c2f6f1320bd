package cosmos

import (
	"context"
	"database/sql"
)

// FromDB returns the client that a *sql.DB opened with this module's driver uses: the same connections and sessions.
// It belongs to db, whose Close closes it.
func FromDB(ctx context.Context, db *sql.DB) (*Client, error) { return nil, errUnbuilt }

// FromConn is [FromDB] for one connection. It works while a transaction is open on conn.
func FromConn(conn *sql.Conn) (*Client, error) { return nil, errUnbuilt }
