package exec

import (
	"context"
	"errors"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/statement"
	"github.com/cosmossql/cosmossql/internal/value"
)

// ErrNotOneDocument is the error of a SELECT in a distributed transaction that does not name one document.
var ErrNotOneDocument = errors.New("a distributed transaction reads documents one by one, " +
	"WHERE id = … and every path of the partition key = …, under no further condition")

// document names a document of the account.
type document struct{ container, key, id string }

func documentOf(c *cosmos.Container, key partition.Key, id string) document {
	return document{c.Link(), key.Header(), id}
}

// Read notes the version of the document that a query is about to read. A statement that changes it later does so on
// condition that it is still that version: it is read before the query, so that the query sees this version or a
// newer one.
func (tx *Transaction) Read(ctx context.Context, c *cosmos.Container, text string, args []statement.Arg) error {
	d, err := c.PartitionKeyDefinition(ctx)
	if err != nil {
		return err
	}
	tree, err := nosql.Parse(text, nosql.Cosmos)
	if err != nil {
		return ErrNotOneDocument
	}
	params := make(map[string]value.Value, len(args))
	for _, a := range args {
		if params[a.Name], err = value.Parse(a.Value); err != nil {
			return errtext.Refusef("cosmos: parameter %s: %w", a.Name, err)
		}
	}
	id, key, ok := queryplan.Document(tree, params, partition.Definition(d))
	if !ok {
		return ErrNotOneDocument
	}
	doc := documentOf(c, key, id)
	if _, read := tx.found[doc]; read {
		return nil // what was read first is what later statements go by
	}
	etag := ""
	switch resp, err := c.ReadItem(ctx, id, inPartition(key)); {
	case err == nil:
		etag = resp.ETag
	case !errors.Is(err, cosmos.ErrNotFound):
		return err
	}
	if tx.found == nil {
		tx.found = make(map[document]string)
	}
	tx.found[doc] = etag
	return nil
}

// keepDistributed adds the operations of a statement to a distributed transaction.
func (tx *Transaction) keepDistributed(ctx context.Context, t Terms, w work, ops []cosmos.Operation,
	keys []partition.Key, text string, opts []cosmos.Option) (affected int64, err error) {
	switch {
	case ops[0].Kind() == cosmos.KindRead:
		return 0, errtext.Refusef("cosmos: the UPDATE changes nothing, and a distributed transaction only writes")
	case ops[0].Kind() == cosmos.KindPatch && len(ops) > 1:
		return 0, errtext.Refusef(
			"cosmos: in a distributed transaction an UPDATE sets at most %d fields: write the whole "+
				"document with UPSERT",
			cosmos.MaxPatchOperations)
	}
	for i, op := range ops {
		etag, read := tx.found[documentOf(t.Container, keys[i], op.ID())]
		if !read || op.IfMatch() != "" {
			continue
		}
		switch kind := op.Kind(); {
		case kind == cosmos.KindUpsert && etag == "":
			ops[i] = cosmos.OpCreate(op.Body()) // it did not exist, and must not yet
		case kind == cosmos.KindUpsert:
			// An upsert would create again what was deleted since.
			ops[i] = cosmos.OpReplace(op.ID(), op.Body(), cosmos.IfMatch(etag))
		case etag != "" && (kind == cosmos.KindPatch || kind == cosmos.KindDelete):
			ops = w.(*change).on(target{id: op.ID(), key: keys[i], etag: etag})
		}
	}
	if err := tx.Distributed.Add(ctx, t.Container, ops...); err != nil {
		return 0, err
	}
	return tx.kept(w, len(ops), text, opts), nil
}
