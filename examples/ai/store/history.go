package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
)

// HistoryContainer is the definition of a container for [History]: a session is a logical partition. Messages are
// deleted after ttl, in whole seconds; 0 keeps them.
func HistoryContainer(id string, ttl time.Duration) cosmos.ContainerProperties {
	p := cosmos.ContainerProperties{
		ID:           id,
		PartitionKey: cosmos.PartitionKeyPaths("/session"),
		IndexingPolicy: &cosmos.IndexingPolicy{
			IncludedPaths: []cosmos.IndexedPath{{Path: "/seq/?"}},
			ExcludedPaths: []cosmos.IndexedPath{{Path: "/*"}},
		},
	}
	if ttl > 0 {
		p.DefaultTTL = new(int(ttl / time.Second))
	}
	return p
}

// Message is one message of a chat.
type Message struct {
	Seq     int64           // its place in the session, from 1; given by the store
	Role    string          // who says it
	Content string          // what is said
	Extra   json.RawMessage // what a framework keeps besides, such as calls of tools; nil if nothing
	At      time.Time       // when it was stored; given by the store if zero
}

// History is the messages of one session, in order. Several processes may write to it at once: each message gets a
// place of its own.
type History struct {
	container *cosmos.Container
	session   string
}

// OpenHistory opens the history of a session in a container such as [HistoryContainer] describes.
func OpenHistory(ctx context.Context, container *cosmos.Container, session string) (*History, error) {
	if session == "" {
		return nil, errors.New("store: a history needs the name of its session")
	}
	if err := partitionedBy(ctx, container, "/session", "store.HistoryContainer(%q, ttl)"); err != nil {
		return nil, err
	}
	return &History{container: container, session: session}, nil
}

// partitionedBy checks that a container is there and has the key that a store needs.
func partitionedBy(ctx context.Context, container *cosmos.Container, path, definition string) error {
	create := fmt.Sprintf("create one by Database.CreateContainer(ctx, "+definition+")", container.ID())
	key, err := container.PartitionKeyDefinition(ctx)
	if errors.Is(err, cosmos.ErrOwnerNotFound) {
		return fmt.Errorf("store: there is no container %q; %s: %w", container.ID(), create, err)
	}
	if err != nil {
		return err
	}
	if !slices.Equal(key.Paths, []string{path}) {
		return fmt.Errorf(
			"store: container %q is partitioned by %v, and this store's is by %s; %s",
			container.ID(),
			key.Paths,
			path,
			create,
		)
	}
	return nil
}

// messageRecord is a message as the container has it.
type messageRecord struct {
	ID      string          `json:"id"`
	Session string          `json:"session"`
	Seq     int64           `json:"seq"`
	Role    string          `json:"role"`
	Content string          `json:"content"`
	Extra   json.RawMessage `json:"extra,omitempty"`
	At      time.Time       `json:"at"`
}

func (r messageRecord) message() Message {
	return Message{Seq: r.Seq, Role: r.Role, Content: r.Content, Extra: r.Extra, At: r.At}
}

// appendTries bounds how often Append moves on because another writer took its place: one of them wins each time, so
// that it takes this many messages written in between.
const appendTries = 200

// Append puts messages behind those of the session, one after the other: all of them or none. It takes 100 at once,
// the most that a transactional batch holds, and returns them with their places.
func (h *History) Append(ctx context.Context, messages ...Message) ([]Message, error) {
	if len(messages) > cosmos.MaxBatchOperations {
		return nil, fmt.Errorf(
			"store: %d messages in one Append, which is one transaction: %d at most",
			len(messages),
			cosmos.MaxBatchOperations,
		)
	}
	if len(messages) == 0 {
		return nil, nil
	}
	last, err := h.last(ctx)
	if err != nil {
		return nil, err
	}
	messages = slices.Clone(messages)
	for range appendTries {
		ops := make([]cosmos.Operation, len(messages))
		for i := range messages {
			m := &messages[i]
			m.Seq = last + 1 + int64(i)
			if m.At.IsZero() {
				m.At = time.Now().UTC()
			}
			ops[i] = cosmos.OpCreate(
				messageRecord{fmt.Sprintf("%012d", m.Seq), h.session, m.Seq, m.Role, m.Content, m.Extra, m.At},
			)
		}
		// The id is the place: if it is taken, another writer was faster, and the next one is tried.
		_, err = h.container.TransactionalBatch(ctx, ops)
		if !errors.Is(err, cosmos.ErrConflict) || errors.Is(err, cosmos.ErrUnknownOutcome) {
			break // where an answer was lost, the messages may be there
		}
		last++
	}
	if err != nil {
		return nil, fmt.Errorf("store: appending to session %q: %w", h.session, err)
	}
	return messages, nil
}

// last is the place of the last message, 0 if there is none.
func (h *History) last(ctx context.Context) (int64, error) {
	const query = "SELECT TOP 1 VALUE c.seq FROM c ORDER BY c.seq DESC"
	for seq, err := range cosmos.Query[int64](ctx, h.container, query, cosmos.PartitionKey(h.session)) {
		return seq, err
	}
	return 0, nil
}

// Messages yields all messages of the session, the first one first.
func (h *History) Messages(ctx context.Context) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		const query = "SELECT * FROM c ORDER BY c.seq"
		for r, err := range cosmos.Query[messageRecord](ctx, h.container, query, cosmos.PartitionKey(h.session)) {
			if !yield(r.message(), err) {
				return
			}
		}
	}
}

// Page returns the n messages before a place, in the order of the chat, and whether there are older ones. 0 stands
// for the end: the first page has the last messages, the next one those before page[0].Seq. What is written meanwhile
// moves nothing.
func (h *History) Page(ctx context.Context, before int64, n int) (page []Message, more bool, err error) {
	if n < 1 || n > 1000 {
		return nil, false, fmt.Errorf("store: a page of %d messages; it is of 1 to 1000", n)
	}
	query := fmt.Sprintf("SELECT TOP %d * FROM c WHERE c.seq < @before OR @before = 0 ORDER BY c.seq DESC", n+1)
	for r, err := range cosmos.Query[messageRecord](ctx, h.container, query,
		cosmos.Parameter{Name: "@before", Value: before}, cosmos.PartitionKey(h.session)) {
		if err != nil {
			return nil, false, err
		}
		page = append(page, r.message())
	}
	if more = len(page) > n; more {
		page = page[:n]
	}
	slices.Reverse(page)
	return page, more, nil
}

// Set puts other messages in the place of those that are there. The new ones are written first, a hundred at a time:
// if it fails half-way, the old ones are still there.
func (h *History) Set(ctx context.Context, messages ...Message) error {
	last, err := h.last(ctx)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(messages, cosmos.MaxBatchOperations) {
		if _, err := h.Append(ctx, part...); err != nil {
			return err
		}
	}
	return h.deleteUpTo(ctx, last)
}

// Clear deletes the messages that are there.
func (h *History) Clear(ctx context.Context) error {
	last, err := h.last(ctx)
	if err != nil {
		return err
	}
	return h.deleteUpTo(ctx, last)
}

// Keep deletes all but the last n messages.
func (h *History) Keep(ctx context.Context, n int) error {
	last, err := h.last(ctx)
	if err != nil {
		return err
	}
	return h.deleteUpTo(ctx, last-int64(n))
}

// deleteUpTo deletes the messages up to a place. Those that are appended meanwhile are behind it.
func (h *History) deleteUpTo(ctx context.Context, last int64) error {
	var keys []cosmos.ItemKey
	query := "SELECT VALUE c.id FROM c WHERE c.seq <= @last ORDER BY c.seq"
	for id, err := range cosmos.Query[string](ctx, h.container, query,
		cosmos.Parameter{Name: "@last", Value: last}, cosmos.PartitionKey(h.session)) {
		if err != nil {
			return err
		}
		keys = append(keys, cosmos.At(id, h.session))
	}
	return failures(h.container.DeleteMany(ctx, slices.Values(keys)), 404)
}
