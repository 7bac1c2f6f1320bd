package cosmostest

import (
	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// Exchange is a request and how it was answered.
type Exchange = gateway.Exchange

// Observe has every request told of when it has been answered, for a log or a page that shows them. It is called by
// several goroutines at a time, while the client waits.
func Observe(f func(Exchange)) Option {
	return func(c *config) { c.observe = append(c.observe, f) }
}

// observer tells all observers; nil where there are none.
func (c *config) observer() func(Exchange) {
	if len(c.observe) == 0 {
		return nil
	}
	return func(x Exchange) {
		for _, f := range c.observe {
			f(x)
		}
	}
}

// DatabaseContents is what a database holds.
type DatabaseContents struct {
	ID         string              `json:"id"`
	Containers []ContainerContents `json:"containers"`
}

// ContainerContents is what a container holds.
type ContainerContents struct {
	ID           string          `json:"id"`
	PartitionKey []string        `json:"partitionKey"` // paths
	Throughput   int             `json:"throughput"`   // the most RU/s that it or its database has; 0 if neither says
	Documents    int             `json:"documents"`
	Bytes        int64           `json:"bytes"` // of the documents' JSON
	Ranges       []RangeContents `json:"ranges"`
}

// RangeContents is what a physical partition holds.
type RangeContents struct {
	ID        string `json:"id"`
	Min       string `json:"min"` // effective partition keys, [Min, Max)
	Max       string `json:"max"`
	Documents int    `json:"documents"`
	Keys      int    `json:"keys"`  // logical partitions
	Bytes     int64  `json:"bytes"` // of the documents' JSON
}

// Contents is what the server holds, without a request and without the documents themselves.
func (s *Server) Contents() []DatabaseContents {
	out := []DatabaseContents{}
	for _, d := range s.account.Databases() {
		db := DatabaseContents{ID: d.ID(), Containers: []ContainerContents{}}
		for _, c := range d.Containers() {
			db.Containers = append(db.Containers, s.contents(c))
		}
		out = append(out, db)
	}
	return out
}

func (s *Server) contents(c *store.Container) ContainerContents {
	out := ContainerContents{ID: c.ID(), PartitionKey: c.Definition().PartitionKey.Paths,
		Throughput: c.Throughput().Max()}
	c.Inspect(func(p *store.Slice) {
		r, m := p.Range(), p.Mark()
		out.Ranges = append(out.Ranges, RangeContents{
			ID: r.ID, Min: r.Min, Max: r.Max, Documents: m.Count, Keys: m.Keys, Bytes: m.Bytes,
		})
		out.Documents += m.Count
		out.Bytes += m.Bytes
	})
	return out
}
