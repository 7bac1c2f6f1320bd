package cosmos

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// FromDB returns the client that a *sql.DB opened with this module's driver uses: the same connections, sessions and
// caches. The client belongs to db: db.Close closes it. Of a driver that wraps this one, the wrapped connection is
// found through its method Raw or Unwrap, which returns a driver.Conn. A db of any other driver is an error.
//
// FromDB holds a connection of db while it looks: with SetMaxOpenConns(1) and a transaction open it would wait until
// ctx ends; use [FromConn] then.
func FromDB(ctx context.Context, db *sql.DB) (*Client, error) {
	if db == nil {
		return nil, errors.New("cosmos: FromDB was given a nil *sql.DB")
	}
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

// FromConn is [FromDB] for one connection, which stays the caller's.
func FromConn(conn *sql.Conn) (*Client, error) {
	if conn == nil {
		return nil, errors.New("cosmos: FromConn was given a nil *sql.Conn")
	}
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
