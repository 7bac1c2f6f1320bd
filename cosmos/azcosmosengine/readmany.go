package azcosmosengine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos/queryengine"
	"github.com/cosmossql/cosmossql/internal/partition"
)

// itemsPerQuery bounds the conditions of one query: a text of some 10 KB, far below the service's limit of 512 KB.
const itemsPerQuery = 100

// readMany reads items by queries for their ids and keys. It has no state but the requests, so it needs no goroutine.
type readMany struct {
	requests []queryengine.QueryRequest // without an answer
	rows     [][]byte                   // to hand out
	last     uint64
	closed   bool
}

func newReadMany(items []queryengine.ItemIdentity, routing *partition.RoutingMap,
	d partition.Definition) (*readMany, error) {
	byRange := map[string][]string{}
	var order []string
	for i, item := range items {
		text := item.PartitionKeyValue
		if !strings.HasPrefix(strings.TrimSpace(text), "[") {
			text = "[" + text + "]"
		}
		key, err := partition.ParseKey(text)
		if err == nil {
			err = d.Check(key)
		}
		if err != nil {
			return nil, fmt.Errorf("azcosmosengine: item %d: %w", i, err)
		}
		condition, err := selects(item.ID, key, d)
		if err != nil {
			return nil, fmt.Errorf("azcosmosengine: item %d: %w", i, err)
		}
		owner, ok := routing.Find(d.EPK(key))
		if !ok {
			return nil, fmt.Errorf("azcosmosengine: item %d: no partition key range owns its key %s", i, key)
		}
		if byRange[owner.ID] == nil {
			order = append(order, owner.ID)
		}
		byRange[owner.ID] = append(byRange[owner.ID], condition)
	}
	r := &readMany{}
	for _, id := range order {
		for conditions := range slices.Chunk(byRange[id], itemsPerQuery) {
			r.last++
			r.requests = append(r.requests, queryengine.QueryRequest{
				PartitionKeyRangeID: id, Id: r.last, Query: "SELECT * FROM c WHERE " + strings.Join(conditions, " OR "),
			})
		}
	}
	return r, nil
}

// selects is the condition that holds for the one item with an id and a key.
func selects(id string, key partition.Key, d partition.Definition) (string, error) {
	quoted, err := json.Marshal(id)
	if err != nil {
		return "", err
	}
	condition := "(c.id = " + string(quoted)
	for i, value := range key {
		segments, err := d.PathSegments(i)
		if err != nil {
			return "", err
		}
		path := "c"
		for _, s := range segments {
			name, err := json.Marshal(s)
			if err != nil {
				return "", err
			}
			path += "[" + string(name) + "]"
		}
		if value == partition.Undefined {
			condition += " AND NOT IS_DEFINED(" + path + ")"
		} else {
			condition += " AND " + path + " = " + value.String()
		}
	}
	return condition + ")", nil
}

// Query returns "": every request has a query of its own.
func (r *readMany) Query() string { return "" }

// IsComplete reports whether all items that exist were handed out.
func (r *readMany) IsComplete() bool { return r.closed || len(r.requests) == 0 && len(r.rows) == 0 }

// Run returns items that have come, or the requests for the others.
func (r *readMany) Run() (*queryengine.PipelineResult, error) {
	if r.IsComplete() {
		return &queryengine.PipelineResult{IsCompleted: true}, nil
	}
	if rows := r.rows; len(rows) > 0 {
		r.rows = nil
		return &queryengine.PipelineResult{Items: rows, IsCompleted: r.IsComplete()}, nil
	}
	return &queryengine.PipelineResult{Requests: slices.Clone(r.requests)}, nil
}

// ProvideData takes the answers to requests.
func (r *readMany) ProvideData(data []queryengine.QueryResult) error {
	for _, d := range data {
		at := slices.IndexFunc(r.requests, func(q queryengine.QueryRequest) bool {
			return q.Id == d.RequestId && q.PartitionKeyRangeID == d.PartitionKeyRangeID
		})
		if at < 0 {
			return fmt.Errorf("azcosmosengine: nothing was asked of partition key range %q by a request %d",
				d.PartitionKeyRangeID, d.RequestId)
		}
		page, err := decodePage(d.Data)
		if err != nil {
			return err
		}
		for _, doc := range page.Docs {
			r.rows = append(r.rows, doc)
		}
		if d.NextContinuation == "" {
			r.requests = slices.Delete(r.requests, at, at+1)
			continue
		}
		r.last++
		r.requests[at].Continuation, r.requests[at].Id = d.NextContinuation, r.last
	}
	return nil
}

// Close drops what has not been handed out. Closing twice is fine.
func (r *readMany) Close() { r.closed, r.requests, r.rows = true, nil, nil }
