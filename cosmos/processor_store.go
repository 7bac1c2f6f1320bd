package cosmos

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/rest"
)

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
		return nil, fmt.Errorf("cosmos: lease container %q is partitioned by %v: it must be /id or /partitionKey",
			p.leases.id, d.key.Paths)
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
	const query = "SELECT * FROM c WHERE STARTSWITH(c.id, @prefix)"
	for l, err := range Query[*lease](ctx, s.leases, query, Parameter{Name: "@prefix", Value: s.prefix + ".."}) {
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

// A lease has few writers: one that changes each time it is written is changed by something that is broken. The pauses
// add up to some three seconds, far less than a lease lasts unless LeaseExpiration is set so short.
const (
	leaseTries = 10
	leasePause = 5 * time.Millisecond // the first; each is twice the one before
)

// update writes a lease as change makes it of what it is at that moment. An error of change is returned and nothing is
// written; [ErrLeaseLost] is that of a lease that is gone.
func (s *leaseStore) update(ctx context.Context, l *lease, change func(*lease) error) error {
	for pause, tries := leasePause, 1; ; pause, tries = 2*pause, tries+1 {
		next := l.copy()
		if err := change(next); err != nil {
			return err
		}
		resp, err := s.leases.ReplaceItem(ctx, l.ID, next, IfMatch(l.etag), ContentResponse(false))
		switch {
		case err == nil:
			*l = *next
			l.etag = resp.ETag
			return nil
		case errors.Is(err, ErrNotFound):
			return ErrLeaseLost
		case !errors.Is(err, ErrPreconditionFailed):
			return err
		case tries == leaseTries:
			return fmt.Errorf("cosmos: others changed the lease %q %d times before this process could: %w", l.ID,
				tries, err)
		}
		if err := rest.Wait(ctx, pause/2+rand.N(pause)); err != nil {
			return err
		}
		// Somebody else has written it. It may have been this process, whose answer was lost, one that asks for the
		// lease, or a tool that added a member.
		now, _, err := ReadItem[*lease](ctx, s.leases, l.ID, s.key(l.ID, l.members))
		if errors.Is(err, ErrNotFound) {
			return ErrLeaseLost
		}
		if err != nil {
			return err
		}
		*l = *now
	}
}

// keep renews a lease that owner has to have, with a change.
func (s *leaseStore) keep(ctx context.Context, l *lease, owner string, change func(*lease)) error {
	return s.update(ctx, l, func(l *lease) error {
		if l.Owner != owner {
			return ErrLeaseLost
		}
		l.Timestamp = time.Now()
		change(l)
		return nil
	})
}

// acquire takes a lease that is free, this process's already, or that of an owner that hands over nothing and has not
// changed since l was read.
func (s *leaseStore) acquire(ctx context.Context, l *lease, me string, expiration time.Duration) error {
	seen := l.Owner
	return s.update(ctx, l, func(l *lease) error {
		now := time.Now()
		if l.Owner != me && !l.free(now, expiration) && (l.handsOver() || l.Owner != seen) {
			return ErrLeaseLost
		}
		l.Owner, l.HandsOver, l.Timestamp = me, me, now
		if l.WantedBy == me {
			l.WantedBy, l.WantedAt = "", time.Time{}
		}
		return nil
	})
}

// want asks the owner of a lease to hand it over to me. It leaves the owner's time alone: one that is dead stays so.
func (s *leaseStore) want(ctx context.Context, l *lease, me string, expiration time.Duration) error {
	seen := l.Owner
	return s.update(ctx, l, func(l *lease) error {
		now := time.Now()
		if wanted := l.wanted(now, expiration); l.Owner != seen || wanted != "" && wanted != me {
			return ErrLeaseLost
		}
		l.WantedBy, l.WantedAt = me, now
		return nil
	})
}

// withdraw takes back that this process wants a lease, and gives it back if it has it.
func (s *leaseStore) withdraw(ctx context.Context, l *lease, me string, expiration time.Duration) error {
	err := s.update(ctx, l, func(l *lease) error {
		switch me {
		case l.Owner:
			l.giveBack(time.Now(), expiration)
		case l.WantedBy:
			l.WantedBy, l.WantedAt = "", time.Time{}
		default:
			return ErrLeaseLost
		}
		return nil
	})
	if errors.Is(err, ErrLeaseLost) {
		return nil
	}
	return err
}

// remove deletes the lease of a range that is gone.
func (s *leaseStore) remove(ctx context.Context, l *lease) error {
	_, err := s.leases.DeleteItem(ctx, l.ID, s.key(l.ID, l.members), IfMatch(l.etag))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
