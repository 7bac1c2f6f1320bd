package cosmostest

import (
	"cmp"
	"fmt"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// Regions names the regions of the account, each of which gets an address of its own. The first is the write region.
// Each has its own state of the documents; without a delay ([ReplicationDelay], [Server.PauseReplication]) every write
// is in all of them at once.
func Regions(names ...string) Option {
	return func(c *config) {
		if len(names) > 0 {
			c.regions = names
		}
	}
}

// MultiWrite lets every region write. Where two of them write the same document before they know of each other, the
// container's policy of resolution decides, once their writes meet.
func MultiWrite() Option { return func(c *config) { c.multiWrite = true } }

// Consistency sets the account's default level: Strong, BoundedStaleness, Session, ConsistentPrefix or Eventual.
// The default is Session. In an account of level Strong every region has a write before it is acknowledged; one of
// level BoundedStaleness lets a region lag behind by 100 writes of a partition.
func Consistency(level string) Option { return func(c *config) { c.consistency = level } }

// ReplicationDelay has a write take some time, between least and most on the server's clock (see [Clock] and
// [Server.Advance]), until another region has it. [ReplicationSeed] makes the times the same in every run.
func ReplicationDelay(least, most time.Duration) Option {
	return func(c *config) { c.leastDelay, c.mostDelay = least, most }
}

// ReplicationSeed is the seed of the times that [ReplicationDelay] spreads.
func ReplicationSeed(seed uint64) Option { return func(c *config) { c.seed = seed } }

// AccountFlap is how long, on the server's clock, the account document shows what it was and what it is in turns after
// a change of its regions, as the service's does for some time.
func AccountFlap(d time.Duration) Option { return func(c *config) { c.flap = d } }

// PartitionFailover sets the account's flag for failover of single partitions: see [Server.FailOverPartition].
func PartitionFailover() Option { return func(c *config) { c.partitionFailover = true } }

// SameRegion compares the names of regions as the service and its SDKs do: "westus" is "West US". What takes the name
// of a region here finds it so; a [Fault] has it in the Region of its Request.
func SameRegion(a, b string) bool { return store.SameRegion(a, b) }

// checkRegions refuses what no account can be.
func (c *config) checkRegions() error {
	for i, name := range c.regions {
		for _, other := range c.regions[:i] {
			if store.SameRegion(name, other) {
				return fmt.Errorf("cosmostest: the region %q is named twice", name)
			}
		}
		if store.SameRegion(name, "") {
			return fmt.Errorf("cosmostest: a region has no name")
		}
	}
	switch strong := c.consistency == "Strong"; {
	case strong && c.multiWrite:
		return fmt.Errorf(
			"cosmostest: an account of consistency level Strong has one write region: leave out MultiWrite")
	case strong && c.mostDelay > 0:
		return fmt.Errorf("cosmostest: an account of consistency level Strong replicates before it acknowledges: " +
			"leave out ReplicationDelay")
	case c.leastDelay < 0 || c.mostDelay < c.leastDelay:
		return fmt.Errorf("cosmostest: a delay of replication between %v and %v is impossible",
			c.leastDelay, c.mostDelay)
	case c.flap < 0:
		return fmt.Errorf("cosmostest: the account document cannot flap for %v", c.flap)
	}
	return nil
}

// region finds a region by its name; "" is every region where that is allowed.
func (s *Server) region(name string, every bool) (int, error) {
	if name == "" && every {
		return -1, nil
	}
	r, err := s.account.Topology().Find(name)
	if err != nil {
		return 0, fmt.Errorf("cosmostest: %w", err)
	}
	return r.ID, nil
}

// withRegion does something with the region of a name.
func (s *Server) withRegion(name string, f func(id int) error) error {
	id, err := s.region(name, false)
	if err != nil {
		return err
	}
	if err := f(id); err != nil {
		return fmt.Errorf("cosmostest: region %s: %w", name, err)
	}
	return nil
}

// between does something with what leads from a region to another; "" is every region.
func (s *Server) between(from, to string, f func(from, to int) error) error {
	a, err := s.region(from, true)
	if err != nil {
		return err
	}
	b, err := s.region(to, true)
	if err != nil {
		return err
	}
	if err := f(a, b); err != nil {
		return fmt.Errorf("cosmostest: replication: %w", err)
	}
	return nil
}

// SetReplicationDelay changes how long writes take from a region to another; "" is every region.
func (s *Server) SetReplicationDelay(from, to string, least, most time.Duration) error {
	return s.between(from, to, func(a, b int) error { return s.account.SetDelay(a, b, least, most) })
}

// PauseReplication stops replication from a region to another; "" is every region. Reads of the region that is left
// behind show what it has, and with a session token that is ahead of it are 404/1002. Once 10,000 writes of a partition
// wait, further ones are 429/3075.
func (s *Server) PauseReplication(from, to string) error {
	return s.between(from, to, func(a, b int) error { return s.account.Pause(a, b, true) })
}

// ResumeReplication lets replication go on that [Server.PauseReplication] has stopped. What would have arrived in the
// meantime arrives now.
func (s *Server) ResumeReplication(from, to string) error {
	return s.between(from, to, func(a, b int) error { return s.account.Pause(a, b, false) })
}

// ReplicationLag is how many writes are on their way to a region.
func (s *Server) ReplicationLag(region string) (int, error) {
	id, err := s.region(region, false)
	if err != nil {
		return 0, err
	}
	return s.account.Behind(id), nil
}

// AddRegion adds a region to the account. It begins with all that the write region has, at an address of its own.
func (s *Server) AddRegion(name string) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	if s.closed {
		return fmt.Errorf("cosmostest: the server is closed")
	}
	if err := cmp.Or(s.config.checkRegionName(name), s.config.checkAdvertised(len(s.list())+1)); err != nil {
		return err
	}
	f, err := s.newFace()
	if err != nil {
		return err
	}
	before := s.faces.Load()
	handler := s.gateway.Serve(len(*before), s.address(f, name)) // the id that the region gets
	s.addFace(f)                                                 // first: who sees the region needs its address
	if _, err := s.account.AddRegion(name); err != nil {
		s.faces.Store(before)
		if s.config.domain == "" {
			f.close()
		}
		return fmt.Errorf("cosmostest: region %s: %w", name, err)
	}
	if s.config.domain == "" {
		f.serve(handler)
	}
	return nil
}

// DrainRegion begins to remove a region: its address answers everything with 403/1008 while the account still lists it,
// as the service's does for minutes. [Server.RemoveRegion] ends that, [Server.CancelDrain] takes it back; until then
// other changes of regions are refused (412).
func (s *Server) DrainRegion(name string) error { return s.withRegion(name, s.account.Drain) }

// CancelDrain brings back a region that [Server.DrainRegion] was to remove.
func (s *Server) CancelDrain(name string) error { return s.withRegion(name, s.account.CancelDrain) }

// RemoveRegion removes a region from the account. Its address answers 403/1008 from then on. What it has written
// arrives in the other regions first. The write region cannot be removed.
func (s *Server) RemoveRegion(name string) error { return s.withRegion(name, s.account.Remove) }

// MoveWriteRegion makes another region the write region, as a planned failover does: nothing is lost. It is refused
// while replication to the region, or where several regions write to any of them, is paused and behind.
func (s *Server) MoveWriteRegion(name string) error { return s.withRegion(name, s.account.MoveWrites) }

// LostWrite is an acknowledged write that a forced failover has lost.
type LostWrite = store.Lost

// ForceFailover makes another region the write region at once, as where the old one is down. The writes that it had not
// got are lost, also where other regions had them already, and returned.
func (s *Server) ForceFailover(name string) (lost []LostWrite, err error) {
	err = s.withRegion(name, func(id int) (err error) {
		lost, err = s.account.ForceWrites(id)
		return err
	})
	return lost, err
}

// FailOverPartition makes another region write one physical partition, as the service does in accounts that allow it
// ([PartitionFailover]) where the partition alone fails. force does not wait for the region to have every write, and
// returns what is lost.
func (s *Server) FailOverPartition(
	database, container, rangeID, region string, force bool,
) (lost []LostWrite, err error) {
	if !s.config.partitionFailover {
		return nil, fmt.Errorf("cosmostest: the account does not fail over single partitions: see PartitionFailover")
	}
	c, err := s.account.Container(database, container)
	if err != nil {
		return nil, fmt.Errorf("cosmostest: container %s/%s: %w", database, container, err)
	}
	err = s.withRegion(region, func(id int) (err error) {
		lost, err = c.FailOverPartition(rangeID, id, force)
		return err
	})
	return lost, err
}

// SetMultiWrite changes the account to one in which every region writes, or back to one with a single write region. A
// partition that was failed over by itself is the write region's again. It is refused while replication is paused and a
// region behind, and where a global secondary index would have several writers.
func (s *Server) SetMultiWrite(multi bool) error {
	if err := s.account.SetMultiWrite(multi); err != nil {
		return fmt.Errorf("cosmostest: write mode: %w", err)
	}
	return nil
}

// WriteRegion is the name of the write region; of several, of the one that has the last word about conflicts.
func (s *Server) WriteRegion() string {
	t := s.account.Topology()
	return t.Regions[t.Write].Name
}
