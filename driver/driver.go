// Package driver registers the database/sql driver "cosmos" for Azure Cosmos DB for NoSQL.
//
//	import _ "github.com/cosmossql/cosmossql/driver"
//
//	db, err := sql.Open("cosmos", "AccountEndpoint=https://…;AccountKey=…;Database=shop")
//
// [ParseDSN] says what a data source name may hold, [Config] what each option does. [OpenConnector] opens a Config that
// was put together in code, and [NewConnector] shares a client made with package cosmos.
//
// How statements, parameters, columns and transactions work is told in package
// [github.com/cosmossql/cosmossql].
package driver

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"

	"github.com/cosmossql/cosmossql"
)

// Name is the name of the driver for [sql.Open].
const Name = "cosmos"

// Another module may have taken the name; registering twice would panic. A program that imports both opens this one
// with sql.OpenDB and a Connector.
func init() {
	if !slices.Contains(sql.Drivers(), Name) {
		sql.Register(Name, Driver{})
	}
}

var _ driver.DriverContext = Driver{}

// Driver is the database/sql driver. A program rarely names it: importing the package registers it.
type Driver struct{}

// Open opens one connection with a client of its own. database/sql uses OpenConnector instead, whose connections share
// one.
func (Driver) Open(dsn string) (driver.Conn, error) {
	cfg, err := ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	c, err := OpenConnector(*cfg)
	if err != nil {
		return nil, err
	}
	return soleConn{c.open(), c}, nil
}

// soleConn is a connection that closes its Connector.
type soleConn struct {
	*cosmossql.Conn
	connector *Connector
}

// Close implements [driver.Conn].
func (c soleConn) Close() error { return errors.Join(c.Conn.Close(), c.connector.Close()) }

// OpenConnector reads the DSN and makes a Connector with a client of its own. It sends nothing. Its errors are those of
// [ParseDSN] and [OpenConnector].
func (Driver) OpenConnector(dsn string) (driver.Connector, error) {
	cfg, err := ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	return OpenConnector(*cfg)
}
