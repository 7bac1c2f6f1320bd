package cosmostest

import "github.com/cosmossql/cosmossql/internal/emulator/gateway"

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

// Operations are all of them.
func Operations() []Operation {
	return []Operation{
		ReadAccount, ListDatabases, CreateDatabase, ReadDatabase, DeleteDatabase, ListContainers, CreateContainer,
		ReadContainer, ReplaceContainer, DeleteContainer, ReadRanges, ListOffers, ReadOffer, ReplaceOffer, List,
		ChangeFeed, Create, Upsert, Read, Replace, Patch, Delete, Query, QueryPlan, Batch, Bulk, BulkItem,
		DeletePartitionKey, ManageUsers, ManagePermissions, ManageScripts, ManageEncryptionKeys, ListConflicts,
		UnknownOperation, ExecuteScript, CommitTransaction, AbortTransaction, ReadTransaction,
	}
}

// Count is how many requests there have been for an operation, failed ones included.
func (s *Server) Count(op Operation) int { return s.gateway.Count(op) }
