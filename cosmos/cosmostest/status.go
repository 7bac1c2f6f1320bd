package cosmostest

import (
	"fmt"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// AccountStatus is what an account is now.
type AccountStatus struct {
	Name        string
	Endpoint    string
	Consistency string
	MultiWrite  bool // every region writes
	Throttled   bool // see [Throttle]
	Now         time.Time
	Regions     []RegionStatus      // that have not been removed, the write region first
	Replication []ReplicationStatus // of each pair of regions that are there
}

// RegionStatus is what a region does now.
type RegionStatus struct {
	Name     string
	Endpoint string
	Writes   bool
	Draining bool // see [Server.DrainRegion]
}

// ReplicationStatus is how writes travel from one region to another.
type ReplicationStatus struct {
	From, To    string
	Least, Most time.Duration // see [Server.SetReplicationDelay]
	Paused      bool
	Waiting     int // writes that are on their way
}

// Account is what the account is now.
func (s *Server) Account() AccountStatus {
	t := s.account.Topology()
	out := AccountStatus{Name: s.account.Name(), Endpoint: s.Endpoint(), Consistency: s.config.consistency,
		MultiWrite: t.Multi, Throttled: s.gateway.Throttled(), Now: s.now()}
	listed := t.Listed()
	for _, r := range listed {
		out.Regions = append(out.Regions, RegionStatus{Name: r.Name,
			Endpoint: s.scheme() + "://" + s.address(s.list()[r.ID], r.Name) + "/",
			Writes:   r.State == store.Online && (t.Multi || r.ID == t.Write), Draining: r.State == store.Draining})
	}
	for _, from := range listed {
		for _, to := range listed {
			if from.ID == to.ID {
				continue
			}
			l := s.account.Link(from.ID, to.ID)
			out.Replication = append(out.Replication, ReplicationStatus{From: from.Name, To: to.Name,
				Least: l.Least, Most: l.Most, Paused: l.Paused, Waiting: l.Waiting})
		}
	}
	return out
}

// SetThrottle begins or ends what the option [Throttle] asks for.
func (s *Server) SetThrottle(on bool) { s.gateway.SetThrottle(on) }

// Load adds what a JSON text says to what the server has: see [LoadFile]. The error names the line and what was to be
// loaded; what stood before it has been loaded.
func (s *Server) Load(text []byte) error {
	if err := s.account.Load(text); err != nil {
		return fmt.Errorf("cosmostest: load: %w", err)
	}
	return nil
}
