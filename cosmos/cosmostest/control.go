package cosmostest

import (
	"fmt"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
)

// Operation names what a request does.
type Operation = gateway.Operation

// The operations. Those without a noun are of documents. A bulk request is one Bulk and, for faults that answer a
// status, a BulkItem for each of its operations.
const (
	ReadAccount          = gateway.ReadAccount
	ListDatabases        = gateway.ListDatabases
	CreateDatabase       = gateway.CreateDatabase
	ReadDatabase         = gateway.ReadDatabase
	DeleteDatabase       = gateway.DeleteDatabase
	ListContainers       = gateway.ListContainers
	CreateContainer      = gateway.CreateContainer
	ReadContainer        = gateway.ReadContainer
	ReplaceContainer     = gateway.ReplaceContainer
	DeleteContainer      = gateway.DeleteContainer
	ReadRanges           = gateway.ReadRanges
	ListOffers           = gateway.ListOffers
	ReadOffer            = gateway.ReadOffer
	ReplaceOffer         = gateway.ReplaceOffer
	List                 = gateway.List
	ChangeFeed           = gateway.ChangeFeed
	Create               = gateway.Create
	Upsert               = gateway.Upsert
	Read                 = gateway.Read
	Replace              = gateway.Replace
	Patch                = gateway.Patch
	Delete               = gateway.Delete
	Query                = gateway.Query
	QueryPlan            = gateway.QueryPlan
	Batch                = gateway.Batch
	Bulk                 = gateway.Bulk
	BulkItem             = gateway.BulkItem
	DeletePartitionKey   = gateway.DeletePartitionKey
	ManageUsers          = gateway.ManageUsers
	ManagePermissions    = gateway.ManagePermissions
	ManageScripts        = gateway.ManageScripts
	ManageEncryptionKeys = gateway.ManageEncryptionKeys
	ListConflicts        = gateway.ListConflicts
	UnknownOperation     = gateway.UnknownOperation
	ExecuteScript        = gateway.ExecuteScript
	CommitTransaction    = gateway.CommitTransaction // distributed
	AbortTransaction     = gateway.AbortTransaction
	ReadTransaction      = gateway.ReadTransaction
)

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
