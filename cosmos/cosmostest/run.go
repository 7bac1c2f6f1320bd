package cosmostest

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// T is what [RunT] uses of a *testing.T, *testing.B or *testing.F.
type T interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// RunT starts a server for one test and closes it when the test ends. A server that cannot start ends the test.
//
//	c := cosmostest.RunT(t).Container("/customer")
//	db, err := sql.Open("cosmos", c.DSN())
func RunT(t T, opts ...Option) *Server {
	t.Helper()
	s, err := Start(opts...)
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	t.Cleanup(s.Close)
	s.t = t
	return s
}

// Container is a container that [Server.Container] has made.
type Container struct {
	Database string // its database's id
	ID       string

	server *Server
}

// Container makes a container that is partitioned by the path, or, with several, by a hierarchical key. What is
// returned knows its names: the database test, in it items, then items2 and so on. For names of your own take [Data],
// or CREATE CONTAINER through [Server.DSN]. A path that the service refuses ends the test of [RunT], and panics in a
// server started otherwise.
func (s *Server) Container(path string, deeper ...string) *Container {
	if s.t != nil {
		s.t.Helper()
	}
	c, err := s.newContainer(append([]string{path}, deeper...))
	switch {
	case err == nil:
	case s.t != nil:
		s.t.Fatalf("%v", err)
	default:
		panic(err)
	}
	return c
}

// madeDatabase is where [Server.Container] makes containers.
const madeDatabase = "test"

func (s *Server) newContainer(paths []string) (*Container, error) {
	s.making.Lock()
	defer s.making.Unlock()
	db, err := s.account.Database(madeDatabase)
	if err != nil {
		if db, err = s.account.CreateDatabase([]byte(`{"id":"`+madeDatabase+`"}`), store.Throughput{}); err != nil {
			return nil, fmt.Errorf("cosmostest: database %s: %w", madeDatabase, err)
		}
	}
	name := "items"
	for n := 2; ; n++ {
		if _, err := db.Container(name); err != nil {
			break
		}
		name = "items" + strconv.Itoa(n)
	}
	definition, err := json.Marshal(ContainerData{ID: name, PartitionKey: paths})
	if err == nil {
		_, err = db.CreateContainer(definition, store.Throughput{})
	}
	if err != nil {
		return nil, fmt.Errorf("cosmostest: container partitioned by %q: %w", paths, err)
	}
	return &Container{Database: madeDatabase, ID: name, server: s}, nil
}

// DSN is the data source name of the container's database for sql.Open("cosmos", …).
func (c *Container) DSN() string { return c.server.DSN(c.Database) }

// Server is the server that has the container.
func (c *Container) Server() *Server { return c.server }

// Documents are the JSON texts of its documents: see [Server.Documents].
func (c *Container) Documents() ([]json.RawMessage, error) {
	return c.server.Documents(c.Database, c.ID)
}
