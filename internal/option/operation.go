package option

import (
	"slices"
	"strings"
)

// Name tells options apart.
type Name uint8

// The options, by the names of the functions of package cosmos that make them.
const (
	none Name = iota
	PartitionKey
	SessionToken
	Consistency
	PageSize
	Continuation
	MaxConcurrency
	MaxQueryMemory
	ReadAhead
	IfMatch
	IfNoneMatch
	PatchCondition
	IndexingDirective
	ContentResponse
	RepeatWrites
	InDatabase
	InContainer
	Throughput
	AutoscaleThroughput
	Priority
	ThroughputBucket
	MaxStaleness
	TokenLife
	ScriptLogging
	PreTriggers
	PostTriggers
	FromNow
	Since
	AllVersions
	InFeedRange
	QueryMetrics
	IndexMetrics
	QueryAdvice
	BypassCache
	ContinuationLimit
	FullTextScoreScope
	OnProgress
	ExcludedRegions
	Distributed
	MaxRUPerSecond
	InThroughputControlGroup
	UntilNow
	Header
	names // how many there are
)

var texts = [names]string{
	"", "PartitionKey", "SessionToken", "Consistency", "PageSize", "Continuation", "MaxConcurrency",
	"MaxQueryMemory", "ReadAhead", "IfMatch", "IfNoneMatch", "PatchCondition", "IndexingDirective",
	"ContentResponse", "RepeatWrites", "InDatabase", "InContainer", "Throughput", "AutoscaleThroughput",
	"Priority", "ThroughputBucket", "MaxStaleness", "TokenLife", "ScriptLogging", "PreTriggers", "PostTriggers",
	"FromNow", "Since", "AllVersions", "InFeedRange", "QueryMetrics", "IndexMetrics", "QueryAdvice",
	"BypassCache", "ContinuationLimit", "FullTextScoreScope", "OnProgress", "ExcludedRegions", "Distributed",
	"MaxRUPerSecond", "InThroughputControlGroup", "UntilNow", "Header",
}

// String returns the name of the function that makes the option.
func (n Name) String() string { return texts[n] }

// Names lists every option.
func Names() []string { return slices.Clone(texts[none+1:]) }

// set is a set of names.
type set uint64

func of(members ...Name) set {
	var s set
	for _, n := range members {
		s |= 1 << n
	}
	return s
}

func (s set) has(n Name) bool { return s&(1<<n) != 0 }

// Operation is something that options are given to: a method of package cosmos, or a statement of database/sql.
type Operation struct {
	Name      string
	documents bool // it is about documents, whose guards must not be dropped
	part      bool // it is one operation of a batch or bulk: the call that sends it takes the other options
	takes     set
}

// Takes reports whether the operation carries out an option.
func (o *Operation) Takes(n Name) bool { return o.takes.has(n) }

// Documents reports whether the operation is about documents, so that guards must not be dropped.
func (o *Operation) Documents() bool { return o.documents }

// guards are the options that make an operation do less: dropped, they would change what is not meant.
var guards = of(IfMatch, IfNoneMatch, PatchCondition, PartitionKey, InFeedRange)

// What groups of operations take.
var (
	every   = of(Priority, ThroughputBucket, ExcludedRegions, Header)
	budgets = of(MaxRUPerSecond, InThroughputControlGroup)
	reads   = every | budgets | of(SessionToken, Consistency, MaxStaleness, BypassCache)
	writes  = every | budgets | of(SessionToken, RepeatWrites)
	item    = writes | of(PartitionKey, PreTriggers, PostTriggers)
	stored  = item | of(ContentResponse, IndexingDirective) // a document comes of it
	feed    = reads | of(PartitionKey, PageSize, Continuation, MaxConcurrency, InFeedRange)
	// the last for what is a read of one document
	query = feed | of(ReadAhead, MaxQueryMemory, ContinuationLimit, QueryMetrics, IndexMetrics, QueryAdvice,
		FullTextScoreScope, IfNoneMatch)
	many    = writes | of(PartitionKey, ContentResponse, MaxConcurrency, OnProgress)
	manage  = every | of(RepeatWrites)
	named   = of(InDatabase, InContainer) // statements
	batched = writes | of(PartitionKey) | named
	search  = of(Consistency, MaxStaleness, PageSize, MaxConcurrency, MaxQueryMemory)
)

func documents(name string, takes set) *Operation {
	return &Operation{Name: name, documents: true, takes: takes}
}

func part(name string, takes set) *Operation {
	return &Operation{Name: name, documents: true, part: true, takes: takes}
}

func metadata(name string, takes set) *Operation { return &Operation{Name: name, takes: takes} }

// The methods of package cosmos.
var (
	CreateItem  = documents("CreateItem", stored)
	UpsertItem  = documents("UpsertItem", stored|of(IfMatch))
	ReplaceItem = documents("ReplaceItem", stored|of(IfMatch))
	PatchItem   = documents("PatchItem", stored|of(IfMatch, PatchCondition))
	DeleteItem  = documents("DeleteItem", item|of(IfMatch))
	ReadItem    = documents("ReadItem", reads|of(PartitionKey, IfNoneMatch))

	OpCreate  = part("OpCreate", of(PartitionKey))
	OpUpsert  = part("OpUpsert", of(PartitionKey, IfMatch))
	OpReplace = part("OpReplace", of(PartitionKey, IfMatch))
	OpPatch   = part("OpPatch", of(PartitionKey, IfMatch, PatchCondition))
	OpDelete  = part("OpDelete", of(PartitionKey, IfMatch))
	OpRead    = part("OpRead", of(PartitionKey, IfNoneMatch))

	TransactionalBatch = documents("TransactionalBatch", writes|of(PartitionKey, ContentResponse))

	CommitTransaction = documents("Transaction.Commit", every|of(ContentResponse))
	ReadTransaction   = documents("Transaction.Read", every)

	Bulk        = documents("Bulk", many)
	CreateMany  = documents("CreateMany", many)
	UpsertMany  = documents("UpsertMany", many)
	ReplaceMany = documents("ReplaceMany", many)
	DeleteMany  = documents("DeleteMany", many)
	PatchMany   = documents("PatchMany", many|of(PatchCondition))
	ReadMany    = documents("ReadMany", many)

	Query                  = documents("Query", query)
	Explain                = documents("Explain", query)
	Items                  = documents("Items", feed|of(ReadAhead))
	ChangeFeed             = documents("ChangeFeed", feed|of(FromNow, Since, AllVersions, UntilNow))
	DeletePartition        = documents("DeletePartition", writes|of(PartitionKey))
	ExecuteStoredProcedure = documents("ExecuteStoredProcedure", writes|of(PartitionKey, ScriptLogging))

	Databases         = metadata("Databases", every|of(PageSize, Continuation))
	CreateDatabase    = metadata("CreateDatabase", manage|of(Throughput, AutoscaleThroughput))
	ReadDatabase      = metadata("Database.Read", every)
	DeleteDatabase    = metadata("Database.Delete", manage|of(IfMatch))
	Containers        = metadata("Containers", every|of(PageSize, Continuation))
	CreateContainer   = metadata("CreateContainer", manage|of(Throughput, AutoscaleThroughput))
	ReadContainer     = metadata("Container.Read", every)
	ReadUsage         = metadata("ReadUsage", every)
	Conflicts         = documents("Conflicts", every|of(PageSize, Continuation))
	DeleteConflict    = documents("DeleteConflict", manage|of(PartitionKey, IfMatch))
	QueryDatabases    = metadata("QueryDatabases", every|of(PageSize, Continuation))
	QueryContainers   = metadata("QueryContainers", every|of(PageSize, Continuation))
	ReplaceContainer  = metadata("Container.Replace", manage|of(IfMatch))
	DeleteContainer   = metadata("Container.Delete", manage|of(IfMatch))
	ReadThroughput    = metadata("ReadThroughput", every)
	ReplaceThroughput = metadata("ReplaceThroughput", manage|of(Throughput, AutoscaleThroughput))

	ListResources     = metadata("Resources.List", every|of(PageSize, Continuation))
	CreateResource    = metadata("Resources.Create", manage)
	ReadResource      = metadata("Resources.Read", every)
	ReplaceResource   = metadata("Resources.Replace", manage|of(IfMatch))
	DeleteResource    = metadata("Resources.Delete", manage|of(IfMatch))
	CreatePermission  = metadata("Resources.Create of a permission", manage|of(TokenLife))
	ReadPermission    = metadata("Resources.Read of a permission", every|of(TokenLife))
	ReplacePermission = metadata("Resources.Replace of a permission", manage|of(IfMatch, TokenLife))
)

// The statements of database/sql.
var (
	// AnyStatement takes every option: for what has to be known before the statement is.
	AnyStatement = metadata("a statement", ^set(0))

	Select      = documents("SELECT", query|named)
	ExplainStmt = documents("EXPLAIN", query|named)
	// it reads as much as the sample needs, a range at a time
	SampleStmt = documents("DESCRIBE … SAMPLE", (feed&^of(PageSize, MaxConcurrency))|named)
	Insert     = documents("INSERT", stored|named)
	Upsert     = documents("UPSERT", stored|of(IfMatch)|named)
	Update     = documents("UPDATE", stored|search|of(IfMatch, PatchCondition)|named)
	Delete     = documents("DELETE", item|search|of(IfMatch)|named)

	txInsert = documents("INSERT in a transaction", batched)
	txUpsert = documents("UPSERT in a transaction", batched|of(IfMatch))
	txUpdate = documents("UPDATE in a transaction", batched|of(IfMatch, PatchCondition))
	txDelete = documents("DELETE in a transaction", batched|of(IfMatch))

	// Begin is the begin of a transaction.
	Begin = metadata("BeginTx", of(Distributed))

	DDL      = metadata("CREATE, ALTER and DROP", manage|of(Throughput, AutoscaleThroughput)|named)
	Metadata = metadata("LIST and DESCRIBE", every|of(PageSize)|named)
)

// InTransaction is the statement o as a part of a transaction, which is one request.
func (o *Operation) InTransaction() *Operation {
	switch o {
	case Insert:
		return txInsert
	case Upsert:
		return txUpsert
	case Update:
		return txUpdate
	case Delete:
		return txDelete
	}
	return o
}

// methods and statements are the operations that errors name as the way out.
var (
	methods = []*Operation{
		CreateItem, UpsertItem, ReplaceItem, PatchItem, DeleteItem, ReadItem, TransactionalBatch, Bulk, PatchMany,
		Query, Items, ChangeFeed,
		DeletePartition, ExecuteStoredProcedure, CreateDatabase, CreateContainer, ReplaceContainer, ReplaceThroughput,
		CreatePermission,
	}
	statements = []*Operation{Select, Insert, Upsert, Update, Delete, DDL, Metadata, SampleStmt, Begin}
)

// takenBy lists the operations that take an option, for an error.
func takenBy(n Name, by []*Operation) string {
	var list []string
	for _, o := range by {
		if o.takes.has(n) {
			list = append(list, o.Name)
		}
	}
	return strings.Join(list, ", ")
}
