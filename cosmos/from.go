package cosmos

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
)

// FromDB returns the client that a *sql.DB opened with this module's driver uses: the same connections, sessions and
// caches. It belongs to db, whose Close closes it. Drivers that wrap this one are seen through when they let
// themselves be unwrapped.
//
// It takes a connection of db for a moment: with SetMaxOpenConns(1) and a transaction open, use [FromConn].
func FromDB(ctx context.Context, db *sql.DB) (*Client, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	client, err := FromConn(conn)
	if closeErr := conn.Close(); err == nil && closeErr != nil {
		return nil, closeErr
	}
	return client, err
}

// FromConn is [FromDB] for one connection.
func FromConn(conn *sql.Conn) (*Client, error) {
	var client *Client
	err := conn.Raw(func(raw any) error {
		for c := raw; c != nil; {
			if own, ok := c.(interface{ CosmosClient() *Client }); ok {
				client = own.CosmosClient()
				return nil
			}
			switch w := c.(type) {
			case interface{ Raw() driver.Conn }:
				c = w.Raw()
			case interface{ Unwrap() driver.Conn }:
				c = w.Unwrap()
			default:
				c = nil
			}
		}
		return fmt.Errorf("cosmos: a connection of type %T does not belong to this module's driver", raw)
	})
	return client, err
}
