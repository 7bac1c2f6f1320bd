package execute

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/google/uuid"
)

// Limits of a batch, which are the service's.
const (
	maxBatchOps  = 100
	maxBatchSize = 2 << 20 // bytes
)

// Insertion is an INSERT, UPSERT or REPLACE with its documents.
type Insertion struct {
	Kind      Kind // Create or Upsert
	Documents []json.RawMessage
	KeyPaths  []string // partition key paths in the statement, which must be the container's; nil if there are none
	AutoID    bool     // a document without an id gets a UUID
	IfMatch   string   // the ETag that the document to be replaced must have; "" for any
	Answer    bool     // the result needs the documents, for RETURNING
}

// Run writes the documents, all or none. Several must be of one logical partition and fit one batch.
func (in *Insertion) Run(ctx context.Context, c Container) (Result, error) {
	ops, err := in.Ops(ctx, c)
	if err != nil {
		return Result{}, err
	}
	if len(ops) == 1 {
		out, err := c.Do(ctx, ops[0])
		if err != nil {
			return Result{}, err
		}
		return Result{Affected: 1, Documents: []json.RawMessage{out.Document}}, nil
	}
	if err := checkRows(ops); err != nil {
		return Result{}, err
	}
	outcomes, err := c.Batch(ctx, ops[0].Key, ops)
	if err != nil {
		if i := Failed(outcomes); i >= 0 {
			err = &placed{fmt.Sprintf("row %d of %d, none of which was written", i+1, len(ops)), err}
		}
		return Result{}, err
	}
	r := Result{Affected: int64(len(ops))}
	for _, out := range outcomes {
		r.Documents = append(r.Documents, out.Document)
	}
	return r, nil
}

// Ops makes the operations that write the documents.
func (in *Insertion) Ops(ctx context.Context, c Container) ([]Op, error) {
	def, err := c.Definition(ctx)
	if err != nil {
		return nil, err
	}
	if in.KeyPaths != nil && !slices.Equal(in.KeyPaths, def.Paths) {
		return nil, fmt.Errorf("cosmos: the statement says that the partition key is %s, but the container's is %s",
			strings.Join(in.KeyPaths, ","), strings.Join(def.Paths, ","))
	}
	if in.IfMatch != "" && len(in.Documents) > 1 {
		return nil, errors.New("cosmos: IfMatch is about one document, and the statement has several rows")
	}
	ops := make([]Op, len(in.Documents))
	for i, doc := range in.Documents {
		doc, id, err := withID(doc, in.AutoID)
		if err != nil {
			return nil, err
		}
		key, err := def.Extract(doc)
		if err != nil {
			return nil, err
		}
		ops[i] = Op{Kind: in.Kind, ID: id, Key: key, Document: doc, IfMatch: in.IfMatch, Answer: in.Answer}
	}
	return ops, nil
}

// withID returns doc with an id, and the id.
func withID(doc json.RawMessage, auto bool) (json.RawMessage, string, error) {
	if value, ok := rawjson.Get(doc, "id"); ok {
		id, isString := rawjson.String(value)
		if !isString {
			return nil, "", fmt.Errorf("cosmos: the id of a document is a string, not %s", value)
		}
		return doc, id, nil
	}
	if !auto {
		return nil, "", errors.New("cosmos: the document has no id, and auto_id is off")
	}
	id := uuid.NewString()
	with := append(make(json.RawMessage, 0, len(doc)+len(id)+8), `{"id":"`+id+`"`...)
	for range rawjson.Members(doc) {
		with = append(with, ',')
		break
	}
	open := slices.Index(doc, '{')
	return append(with, doc[open+1:]...), id, nil
}

// checkRows checks the limits of a batch.
func checkRows(ops []Op) error {
	const way = "use CreateMany of package cosmos for rows that need not be written together"
	if len(ops) > maxBatchOps {
		return fmt.Errorf("cosmos: the rows of one statement are written all or none, at most %d of them, not %d; %s", maxBatchOps, len(ops), way)
	}
	for i, op := range ops {
		if !slices.Equal(op.Key, ops[0].Key) {
			return fmt.Errorf("cosmos: the rows of one statement are written all or none, so they must have one partition key, "+
				"but row 1 has %s and row %d has %s; %s", ops[0].Key, i+1, op.Key, way)
		}
	}
	if size(ops) > maxBatchSize {
		return fmt.Errorf("cosmos: the rows of one statement are written all or none, at most 2 MB of them; %s", way)
	}
	return nil
}

// size estimates the bytes of a request with ops.
func size(ops []Op) int {
	n := 0
	for _, op := range ops {
		n += 100 + len(op.ID) + len(op.Document)
		for _, p := range op.Patch {
			n += 40 + len(p.Path) + len(p.Value)
		}
	}
	return n
}
