package cosmos

import "encoding/json"

// AccountProperties is what the account says about itself.
type AccountProperties struct {
	ID              string
	WritableRegions []Region
	ReadableRegions []Region
	MultipleWriters bool
	Consistency     ConsistencyLevel
	Raw             json.RawMessage // everything the account answered
}

// Region is a region that an account is replicated to.
type Region struct {
	Name     string `json:"name"`
	Endpoint string `json:"databaseAccountEndpoint"`
}

// DatabaseProperties describes a database.
type DatabaseProperties struct {
	ID   string `json:"id"`
	RID  string `json:"_rid,omitempty"`
	Self string `json:"_self,omitempty"`
	ETag string `json:"_etag,omitempty"`
	TS   int64  `json:"_ts,omitempty"`
}

// PartitionKeyDefinition says which properties make up the partition key. [PartitionKeyPaths] makes one.
type PartitionKeyDefinition struct {
	Paths     []string `json:"paths"`
	Kind      string   `json:"kind,omitempty"`    // Hash or MultiHash
	Version   int      `json:"version,omitempty"` // of the hash: 2, or 1 for old containers
	SystemKey bool     `json:"systemKey,omitempty"`
}

// PartitionKeyPaths defines a partition key by one path such as /customer, or up to three of a hierarchical key.
func PartitionKeyPaths(paths ...string) PartitionKeyDefinition {
	kind := "Hash"
	if len(paths) > 1 {
		kind = "MultiHash"
	}
	return PartitionKeyDefinition{Paths: paths, Kind: kind, Version: 2}
}

// ContainerProperties describes a container. What it has no field for is kept when it is read, changed and replaced.
type ContainerProperties struct {
	ID           string                 `json:"id"`
	PartitionKey PartitionKeyDefinition `json:"partitionKey"`
	DefaultTTL   *int                   `json:"defaultTtl,omitempty"` // seconds; -1: on, items say when
	RID          string                 `json:"_rid,omitempty"`
	Self         string                 `json:"_self,omitempty"`
	ETag         string                 `json:"_etag,omitempty"`
	TS           int64                  `json:"_ts,omitempty"`
}
