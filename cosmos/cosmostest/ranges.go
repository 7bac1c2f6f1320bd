package cosmostest

import (
	"fmt"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// maxPartitions is more than a new container of the service can have: 167, of 1,000,000 RU/s.
const maxPartitions = 1000

// PartitionSize splits a physical partition by itself once the JSON of its documents is larger than that many bytes,
// where half of them is on either side. The service's hold 50 GB; without the option partitions never fill up. One
// whose documents are all of one logical partition is not split.
func PartitionSize(bytes int64) Option { return func(c *config) { c.partitionSize = bytes } }

// SplitPhases has splits and merges, those of throughput and [PartitionSize] too, take time on the server's clock, in
// the phases that [Phase] describes. While partitions are being split for it, an offer is shown as pending, and
// replacing it is 423. Without the option splits and merges happen at once.
func SplitPhases(copying, preparing, swapping time.Duration) Option {
	return func(c *config) {
		c.phases = store.Phases{Copying: copying, Preparing: preparing, Swapping: swapping}
	}
}

// checkRanges refuses what no split can be.
func (c *config) checkRanges() error {
	if p := c.phases; p.Copying < 0 || p.Preparing < 0 || p.Swapping < 0 {
		return fmt.Errorf("cosmostest: SplitPhases(%v, %v, %v): a time below 0 is impossible", p.Copying,
			p.Preparing, p.Swapping)
	}
	if c.partitions < 1 || c.partitions > maxPartitions {
		return fmt.Errorf("cosmostest: Partitions(%d): a new container has at least 1 and at most %d",
			c.partitions, maxPartitions)
	}
	if c.partitionSize < 0 {
		return fmt.Errorf("cosmostest: PartitionSize(%d): a number of bytes above 0 is wanted", c.partitionSize)
	}
	return nil
}

// Phase is how far a split or a merge has got.
type Phase = store.Phase

// The phases.
const (
	Copying   = store.Copying   // the old ranges serve on; pkranges shows that of a split with the status "splitting"
	Preparing = store.Preparing // requests to the old ranges are 410/1007
	Swapping  = store.Swapping  // pkranges shows the new ranges; requests to them are 410/1007, to the old ids 410/1002
	Done      = store.Done      // the new ranges serve
	Cancelled = store.Cancelled // nothing has changed
)

// Range is one physical partition of a container: its id, the effective partition keys that it owns, and its status,
// "online" or "splitting".
type Range struct{ ID, Min, Max, Status string }

// Ranges lists the physical partitions of a container.
func (s *Server) Ranges(database, container string) ([]Range, error) {
	c, err := s.container(database, container)
	if err != nil {
		return nil, err
	}
	var out []Range
	ranges, _, _ := c.RangeFeed("")
	for _, r := range ranges {
		out = append(out, Range{r.ID, r.Min, r.Max, r.Status()})
	}
	return out, nil
}

func (s *Server) container(database, container string) (*store.Container, error) {
	c, err := s.account.Container(database, container)
	if err != nil {
		return nil, fmt.Errorf("cosmostest: container %s/%s: %w", database, container, err)
	}
	return c, nil
}

// EffectivePartitionKey is the hash, in hexadecimal digits, by which a container places the documents of a partition
// key: [Server.SplitAt] takes one. A hierarchical key has a value for each of its paths.
func (s *Server) EffectivePartitionKey(database, container string, key ...any) (string, error) {
	c, err := s.container(database, container)
	if err != nil {
		return "", err
	}
	return c.EffectiveKey(key...)
}

// Split cuts a physical partition in the middle and returns the ids of the halves. From then on, or, under
// [SplitPhases], once their time has passed, requests to the old id are 410/1002.
func (s *Server) Split(database, container, id string) ([]string, error) {
	return s.SplitAt(database, container, id, "")
}

// SplitAt is [Server.Split] at an effective partition key, which is the first that the second half owns; "" is the
// middle.
func (s *Server) SplitAt(database, container, id, key string) ([]string, error) {
	c, err := s.container(database, container)
	if err != nil {
		return nil, err
	}
	ids, err := c.SplitAt(id, key)
	if err != nil {
		return nil, fmt.Errorf("cosmostest: split: %w; Ranges lists the ranges that there are", err)
	}
	return ids, nil
}

// Merge joins two neighbouring physical partitions and returns the id of what they become: see [Server.Split].
func (s *Server) Merge(database, container, a, b string) (string, error) {
	c, err := s.container(database, container)
	if err != nil {
		return "", err
	}
	id, err := c.Merge(a, b)
	if err != nil {
		return "", fmt.Errorf("cosmostest: merge: %w", err)
	}
	return id, nil
}

// RangeChange is a split or a merge of physical partitions that a test moves from [Phase] to [Phase].
type RangeChange struct{ change *store.RangeChange }

// BeginSplit is [Server.SplitAt] in phases: it returns when the change is [Copying], and each [RangeChange.Advance]
// moves it on. A partition takes part in one change at a time: another is refused (412).
func (s *Server) BeginSplit(database, container, id, key string) (*RangeChange, error) {
	c, err := s.container(database, container)
	if err != nil {
		return nil, err
	}
	change, err := c.BeginSplit(id, key)
	if err != nil {
		return nil, fmt.Errorf("cosmostest: split: %w", err)
	}
	return &RangeChange{change}, nil
}

// BeginMerge is [Server.Merge] in phases: see [Server.BeginSplit].
func (s *Server) BeginMerge(database, container, a, b string) (*RangeChange, error) {
	c, err := s.container(database, container)
	if err != nil {
		return nil, err
	}
	change, err := c.BeginMerge(a, b)
	if err != nil {
		return nil, fmt.Errorf("cosmostest: merge: %w", err)
	}
	return &RangeChange{change}, nil
}

// RangeChanges are the splits and merges of a container that are under way, oldest first.
func (s *Server) RangeChanges(database, container string) ([]*RangeChange, error) {
	c, err := s.container(database, container)
	if err != nil {
		return nil, err
	}
	var out []*RangeChange
	for _, change := range c.RangeChanges() {
		out = append(out, &RangeChange{change})
	}
	return out, nil
}

// Phase is how far the change has got.
func (r *RangeChange) Phase() Phase { return r.change.Phase() }

// Old are the ids of the partitions that are split or merged.
func (r *RangeChange) Old() []string { return r.change.Old() }

// New are the ids of the partitions that take their place.
func (r *RangeChange) New() []string { return r.change.New() }

// Advance moves the change on to its next phase, also one that the clock moves ([SplitPhases]), and returns the phase.
// It is refused (412) when the change has ended, and while replication is paused and a region does not have all of two
// partitions that would be merged.
func (r *RangeChange) Advance() (Phase, error) {
	phase, err := r.change.Advance()
	if err != nil {
		return phase, fmt.Errorf("cosmostest: %w", err)
	}
	return phase, nil
}

// Cancel takes the change back. It is refused (412) once the new ranges are shown.
func (r *RangeChange) Cancel() error {
	if err := r.change.Cancel(); err != nil {
		return fmt.Errorf("cosmostest: %w", err)
	}
	return nil
}
