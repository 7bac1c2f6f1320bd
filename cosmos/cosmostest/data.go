package cosmostest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"time"
)

// Database is a database that a server has from the start. See [Data].
type Database struct {
	ID         string
	Throughput int // RU/s that its containers share; 0 is none
	Containers []ContainerData
}

// ContainerData is a container that a server has from the start.
type ContainerData struct {
	ID           string
	PartitionKey []string // paths, such as /customer; several are a hierarchical key
	Throughput   int      // RU/s; 0 is the service's default
	// Properties are further members of the definition, named as in the service's JSON: indexingPolicy, defaultTtl,
	// uniqueKeyPolicy and so on.
	Properties map[string]any
	// Documents are what json.Marshal turns into objects with an id.
	Documents []any
}

// Data gives a server databases, containers and documents at the start:
//
//	srv := cosmostest.RunT(t, cosmostest.Data(cosmostest.Database{ID: "shop", Containers: []cosmostest.ContainerData{{
//		ID: "orders", PartitionKey: []string{"/customer"}, Documents: []any{order{ID: "1", Customer: "ann"}},
//	}}}))
func Data(databases ...Database) Option {
	return load("Data", func() ([]byte, error) { return json.Marshal(map[string]any{"databases": databases}) })
}

// MarshalJSON writes the database as [LoadFile] reads it.
func (d Database) MarshalJSON() ([]byte, error) {
	m := map[string]any{"id": d.ID, "containers": d.Containers}
	if d.Containers == nil {
		m["containers"] = []ContainerData{}
	}
	if d.Throughput != 0 {
		m["throughput"] = d.Throughput
	}
	return json.Marshal(m)
}

// MarshalJSON writes the container as [LoadFile] reads it.
func (c ContainerData) MarshalJSON() ([]byte, error) {
	m := map[string]any{}
	maps.Copy(m, c.Properties)
	m["id"] = c.ID
	if len(c.PartitionKey) > 0 {
		m["partitionKey"] = partitionKey(c.PartitionKey)
	}
	if c.Throughput != 0 {
		m["throughput"] = c.Throughput
	}
	if len(c.Documents) > 0 {
		m["documents"] = c.Documents
	}
	return json.Marshal(m)
}

func partitionKey(paths []string) map[string]any {
	kind := "Hash"
	if len(paths) > 1 {
		kind = "MultiHash"
	}
	return map[string]any{"paths": paths, "kind": kind, "version": 2}
}

// LoadFile gives a server what a JSON file holds, at the start. [Server.Dump] writes such files:
//
//	{"databases": [{"id": "shop", "containers": [{
//	  "id": "orders", "partitionKey": {"paths": ["/customer"]},
//	  "documents": [{"id": "1", "customer": "ann"}],
//	  "udfs": [{"id": "tax", "body": "function (x) { return x * 0.2 }"}]}]}]}
//
// A container has the members of the service's JSON and besides them throughput or autoscaleThroughput (RU/s; the
// latter with the autoUpgradePolicy of its offer), documents, and sprocs, triggers and udfs as the service has them. A
// document keeps the _etag, _ts and _rid that it is given, a container its ranges, the physical partitions, and its
// conflicts. What cannot be loaded is an error of [Start] that names file, line and reason.
func LoadFile(name string) Option {
	return load(name, func() ([]byte, error) { return os.ReadFile(name) })
}

// Load is [LoadFile] of a text.
func Load(text []byte) Option {
	return load("Load", func() ([]byte, error) { return text, nil })
}

// load adds what is loaded at the start; name is what its errors begin with.
func load(name string, read func() ([]byte, error)) Option {
	return func(c *config) { c.data = append(c.data, source{name, read}) }
}

// source is something to load.
type source struct {
	name string
	read func() ([]byte, error)
}

func (s *Server) load() error {
	for _, src := range s.config.data {
		text, err := src.read()
		if err != nil {
			return fmt.Errorf("cosmostest: %s: %w", src.name, err)
		}
		if err := s.account.Load(text); err != nil {
			return fmt.Errorf("cosmostest: %s: %w", src.name, err)
		}
	}
	return nil
}

// Dump writes all databases, client encryption keys, containers, scripts, conflicts and documents as the JSON that
// [LoadFile] reads: a server that loads it has the same documents with the same etags, in the same physical partitions,
// and session tokens stay good. Users, permissions and the history of changes are not in it.
func (s *Server) Dump(w io.Writer) error {
	if err := s.account.Dump(w); err != nil {
		return fmt.Errorf("cosmostest: dump: %w", err)
	}
	return nil
}

// Documents are the JSON texts of a container's documents, as they are now and without a request: partition by
// partition, each in the order of the last writes.
func (s *Server) Documents(database, container string) ([]json.RawMessage, error) {
	c, err := s.account.Container(database, container)
	if err != nil {
		return nil, fmt.Errorf("cosmostest: container %s/%s: %w", database, container, err)
	}
	var out []json.RawMessage
	for _, it := range c.Items() {
		out = append(out, append(json.RawMessage(nil), it.JSON...))
	}
	return out, nil
}

// Advance moves the server's clock ahead (see [Clock]): documents reach the end of their time to live, throughput that
// was used up is there again.
func (s *Server) Advance(d time.Duration) { s.ahead.Add(int64(d)) }
