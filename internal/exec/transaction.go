package exec

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// Transaction keeps the operations of statements until they are committed together. Its zero value is empty and commits
// a batch, which is of one partition key. It is not safe for concurrent use.
type Transaction struct {
	// Distributed, if set, is what is committed instead: operations of any keys and containers.
	Distributed *cosmos.Transaction

	found     map[document]string // the ETags of documents that were read; "" of those that did not exist
	container *cosmos.Container
	key       partition.Key
	ops       []cosmos.Operation
	statement []int    // for each op, the index in texts of its statement
	texts     []string // of the statements, for errors
	size      int      // bytes, estimated
	options   []cosmos.Option
}

// Keep adds a statement and returns the rows that it affects if Commit succeeds. A statement of another container or
// partition key than the first one's, one too many, or one that does not say which document it means is an error; then
// nothing of it is kept. text is for errors. opts are the statement's options, which Commit takes, the later first.
func (tx *Transaction) Keep(ctx context.Context, s statement.Statement, t Terms, text string,
	opts []cosmos.Option) (affected int64, err error) {
	w, err := t.work(s)
	if err != nil {
		return 0, err
	}
	ops, keys, err := w.operations(ctx)
	if err != nil {
		return 0, err
	}
	for _, op := range ops {
		if err := op.Err(); err != nil {
			return 0, err
		}
	}
	if err := t.agree(keys); err != nil {
		return 0, err
	}
	if tx.Distributed != nil {
		return tx.keepDistributed(ctx, t, w, ops, keys, text, opts)
	}
	if len(tx.ops) == 0 {
		tx.container, tx.key = t.Container, keys[0]
	}
	size, err := tx.check(t, ops, keys)
	if err != nil {
		return 0, err
	}
	tx.size = size
	tx.ops = append(tx.ops, ops...)
	return tx.kept(w, len(ops), text, opts), nil
}

// kept notes a statement of n operations that was kept, and returns the rows that it affects.
func (tx *Transaction) kept(w work, n int, text string, opts []cosmos.Option) (affected int64) {
	tx.statement = append(tx.statement, slices.Repeat([]int{len(tx.texts)}, n)...)
	tx.texts = append(tx.texts, text)
	tx.options = append(tx.options, opts...)
	if _, ok := w.(*insertion); ok {
		return int64(n)
	}
	return 1
}

// check checks that ops can be in one batch with those kept, and returns the size of that.
func (tx *Transaction) check(t Terms, ops []cosmos.Operation, keys []partition.Key) (size int, err error) {
	if name := t.Container.Link(); name != tx.container.Link() {
		return 0, errtext.Refusef(
			"cosmos: a transaction is of one partition key of one container; this one is of container %s, not %s",
			containerName(tx.container), containerName(t.Container))
	}
	for _, key := range keys {
		if !slices.Equal(key, tx.key) {
			return 0, errtext.Refusef(
				"cosmos: a transaction is of one partition key; this one is of %s, not %s", tx.key,
				key)
		}
	}
	if n := len(tx.ops) + len(ops); n > cosmos.MaxBatchOperations {
		return 0, errtext.Refusef(
			"cosmos: a transaction has at most %d operations; with this statement it would have %d",
			cosmos.MaxBatchOperations, n)
	}
	size = tx.size
	for _, op := range ops {
		size += op.Size()
	}
	if size > cosmos.MaxBatchSize {
		return 0, fmt.Errorf("cosmos: a transaction has at most 2 MB; with this statement it would have more: %w",
			errtext.Inner(cosmos.ErrTooLarge))
	}
	return size, nil
}

func containerName(c *cosmos.Container) string { return c.Database().ID() + "." + c.ID() }

// Commit sends the statements as one batch or distributed transaction; nothing if there are none. If a statement failed
// the error names it.
func (tx *Transaction) Commit(ctx context.Context) error {
	if len(tx.texts) == 0 {
		return nil
	}
	ctx = option.Unguarded(ctx, tx.options)
	var err error
	if tx.Distributed != nil {
		_, err = tx.Distributed.Commit(ctx, cosmos.ContentResponse(false))
	} else {
		_, err = tx.container.TransactionalBatch(ctx, tx.ops, inPartition(tx.key), cosmos.ContentResponse(false))
	}
	var failed *cosmos.BatchError
	if !errors.As(err, &failed) {
		return err
	}
	n := tx.statement[failed.Index]
	if errors.Is(err, cosmos.ErrUnknownOutcome) {
		return fmt.Errorf("cosmos: statement %d (%s): %w", n+1, tx.texts[n], errtext.Inner(err))
	}
	return fmt.Errorf("cosmos: nothing was committed because of statement %d (%s): %w", n+1, tx.texts[n],
		errtext.Inner(err))
}
