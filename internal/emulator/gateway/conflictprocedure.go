package gateway

import (
	"net/http"

	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// conflictProcedure finds the stored procedure that decides the conflicts of a container. No request of a client runs
// it: it is nobody's charge, and it ends with the gateway.
func (g *Gateway) conflictProcedure(x *store.Container, name string) func(*store.Tx, store.Met) error {
	r, err := x.ConflictProcedure(name)
	if err != nil {
		return func(*store.Tx, store.Met) error { return err }
	}
	c := &call{g: g, r: (&http.Request{}).WithContext(g.ctx), op: operation{name: ExecuteScript}}
	c.functions(x)
	return func(tx *store.Tx, m store.Met) error {
		c.share = g.memory.Share()
		defer func() { c.share.Release() }() // which may be another one by then
		conflicting := make([]value.Value, len(m.Conflicting))
		for i, it := range m.Conflicting {
			conflicting[i] = it.Value()
		}
		_, err := c.runScript(script.Invocation{
			Source: source(r), Operation: "Execute",
			Args: []value.Value{
				documentOrNull(m.Incoming), documentOrNull(m.Existing), value.Bool(m.Tombstone),
				value.Array(conflicting),
			},
			Collection: &scripted{call: c, container: x, tx: tx, epk: m.EPK},
		})
		return err
	}
}

func documentOrNull(it *store.Item) value.Value {
	if it == nil {
		return value.Null
	}
	return it.Value()
}
