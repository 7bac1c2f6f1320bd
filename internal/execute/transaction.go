package execute

import (
	"context"
	"fmt"
	"slices"

	"github.com/cosmossql/cosmossql/internal/partition"
)

// Transaction keeps the operations of statements until they are committed together, as a batch. Its zero value is
// empty. It is not safe for concurrent use.
type Transaction struct {
	container Container
	name      string // of the container, for errors
	key       partition.Key
	ops       []Op
	statement []int // of each op
	texts     []string
	size      int
}

// Add keeps the operations of one more statement, whose text is for errors. An operation of another container or
// partition key than the first one's, or one too many, is an error; then none of the statement's is kept.
func (tx *Transaction) Add(c Container, name, text string, ops []Op) error {
	if len(tx.ops) == 0 && len(ops) > 0 {
		tx.container, tx.name, tx.key = c, name, ops[0].Key
	}
	if name != tx.name {
		return fmt.Errorf("cosmos: a transaction is of one partition key of one container; this one is of container %s, not %s", tx.name, name)
	}
	for _, op := range ops {
		if !slices.Equal(op.Key, tx.key) {
			return fmt.Errorf("cosmos: a transaction is of one partition key; this one is of %s, not %s", tx.key, op.Key)
		}
	}
	if n := len(tx.ops) + len(ops); n > maxBatchOps {
		return fmt.Errorf("cosmos: a transaction has at most %d operations; with this statement it would have %d", maxBatchOps, n)
	}
	if tx.size+size(ops) > maxBatchSize {
		return fmt.Errorf("cosmos: a transaction has at most 2 MB; with this statement it would have more")
	}
	tx.size += size(ops)
	tx.ops = append(tx.ops, ops...)
	for range ops {
		tx.statement = append(tx.statement, len(tx.texts))
	}
	tx.texts = append(tx.texts, text)
	return nil
}

// Failure is the statement for which a transaction was not committed.
type Failure struct {
	Statement int // in the order of Add, from 0
	Text      string
	Status    int
	Err       error
}

// Commit sends what was kept; nothing, if that is nothing. The failure is nil where no single statement is to blame: the
// batch did not arrive, or nobody knows whether it did.
func (tx *Transaction) Commit(ctx context.Context) (*Failure, error) {
	if len(tx.ops) == 0 {
		return nil, nil
	}
	outcomes, err := tx.container.Batch(ctx, tx.key, tx.ops)
	if err == nil {
		return nil, nil
	}
	if i := Failed(outcomes); i >= 0 {
		n := tx.statement[i]
		return &Failure{Statement: n, Text: tx.texts[n], Status: outcomes[i].Status, Err: err}, err
	}
	return nil, err
}
