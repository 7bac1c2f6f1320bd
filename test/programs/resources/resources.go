// Package resources keeps the resources of a cloud's provider: documents that are changed under the ETag that was read,
// or not at all, that are marked as deleted before they go, and that informers follow.
package resources

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
)

var (
	ErrNotFound = errors.New("resources: not found")
	ErrExists   = errors.New("resources: exists already")
	ErrChanged  = errors.New("resources: changed by another")
	ErrBadToken = errors.New("resources: bad page token")
)

// Resource is a document of the provider. Its path is /subscriptions/SUBSCRIPTION/… and knows no case.
type Resource struct {
	Path       string
	State      string
	Properties json.RawMessage
	Deleted    bool   // it is going to be gone
	ETag       string // of what was read; a change needs it
}

// Store is what the provider's frontend and backend work with.
type Store interface {
	Get(ctx context.Context, path string) (*Resource, error)
	Create(ctx context.Context, r *Resource) error // sets r.ETag, as the others do
	Replace(ctx context.Context, r *Resource) error
	Delete(ctx context.Context, r *Resource) error // marks it; it is gone when the time for keeping it is over
	Begin(subscription string) Transaction
	List(ctx context.Context, prefix string, pageSize int, token string) ([]*Resource, string, error)
}

// Transaction is changes of resources of one subscription, all or none.
type Transaction interface {
	Create(r *Resource)
	Replace(r *Resource)
	Delete(r *Resource)
	Commit(ctx context.Context) error
}

type document struct {
	ID           string          `json:"id"`
	Subscription string          `json:"subscription"`
	State        string          `json:"state,omitempty"`
	Properties   json.RawMessage `json:"properties,omitempty"`
	Deleted      bool            `json:"deleted,omitempty"`
	TTL          int             `json:"ttl,omitempty"` // seconds; of a deleted one
	ETag         string          `json:"_etag,omitempty"`
}

type store struct {
	items *cosmos.Container
	keep  int
}

// Open returns the store in a container, which it creates if need be. Deleted resources are kept for a time.
func Open(ctx context.Context, db *cosmos.Database, container string, keep time.Duration) (Store, error) {
	if keep < time.Second {
		return nil, fmt.Errorf("resources: deleted ones are kept for %s: must be at least a second", keep)
	}
	_, err := db.CreateContainerIfNotExists(ctx, cosmos.ContainerProperties{
		ID:           container,
		PartitionKey: cosmos.PartitionKeyPaths("/subscription"),
		DefaultTTL:   new(-1), // only deleted resources end
	})
	if err != nil {
		return nil, fmt.Errorf("resources: open %s: %w", container, err)
	}
	return &store{items: db.Container(container), keep: int(keep / time.Second)}, nil
}

func (s *store) Get(ctx context.Context, path string) (*Resource, error) {
	id, subscription, err := parse(path)
	if err != nil {
		return nil, err
	}
	d, _, err := cosmos.ReadItem[document](ctx, s.items, id, cosmos.PartitionKey(subscription))
	if err != nil {
		return nil, kind(err)
	}
	if d.Deleted {
		return nil, ErrNotFound
	}
	return d.resource(), nil
}

func (s *store) Create(ctx context.Context, r *Resource) error  { return s.run(ctx, r, s.create) }
func (s *store) Replace(ctx context.Context, r *Resource) error { return s.run(ctx, r, s.replace) }
func (s *store) Delete(ctx context.Context, r *Resource) error  { return s.run(ctx, r, s.remove) }

func (s *store) run(ctx context.Context, r *Resource, how func(*Resource) (cosmos.Operation, error)) error {
	o, err := how(r)
	if err != nil {
		return err
	}
	resp, err := s.items.Do(ctx, o, cosmos.ContentResponse(false))
	if err != nil {
		return kind(err)
	}
	r.ETag = resp.ETag
	return nil
}

func (s *store) create(r *Resource) (cosmos.Operation, error) {
	d, err := write(r)
	return cosmos.OpCreate(d), err
}

// replace needs no check of the ETag: the client refuses an empty one.
func (s *store) replace(r *Resource) (cosmos.Operation, error) {
	d, err := write(r)
	return cosmos.OpReplace(d.ID, d, cosmos.IfMatch(r.ETag)), err
}

func (s *store) remove(r *Resource) (cosmos.Operation, error) {
	id, subscription, err := parse(r.Path)
	return cosmos.OpPatch(id, []cosmos.PatchOperation{
		cosmos.PatchSet("/deleted", true),
		cosmos.PatchSet("/ttl", s.keep),
	}, cosmos.PartitionKey(subscription), cosmos.IfMatch(r.ETag)), err
}

func (s *store) Begin(subscription string) Transaction {
	return &transaction{store: s, subscription: strings.ToLower(subscription)}
}

type transaction struct {
	store        *store
	subscription string
	operations   []cosmos.Operation
	resources    []*Resource
	err          error
}

func (t *transaction) Create(r *Resource)  { t.add(r, t.store.create) }
func (t *transaction) Replace(r *Resource) { t.add(r, t.store.replace) }
func (t *transaction) Delete(r *Resource)  { t.add(r, t.store.remove) }

func (t *transaction) add(r *Resource, how func(*Resource) (cosmos.Operation, error)) {
	o, err := how(r)
	t.operations, t.resources, t.err = append(t.operations, o), append(t.resources, r), errors.Join(t.err, err)
}

func (t *transaction) Commit(ctx context.Context) error {
	if t.err != nil {
		return t.err
	}
	resp, err := t.store.items.TransactionalBatch(ctx, t.operations,
		cosmos.PartitionKey(t.subscription), cosmos.ContentResponse(false))
	if failed, ok := errors.AsType[*cosmos.BatchError](err); ok {
		return fmt.Errorf("%s: %w", t.resources[failed.Index].Path, kind(err))
	}
	if err != nil {
		return err
	}
	for i, r := range resp.Results {
		t.resources[i].ETag = r.ETag
	}
	return nil
}

// List gives the resources below a path in the order of their paths. The token goes to the client and comes back.
func (s *store) List(ctx context.Context, prefix string, pageSize int, token string) ([]*Resource, string, error) {
	id, subscription, err := parse(prefix)
	if err != nil {
		return nil, "", err
	}
	pager := s.items.NewPager(
		"SELECT * FROM r WHERE STARTSWITH(r.id, @below) AND NOT IS_DEFINED(r.deleted) ORDER BY r.id",
		cosmos.Parameter{Name: "below", Value: strings.TrimSuffix(id, "|") + "|"},
		cosmos.PartitionKey(subscription), cosmos.PageSize(pageSize), cosmos.Continuation(token))
	defer pager.Close()
	page, err := pager.Next(ctx)
	if err == io.EOF {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", kind(err)
	}
	resources := make([]*Resource, len(page.Items))
	for i, item := range page.Items {
		var d document
		if err := json.Unmarshal(item, &d); err != nil {
			return nil, "", err
		}
		resources[i] = d.resource()
	}
	return resources, page.Continuation, nil
}

// parse makes an id of a path, which has no slashes, and finds the subscription in it.
func parse(path string) (id, subscription string, err error) {
	path = strings.ToLower(path)
	parts := strings.Split(path, "/")
	if len(parts) < 3 || parts[0] != "" || parts[1] != "subscriptions" || parts[2] == "" ||
		strings.Contains(path, "|") {
		return "", "", fmt.Errorf("resources: %q is not a path /subscriptions/…", path)
	}
	return strings.ReplaceAll(path, "/", "|"), parts[2], nil
}

func write(r *Resource) (document, error) {
	id, subscription, err := parse(r.Path)
	return document{ID: id, Subscription: subscription, State: r.State, Properties: r.Properties}, err
}

func (d document) resource() *Resource {
	return &Resource{
		Path: strings.ReplaceAll(d.ID, "|", "/"), State: d.State, Properties: d.Properties,
		Deleted: d.Deleted, ETag: d.ETag,
	}
}

// kind says in the store's own errors what the client says in its.
func kind(err error) error {
	for theirs, ours := range map[error]error{
		cosmos.ErrNotFound: ErrNotFound, cosmos.ErrConflict: ErrExists,
		cosmos.ErrPreconditionFailed: ErrChanged, cosmos.ErrBadContinuation: ErrBadToken,
	} {
		if errors.Is(err, theirs) {
			return fmt.Errorf("%w: %w", ours, err)
		}
	}
	return err
}
