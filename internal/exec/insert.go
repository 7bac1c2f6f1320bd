package exec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/statement"
	"github.com/google/uuid"
)

// insertion is an INSERT, UPSERT or REPLACE with its documents.
type insertion struct {
	Terms
	create    bool // INSERT; the others write whether or not there was a document, as MySQL's REPLACE does
	documents []json.RawMessage
	keyPaths  []string // partition key paths in the statement, which must be the container's; nil if there are none
	answer    bool     // the result needs the documents
}

func (t Terms) insert(s *statement.Insert) (*insertion, error) {
	if err := t.narrow(s.SplitKey(t.Args)); err != nil {
		return nil, err
	}
	docs, err := s.Documents(t.Args)
	if err != nil {
		return nil, err
	}
	if t.Set.IfMatch != "" && len(docs) > 1 {
		return nil, errtext.Refusef("cosmos: IfMatch is about one document, and the statement has several rows")
	}
	return &insertion{
		Terms: t, create: s.Verb == "INSERT", documents: docs, keyPaths: s.PartitionKey, answer: t.Answer &&
			s.Returning != nil,
	}, nil
}

// run writes the documents, all or none. Several must be of one logical partition and fit one batch.
func (in *insertion) run(ctx context.Context) (Result, error) {
	ops, err := in.build(ctx, nil)
	if err != nil {
		return Result{}, err
	}
	opts := append(in.within(), cosmos.ContentResponse(in.answer))
	if len(ops) == 1 {
		r, err := in.Container.Do(ctx, ops[0], opts...)
		if err != nil {
			return Result{}, err
		}
		return Result{Affected: 1, Documents: []json.RawMessage{r.Body}}, nil
	}
	b, err := in.Container.TransactionalBatch(ctx, ops, opts...)
	if err != nil {
		return Result{}, rowError(err, len(ops))
	}
	r := Result{Affected: int64(len(ops))}
	for _, one := range b.Results {
		r.Documents = append(r.Documents, one.Body)
	}
	return r, nil
}

// rowError names the row that a batch failed for.
func rowError(err error, rows int) error {
	var failed *cosmos.BatchError
	if !errors.As(err, &failed) {
		return err
	}
	place := fmt.Sprintf("row %d of %d, none of which was written", failed.Index+1, rows)
	if errors.Is(err, cosmos.ErrUnknownOutcome) {
		place = fmt.Sprintf("row %d of %d", failed.Index+1, rows)
	}
	if failed.Err != nil && failed.Err.ActivityID == "" { // refused before anything was sent
		return fmt.Errorf("cosmos: %s: %w (the rows of one statement are written all or none, of one partition key, "+
			"at most %d and 2 MB; use CreateMany of package cosmos for rows that need not be written together)",
			place, errtext.Reworded(err, failed.Err.Cause), cosmos.MaxBatchOperations)
	}
	return fmt.Errorf("cosmos: %s: %w", place, errtext.Inner(err))
}

// operations makes the operations that write the documents.
func (in *insertion) operations(ctx context.Context) ([]cosmos.Operation, []partition.Key, error) {
	keys := make([]partition.Key, len(in.documents))
	ops, err := in.build(ctx, keys)
	return ops, keys, err
}

// build is operations, which reads the keys, one for each document, only where they are wanted: whoever sends the
// operations reads them again.
func (in *insertion) build(ctx context.Context, keys []partition.Key) ([]cosmos.Operation, error) {
	def, err := in.definition(ctx)
	if err != nil {
		return nil, err
	}
	if in.keyPaths != nil && !slices.Equal(in.keyPaths, def.Paths) {
		return nil, errtext.Refusef("cosmos: the statement says that the "+
			"partition key is %s, but the container's is %s",
			strings.Join(in.keyPaths, ","), strings.Join(def.Paths, ","))
	}
	if keys == nil && in.RequireKey {
		keys = make([]partition.Key, len(in.documents))
	}
	ops := make([]cosmos.Operation, len(in.documents))
	for i, doc := range in.documents {
		if doc, err = withID(doc, in.AutoID); err != nil {
			return nil, err
		}
		if keys != nil {
			if keys[i], err = def.Extract(doc); err != nil {
				return nil, err
			}
			if at := slices.Index(keys[i], partition.Undefined); at >= 0 && in.RequireKey {
				return nil, errtext.Refusef("cosmos: the document has no %s, which belongs to the partition key (%s); "+
					"it would be stored under no value (option require_key)", def.Paths[at],
					strings.Join(def.Paths, ","))
			}
		}
		switch {
		case in.create:
			ops[i] = cosmos.OpCreate(doc)
		case in.Set.IfMatch != "":
			ops[i] = cosmos.OpUpsert(doc, cosmos.IfMatch(in.Set.IfMatch))
		default:
			ops[i] = cosmos.OpUpsert(doc)
		}
	}
	return ops, nil
}

// withID returns doc with an id.
func withID(doc json.RawMessage, auto bool) (json.RawMessage, error) {
	if value, ok := rawjson.Get(doc, "id"); ok {
		if _, isString := rawjson.String(value); !isString {
			way := "write it as a text"
			if rawjson.Kind(value) == 'n' && auto {
				way = "leave id out, and the document gets a UUID"
			}
			return nil, errtext.Refusef("cosmos: the id of a document is a string, not %s: %s", value, way)
		}
		return doc, nil
	}
	if !auto {
		return nil, errtext.Refusef("cosmos: the document has no id, and auto_id is off")
	}
	id := uuid.NewString()
	with := append(make(json.RawMessage, 0, len(doc)+len(id)+8), `{"id":"`+id+`"`...)
	for range rawjson.Members(doc) {
		with = append(with, ',')
		break
	}
	open := slices.Index(doc, '{')
	return append(with, doc[open+1:]...), nil
}
