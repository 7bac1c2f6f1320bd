package cosmos

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// lease is a document of the lease container, as the .NET SDK's processor (version 3) writes it. Members that it does
// not name are kept.
type lease struct {
	ID           string
	Token        string // LeaseToken: the id of a partition key range, or MIN-MAX
	Owner        string // empty is free
	Continuation string // the ETag of the change feed; empty before the first checkpoint
	Timestamp    time.Time
	FeedRange    *FeedRange
	ByKeys       bool // the token names effective partition keys, not a range's id

	etag    string
	members map[string]json.RawMessage // as they were read
}

// leaseTime is how leases tell time: UTC.
const leaseTime = "2006-01-02T15:04:05.0000000Z"

// UnmarshalJSON reads a lease.
func (l *lease) UnmarshalJSON(text []byte) error {
	var d struct {
		ID, LeaseToken, PartitionID, Owner, ContinuationToken string
		Timestamp                                             *time.Time
		TS                                                    int64  `json:"_ts"`
		ETag                                                  string `json:"_etag"`
		Version                                               int
		FeedRange                                             *struct{ Range FeedRange }
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return fmt.Errorf("cosmos: a document of the lease container is not a lease: %w", err)
	}
	*l = lease{
		ID: d.ID, Token: cmp.Or(d.LeaseToken, d.PartitionID), Owner: d.Owner, Continuation: d.ContinuationToken,
		ByKeys: d.Version == 1, etag: d.ETag, Timestamp: time.Unix(d.TS, 0),
	}
	if d.Timestamp != nil {
		l.Timestamp = *d.Timestamp
	}
	if d.FeedRange != nil {
		l.FeedRange = &d.FeedRange.Range
	}
	return json.Unmarshal(text, &l.members)
}

// MarshalJSON writes a lease.
func (l *lease) MarshalJSON() ([]byte, error) {
	members := map[string]any{"properties": struct{}{}}
	for name, v := range l.members {
		members[name] = v
	}
	members["id"], members["LeaseToken"] = l.ID, l.Token
	members["Owner"], members["ContinuationToken"] = orNull(l.Owner), orNull(l.Continuation)
	members["timestamp"] = l.Timestamp.UTC().Format(leaseTime)
	members["version"] = 0
	if l.ByKeys {
		members["version"] = 1
	}
	if l.FeedRange != nil {
		members["FeedRange"] = map[string]any{"Range": l.FeedRange}
	}
	return json.Marshal(members)
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// free reports whether anybody may take the lease.
func (l *lease) free(now time.Time, expiration time.Duration) bool {
	return l.Owner == "" || now.Sub(l.Timestamp) > expiration
}

// choose returns the leases that a process should take so that all have the same number, give or take one: free ones
// first, else some of those who have most.
func choose(all []*lease, me string, now time.Time, expiration time.Duration) []*lease {
	var free []*lease
	held := map[string][]*lease{me: nil}
	for _, l := range all {
		switch {
		case l.Owner == me:
			held[me] = append(held[me], l)
		case l.free(now, expiration):
			free = append(free, l)
		default:
			held[l.Owner] = append(held[l.Owner], l)
		}
	}
	target := (len(all) + len(held) - 1) / len(held)
	need := target - len(held[me])
	if need <= 0 {
		return nil
	}
	if len(free) > 0 {
		return free[:min(need, len(free))]
	}
	var taken []*lease
	for len(taken) < need {
		richest := ""
		for owner, leases := range held {
			if owner != me && (richest == "" || len(leases) > len(held[richest]) || len(leases) == len(held[richest]) && owner < richest) {
				richest = owner
			}
		}
		// Taking from those who would then have less than this process would go on for ever.
		if richest == "" || len(held[richest])-1 < len(held[me])+len(taken)+1 {
			break
		}
		last := len(held[richest]) - 1
		taken = append(taken, held[richest][last])
		held[richest] = held[richest][:last]
	}
	return taken
}

// leaseStore reads and writes the leases of one processor.
type leaseStore struct {
	leases *Container
	prefix string // of the ids, up to the dots before the token
	mode   string // how the leases name the kind of feed
	keyed  bool   // the container is partitioned by /partitionKey, so that leases have that member
}

func newLeaseStore(ctx context.Context, p *ChangeFeedProcessor) (*leaseStore, error) {
	d, err := p.leases.definition(ctx, nil)
	if err != nil {
		return nil, err
	}
	s := &leaseStore{leases: p.leases, mode: "Incremental Feed"}
	if p.opts.AllVersions {
		s.mode = "Full-Fidelity Feed"
	}
	switch {
	case len(d.key.Paths) == 1 && d.key.Paths[0] == "/id":
	case len(d.key.Paths) == 1 && d.key.Paths[0] == "/partitionKey":
		s.keyed = true
	default:
		return nil, fmt.Errorf("cosmos: lease container %q is partitioned by %v: it must be /id or /partitionKey", p.leases.id, d.key.Paths)
	}
	of, err := p.container.definition(ctx, nil)
	if err != nil {
		return nil, err
	}
	account, err := url.Parse(p.container.client().endpoint)
	if err != nil {
		return nil, fmt.Errorf("cosmos: %w", err)
	}
	s.prefix = p.opts.Name + account.Hostname() + "_" + databaseRID(of.rid) + "_" + of.rid
	return s, nil
}

// databaseRID is the resource id of the database of a container: the first four bytes of the container's.
func databaseRID(rid string) string {
	b, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(rid, "-", "/"))
	if err != nil || len(b) < 4 {
		return rid // of a server with ids of another kind, whose leases are its own
	}
	return strings.ReplaceAll(base64.StdEncoding.EncodeToString(b[:4]), "/", "-")
}

func (s *leaseStore) id(token string) string { return s.prefix + ".." + token }

// key is the partition key of the document of a lease, or of another of the store.
func (s *leaseStore) key(id string, members map[string]json.RawMessage) Option {
	if !s.keyed {
		return PartitionKey(id)
	}
	var key string
	if json.Unmarshal(members["partitionKey"], &key) != nil {
		return PartitionKey(Undefined)
	}
	return PartitionKey(key)
}

// list reads all leases, ordered by id.
func (s *leaseStore) list(ctx context.Context) ([]*lease, error) {
	var all []*lease
	for l, err := range Query[*lease](ctx, s.leases, "SELECT * FROM c WHERE STARTSWITH(c.id, @prefix)", Parameter{Name: "@prefix", Value: s.prefix + ".."}) {
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b *lease) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// create makes a lease. That there is one already is fine: another process was faster.
func (s *leaseStore) create(ctx context.Context, l *lease) error {
	l.ID, l.Timestamp = s.id(l.Token), time.Now()
	mode, _ := json.Marshal(s.mode)
	l.members = map[string]json.RawMessage{"Mode": mode}
	if s.keyed {
		// Where the .NET SDK has a random key by default, the id makes sure that two processes make one lease.
		l.members["partitionKey"], _ = json.Marshal(l.ID)
	}
	resp, err := s.leases.CreateItem(ctx, l, ContentResponse(false))
	if err == nil {
		l.etag = resp.ETag
	}
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// update writes a changed lease that owner has to have. ErrLeaseLost says that it does not any more.
func (s *leaseStore) update(ctx context.Context, l *lease, owner string, change func(*lease)) error {
	for {
		next := *l
		change(&next)
		next.Timestamp = time.Now()
		resp, err := s.leases.ReplaceItem(ctx, l.ID, &next, IfMatch(l.etag), ContentResponse(false))
		switch {
		case err == nil:
			*l = next
			l.etag = resp.ETag
			return nil
		case errors.Is(err, ErrNotFound):
			return ErrLeaseLost
		case !errors.Is(err, ErrPreconditionFailed):
			return err
		}
		// Somebody else has written it. It may have been this process, whose answer was lost, or a tool that added a member.
		now, _, err := ReadItem[*lease](ctx, s.leases, l.ID, s.key(l.ID, l.members))
		if errors.Is(err, ErrNotFound) {
			return ErrLeaseLost
		}
		if err != nil {
			return err
		}
		if now.Owner != owner {
			return ErrLeaseLost
		}
		*l = *now
	}
}

// acquire takes a lease whose owner is the one that was read.
func (s *leaseStore) acquire(ctx context.Context, l *lease, me string) error {
	return s.update(ctx, l, l.Owner, func(l *lease) { l.Owner = me })
}

// remove deletes the lease of a range that is gone.
func (s *leaseStore) remove(ctx context.Context, l *lease) error {
	_, err := s.leases.DeleteItem(ctx, l.ID, s.key(l.ID, l.members), IfMatch(l.etag))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
