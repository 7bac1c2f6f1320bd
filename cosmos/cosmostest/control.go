package cosmostest

import (
	"fmt"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
)

// Fault is something that goes wrong with requests. See [Server.Inject].
type Fault = gateway.Fault

// Request describes a request to a [Fault].
type Request = gateway.Request

// Operation names what a request does.
type Operation = gateway.Operation

// The operations. Those without a noun are of documents. A bulk request is one Bulk and, for faults that answer a
// status, a BulkItem for each of its operations.
const (
	ReadAccount        = gateway.ReadAccount
	ListDatabases      = gateway.ListDatabases
	CreateDatabase     = gateway.CreateDatabase
	ReadDatabase       = gateway.ReadDatabase
	DeleteDatabase     = gateway.DeleteDatabase
	ListContainers     = gateway.ListContainers
	CreateContainer    = gateway.CreateContainer
	ReadContainer      = gateway.ReadContainer
	ReplaceContainer   = gateway.ReplaceContainer
	DeleteContainer    = gateway.DeleteContainer
	ReadRanges         = gateway.ReadRanges
	ListOffers         = gateway.ListOffers
	ReadOffer          = gateway.ReadOffer
	ReplaceOffer       = gateway.ReplaceOffer
	List               = gateway.List
	ChangeFeed         = gateway.ChangeFeed
	Create             = gateway.Create
	Upsert             = gateway.Upsert
	Read               = gateway.Read
	Replace            = gateway.Replace
	Patch              = gateway.Patch
	Delete             = gateway.Delete
	Query              = gateway.Query
	QueryPlan          = gateway.QueryPlan
	Batch              = gateway.Batch
	Bulk               = gateway.Bulk
	BulkItem           = gateway.BulkItem
	DeletePartitionKey = gateway.DeletePartitionKey
	ManageUsers        = gateway.ManageUsers
	ManagePermissions  = gateway.ManagePermissions
	ManageScripts      = gateway.ManageScripts
	ExecuteScript      = gateway.ExecuteScript
)

// Where a fault can break the connection: before anything is done, after everything but the answer is done, in the
// middle of the answer.
const (
	CutBefore = gateway.CutBefore
	CutAfter  = gateway.CutAfter
	CutBody   = gateway.CutBody
)

// Inject makes a fault happen to the requests that it matches, until it has happened as often as it says or the
// function returned is called:
//
//	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Create), Times: 2, Status: 429, SubStatus: 3200})
//
// Faults happen in the order in which they were injected. One whose Match only looks on, and says false, is a way to see
// what a client sends.
func (s *Server) Inject(f Fault) (end func()) { return s.gateway.Inject(f) }

// On matches the requests of the operations.
func On(ops ...Operation) func(Request) bool {
	return func(r Request) bool {
		for _, op := range ops {
			if r.Operation == op {
				return true
			}
		}
		return false
	}
}

// Fail answers the next requests of an operation, so many times, with a status; 0 times is from now on.
// A retryAfter that is not zero is sent as x-ms-retry-after-ms.
func (s *Server) Fail(op Operation, times, status, substatus int, retryAfter time.Duration) (end func()) {
	return s.Inject(Fault{Match: On(op), Times: times, Status: status, SubStatus: substatus, RetryAfter: retryAfter})
}

// Delay holds every request up for a time, as a network does.
func (s *Server) Delay(d time.Duration) (end func()) { return s.Inject(Fault{Delay: d}) }

// Count is how many requests there have been for an operation, failed ones included.
func (s *Server) Count(op Operation) int { return s.gateway.Count(op) }

// Range is one physical partition of a container: its id and the effective partition keys that it owns.
type Range struct{ ID, Min, Max string }

// Ranges lists the physical partitions of a container.
func (s *Server) Ranges(database, container string) ([]Range, error) {
	c, err := s.account.Container(database, container)
	if err != nil {
		return nil, fmt.Errorf("cosmostest: container %s/%s: %w", database, container, err)
	}
	var out []Range
	for _, r := range c.Ranges() {
		out = append(out, Range{r.ID, r.Min, r.Max})
	}
	return out, nil
}

// Split cuts a physical partition in two and returns their ids. From then on requests to the old id are 410/1002.
func (s *Server) Split(database, container, id string) ([]string, error) {
	c, err := s.account.Container(database, container)
	if err != nil {
		return nil, fmt.Errorf("cosmostest: container %s/%s: %w", database, container, err)
	}
	ids, err := c.Split(id)
	if err != nil {
		return nil, fmt.Errorf("cosmostest: split: %w", err)
	}
	return ids, nil
}

// Merge joins two neighbouring physical partitions and returns the id of what they became.
func (s *Server) Merge(database, container, a, b string) (string, error) {
	c, err := s.account.Container(database, container)
	if err != nil {
		return "", fmt.Errorf("cosmostest: container %s/%s: %w", database, container, err)
	}
	id, err := c.Merge(a, b)
	if err != nil {
		return "", fmt.Errorf("cosmostest: merge: %w", err)
	}
	return id, nil
}

// StopRegion makes a region fail: every request to it has its connection cut. The function returned brings it back.
func (s *Server) StopRegion(name string) (start func()) {
	f := s.face(name)
	return s.Inject(Fault{Cut: CutBefore, Match: func(r Request) bool { return s.face(r.Region) == f }})
}
