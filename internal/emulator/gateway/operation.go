package gateway

// Operation names what a request does; faults are chosen by it. A name and not a number, as logs of exchanges show
// it.
type Operation string

// The operations. Those without a noun are of documents.
const (
	ReadAccount          Operation = "ReadAccount"
	ListDatabases        Operation = "ListDatabases"
	CreateDatabase       Operation = "CreateDatabase"
	ReadDatabase         Operation = "ReadDatabase"
	DeleteDatabase       Operation = "DeleteDatabase"
	ListContainers       Operation = "ListContainers"
	CreateContainer      Operation = "CreateContainer"
	ReadContainer        Operation = "ReadContainer"
	ReplaceContainer     Operation = "ReplaceContainer"
	DeleteContainer      Operation = "DeleteContainer"
	ReadRanges           Operation = "ReadRanges"
	ListOffers           Operation = "ListOffers"
	ReadOffer            Operation = "ReadOffer"
	ReplaceOffer         Operation = "ReplaceOffer"
	List                 Operation = "List"
	ChangeFeed           Operation = "ChangeFeed"
	Create               Operation = "Create"
	Upsert               Operation = "Upsert"
	Read                 Operation = "Read"
	Replace              Operation = "Replace"
	Patch                Operation = "Patch"
	Delete               Operation = "Delete"
	Query                Operation = "Query"
	QueryPlan            Operation = "QueryPlan"
	Batch                Operation = "Batch" // transactional
	Bulk                 Operation = "Bulk"
	BulkItem             Operation = "BulkItem" // one operation of a bulk request
	DeletePartitionKey   Operation = "DeletePartitionKey"
	ManageUsers          Operation = "ManageUsers"
	ManagePermissions    Operation = "ManagePermissions"
	ManageEncryptionKeys Operation = "ManageEncryptionKeys"
	ManageScripts        Operation = "ManageScripts"
	ExecuteScript        Operation = "ExecuteScript"
	ListConflicts        Operation = "ListConflicts"
	CommitTransaction    Operation = "CommitTransaction" // distributed
	AbortTransaction     Operation = "AbortTransaction"
	ReadTransaction      Operation = "ReadTransaction"
	UnknownOperation     Operation = "Unknown"
)

// operation is what a request turned out to be.
type operation struct {
	name   Operation
	handle handler // nil: there is no such resource
	body   bool    // the request has one
	// The key that only reads and the tokens of permissions to read go by it (403), and so do regions that do not
	// write (403/3).
	writes bool // only a write region does it, and no key or token that reads
}

// The operations by what they need.
func get(name Operation, handle handler) operation {
	return operation{name: name, handle: handle}
}

func ask(name Operation, handle handler) operation {
	return operation{name: name, handle: handle, body: true}
}

func put(name Operation, handle handler) operation {
	return operation{name: name, handle: handle, body: true, writes: true}
}

func remove(name Operation, handle handler) operation {
	return operation{name: name, handle: handle, writes: true}
}
