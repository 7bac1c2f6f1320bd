package execute

import (
	"context"
	"errors"
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
	statement []int    // for each op, the index in texts of its statement
	texts     []string // of the statements, for errors
	size      int      // bytes, estimated
}

// Statement is a statement for a [Transaction] to keep.
type Statement struct {
	Work      Work
	Text      string    // for errors
	Container Container // that Commit sends to, if this is the first statement
	Name      string    // of the container
}

// Keep adds a statement and returns the rows that it affects if Commit succeeds. A statement of
// another container or partition key than the first one's, one too many, or one that does not say which document it
// means is an error; then nothing of it is kept.
func (tx *Transaction) Keep(ctx context.Context, s Statement) (affected int64, err error) {
	ops, err := s.Work.Ops(ctx, s.Container)
	if err != nil {
		return 0, err
	}
	if len(tx.ops) == 0 {
		tx.container, tx.name, tx.key = s.Container, s.Name, ops[0].Key
	}
	if err := tx.check(s.Name, ops); err != nil {
		return 0, err
	}
	tx.size += size(ops)
	tx.ops = append(tx.ops, ops...)
	for range ops {
		tx.statement = append(tx.statement, len(tx.texts))
	}
	tx.texts = append(tx.texts, s.Text)
	if _, ok := s.Work.(*Insertion); ok {
		return int64(len(ops)), nil
	}
	return 1, nil
}

// check checks that ops can be in one batch with those kept.
func (tx *Transaction) check(name string, ops []Op) error {
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
		return errors.New("cosmos: a transaction has at most 2 MB; with this statement it would have more")
	}
	return nil
}

// Commit sends the statements as one batch; nothing if there are none. If a statement failed the error names it.
func (tx *Transaction) Commit(ctx context.Context) error {
	if len(tx.ops) == 0 {
		return nil
	}
	outcomes, err := tx.container.Batch(ctx, tx.key, tx.ops)
	if err == nil {
		return nil
	}
	if i := Failed(outcomes); i >= 0 {
		n := tx.statement[i]
		return &placed{fmt.Sprintf("nothing was committed because of statement %d (%s)", n+1, tx.texts[n]), err}
	}
	return err
}
