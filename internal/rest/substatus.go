package rest

// The substatuses (x-ms-substatus) on which something depends, by the service's names. The comment says which status
// they refine.
const (
	SubUnreadable           = -1   // the header is not a number: a 404 with it does not say that a document is missing
	SubWriteForbidden       = 3    // 403: this region does not accept writes
	SubNameCacheStale       = 1000 // 410: the container of this name is another one now
	SubKeyMismatch          = 1001 // 400: the key of the header is not that of the document, or of the definition
	SubSessionUnavailable   = 1002 // 404: the replica has not seen the session yet
	SubRangeGone            = 1002 // 410: the partition key range was split or merged
	SubOwnerNotFound        = 1003 // 404: the container or database is missing, not the document
	SubCrossPartition       = 1004 // 400: the gateway cannot execute the query by itself: ask for its plan
	SubCompletingSplit      = 1007 // 410
	SubCompletingMigration  = 1008 // 410: the partition is being moved
	SubAccountNotFound      = 1008 // 403: the region was removed from the account, or is not ready yet
	SubCreateInProgress     = 1013 // 404: the container was made a moment ago
	SubPartitionFull        = 1014 // 403: a logical partition has 20 GB
	SubLeaseNotFound        = 1022 // 410: the region cannot answer; a write may have been executed
	SubWrongContainer       = 1024 // 400: x-ms-cosmos-intended-collection-rid is that of an older container
	SubReplicationQueueFull = 3092 // 429: resources of the partition are used up
	SubThrottled            = 3200 // 429: the request units of the second are used up
	SubAnswerTooLarge       = 3402 // 413: what a batch would answer is too large
	SubTokenRevoked         = 5013 // 401
	SubNotByEntra           = 5300 // 403: nothing that an identity of Entra ID may ask the data plane for
	SubRolledBack           = 5415 // 453: an operation of a distributed transaction that was undone
)
