package mistakes

import (
	"context"
	"database/sql/driver"

	"github.com/cosmossql/cosmossql/cosmos"
)

// otherDriver is a driver that is not ours.
type otherDriver struct{}

func (otherDriver) Connect(context.Context) (driver.Conn, error) { return otherDriver{}, nil }
func (otherDriver) Driver() driver.Driver                        { return nil }
func (otherDriver) Prepare(string) (driver.Stmt, error)          { return nil, driver.ErrSkip }
func (otherDriver) Close() error                                 { return nil }
func (otherDriver) Begin() (driver.Tx, error)                    { return nil, driver.ErrSkip }

func ignore(context.Context, *cosmos.Changes) error { return nil }

func stop(context.Context, cosmos.ProcessorFailure) cosmos.ProcessorAction {
	return cosmos.ProcessorStop
}
