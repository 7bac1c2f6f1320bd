package cosmossql

import (
	"context"
	"errors"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/execute"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/statement"
)

func patch(context.Context, *cosmos.Container, execute.Op, []cosmos.Option) (*cosmos.Response, error) {
	return nil, errors.New("cosmos: UPDATE is not supported yet")
}

func (s store) Batch(context.Context, partition.Key, []execute.Op) ([]execute.Outcome, error) {
	return nil, errors.New("cosmos: transactions and INSERT of several rows are not supported yet")
}

func (a account) Throughput(context.Context, string, string) (statement.Throughput, error) {
	return statement.Throughput{}, nil
}

func (a account) ReplaceThroughput(context.Context, string, string, statement.Throughput) error {
	return errors.New("cosmos: ALTER of throughput is not supported yet")
}
