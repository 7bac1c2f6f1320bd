package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/cosmossql/cosmossql/cosmos"
)

// request is one line of input. What an operation does not use is left out.
type request struct {
	Op         string                      `json:"op"`
	Database   string                      `json:"database"`
	Container  string                      `json:"container"`
	ID         string                      `json:"id"`
	Key        []any                       `json:"key"` // partition key values
	Undefined  bool                        `json:"undefined"`
	Body       json.RawMessage             `json:"body"`
	Properties *cosmos.ContainerProperties `json:"properties"`
	Query      string                      `json:"query"`
	Parameters map[string]json.RawMessage  `json:"parameters"`
	PageSize   int                         `json:"pageSize"`
	Token      string                      `json:"token"` // to resume from
	IfMatch    string                      `json:"ifMatch"`
	IfNone     string                      `json:"ifNoneMatch"`
	Condition  string                      `json:"condition"` // of a patch
	Patch      []change                    `json:"patch"`
	Operations []operation                 `json:"operations"`
}

// answer is one line of output.
type answer struct {
	Status int               `json:"status,omitempty"`
	ETag   string            `json:"etag,omitempty"`
	Charge float64           `json:"charge,omitempty"`
	Body   json.RawMessage   `json:"body,omitempty"`
	Rows   []json.RawMessage `json:"rows,omitempty"`
	Token  string            `json:"token,omitempty"` // where the change feed stands
	Error  string            `json:"error,omitempty"`

	Outcomes []outcome `json:"outcomes,omitempty"` // of a batch or bulk request, by operation
	Failed   *int      `json:"failed,omitempty"`   // the operation for which a batch was given up
}

// answer executes the request. A failure is an answer with an error, and the service's status where there is one.
func (r *request) answer(ctx context.Context, client *cosmos.Client) answer {
	var stats cosmos.Stats
	a, err := r.execute(cosmos.WithStats(ctx, &stats), client)
	a.Charge = stats.Snapshot().RequestCharge
	if err != nil {
		a.Error = err.Error()
		if e := (*cosmos.Error)(nil); errors.As(err, &e) {
			a.Status = e.StatusCode
		}
	}
	return a
}

func (r *request) execute(ctx context.Context, client *cosmos.Client) (answer, error) {
	db := client.Database(r.Database)
	c := db.Container(r.Container)
	opts := r.options()
	switch r.Op {
	case "account":
		_, err := client.Account(ctx)
		return answer{}, err
	case "createDatabase":
		p, err := client.CreateDatabase(ctx, r.Database, opts...)
		if err != nil {
			return answer{}, err
		}
		return response(p.Response, nil)
	case "deleteDatabase":
		return response(db.Delete(ctx, opts...))
	case "createContainer":
		if r.Properties == nil {
			return answer{}, errors.New("createContainer needs properties")
		}
		p, err := db.CreateContainer(ctx, *r.Properties, opts...)
		if err != nil {
			return answer{}, err
		}
		return response(p.Response, nil)
	case "readContainer":
		p, err := c.Read(ctx, opts...)
		if err != nil {
			return answer{}, err
		}
		body, err := json.Marshal(p)
		return answer{Body: body}, err
	case "deleteContainer":
		return response(c.Delete(ctx, opts...))
	case "create":
		return response(c.CreateItem(ctx, r.Body, opts...))
	case "upsert":
		return response(c.UpsertItem(ctx, r.Body, opts...))
	case "read":
		return response(c.ReadItem(ctx, r.ID, opts...))
	case "replace":
		return response(c.ReplaceItem(ctx, r.ID, r.Body, opts...))
	case "delete":
		return response(c.DeleteItem(ctx, r.ID, opts...))
	case "patch":
		changes, err := patch(r.Patch)
		if err != nil {
			return answer{}, err
		}
		return response(c.PatchItem(ctx, r.ID, changes, opts...))
	case "batch":
		return r.batch(ctx, c, opts)
	case "bulk":
		return r.bulk(ctx, c, opts)
	case "deletePartition":
		return response(c.DeletePartition(ctx, opts...))
	case "changes":
		return changes(ctx, c.ChangeFeed(opts...))
	case "items":
		return rows(c.Items(ctx, opts...))
	case "query":
		args := make([]any, 0, len(opts)+len(r.Parameters))
		for _, o := range opts {
			args = append(args, o)
		}
		for name, value := range r.Parameters {
			args = append(args, cosmos.Parameter{Name: name, Value: value})
		}
		return rows(cosmos.Query[json.RawMessage](ctx, c, r.Query, args...))
	default:
		return answer{}, fmt.Errorf("there is no operation %q", r.Op)
	}
}

func (r *request) options() []cosmos.Option {
	var opts []cosmos.Option
	switch {
	case r.Undefined:
		opts = append(opts, cosmos.PartitionKey(cosmos.Undefined))
	case r.Key != nil:
		opts = append(opts, cosmos.PartitionKey(r.Key...))
	}
	if r.PageSize > 0 {
		opts = append(opts, cosmos.PageSize(r.PageSize))
	}
	if r.Token != "" {
		opts = append(opts, cosmos.Continuation(r.Token))
	}
	if r.IfMatch != "" {
		opts = append(opts, cosmos.IfMatch(r.IfMatch))
	}
	if r.Condition != "" {
		opts = append(opts, cosmos.PatchCondition(r.Condition))
	}
	if r.IfNone != "" {
		opts = append(opts, cosmos.IfNoneMatch(r.IfNone))
	}
	return opts
}

func response(resp *cosmos.Response, err error) (answer, error) {
	if resp == nil {
		return answer{}, err
	}
	a := answer{Status: resp.StatusCode, ETag: resp.ETag}
	if json.Valid(resp.Body) {
		a.Body = resp.Body
	}
	return a, err
}

func rows(seq iter.Seq2[json.RawMessage, error]) (answer, error) {
	a := answer{Rows: []json.RawMessage{}}
	for row, err := range seq {
		if err != nil {
			return a, err
		}
		a.Rows = append(a.Rows, row)
	}
	return a, nil
}

// changes reads a change feed until nothing is new.
func changes(ctx context.Context, feed *cosmos.ChangeFeed) (answer, error) {
	a, err := rows(feed.Items(ctx))
	if err != nil {
		return a, err
	}
	a.Token, err = feed.Token()
	return a, err
}
