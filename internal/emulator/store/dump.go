package store

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/cosmossql/cosmossql/internal/value"
)

// Dump writes what the account holds as the JSON that [Account.Load] reads: databases, client encryption keys,
// containers, scripts, conflicts, and documents with their system properties, a line each, in the order of their last
// writes. Users, permissions and the history of changes are left out.
func (a *Account) Dump(w io.Writer) error {
	b := bufio.NewWriter(w)
	b.WriteString(`{"databases": [`)
	for i, d := range a.Databases() {
		separate(b, i, "\n ")
		b.WriteByte('{')
		writeMembers(b, d.Resource.Value(), "_colls", "_users")
		writeThroughput(b, a.offered(d.offer))
		writeResources(b, keysPath, "\n  ", d.EncryptionKeys())
		b.WriteString(`, "containers": [`)
		for j, c := range d.Containers() {
			separate(b, j, "\n  ")
			c.dump(b)
		}
		b.WriteString("]}")
	}
	b.WriteString("]}\n")
	return b.Flush() // tells of the first write that failed
}

func (c *Container) dump(b *bufio.Writer) {
	b.WriteByte('{')
	writeMembers(b, c.Resource().Value(), "_docs", "_sprocs", "_triggers", "_udfs", "_conflicts")
	writeThroughput(b, c.account.offered(c.offer))
	ranges, _ := json.Marshal(c.savedRanges()) // texts and numbers only
	fmt.Fprintf(b, ",\n   \"ranges\": %s", ranges)
	for kind, k := range scriptKinds {
		writeResources(b, k.path, "\n   ", c.Scripts.List(ScriptKind(kind)))
	}
	c.dumpConflicts(b)
	b.WriteString(",\n   \"documents\": [")
	for i, it := range c.Items() {
		separate(b, i, "\n    ")
		b.Write(it.JSON)
	}
	b.WriteString("]}")
}

// Items are the live documents of a container, partition by partition, each in the order of their last writes.
func (c *Container) Items() []*Item {
	var out []*Item
	c.Inspect(func(s *Slice) {
		first := len(out)
		out = slices.AppendSeq(out, s.Items(0))
		slices.SortStableFunc(out[first:], func(a, b *Item) int { return cmp.Compare(a.LSN, b.LSN) })
	})
	return out
}

// offered is the throughput of an offer; none has none.
func (a *Account) offered(rid string) (t Throughput) {
	if o, err := a.Offer(rid); err == nil {
		t = o.Throughput
	}
	return t
}

func separate(b *bufio.Writer, i int, indent string) {
	if i > 0 {
		b.WriteByte(',')
	}
	b.WriteString(indent)
}

// writeResources writes a member that lists resources, unless there are none, on a line of its own and each on another.
func writeResources(b *bufio.Writer, name, indent string, list []*Resource) {
	for i, r := range list {
		if i == 0 {
			fmt.Fprintf(b, ",%s%q: [", indent, name)
		}
		separate(b, i, indent+" ")
		b.WriteByte('{')
		writeMembers(b, r.Value())
		b.WriteByte('}')
	}
	if len(list) > 0 {
		b.WriteByte(']')
	}
}

// writeMembers writes the members of an object but for _self, which follows from the others, and those left out.
func writeMembers(b *bufio.Writer, v value.Value, leftOut ...string) {
	first := true
	for m := range v.Members() {
		if m.Name == "_self" || slices.Contains(leftOut, m.Name) {
			continue
		}
		if !first {
			b.WriteString(", ")
		}
		first = false
		b.Write(value.AppendJSON(nil, value.String(m.Name)))
		b.WriteString(": ")
		b.Write(value.AppendJSON(nil, m.Value))
	}
}

func writeThroughput(b *bufio.Writer, t Throughput) {
	switch {
	case t.Autoscale != 0:
		fmt.Fprintf(b, `, "autoscaleThroughput": %d`, t.Autoscale)
		if t.Upgrade != "" {
			fmt.Fprintf(b, `, "autoUpgradePolicy": %s`, t.Upgrade)
		}
	case t.Manual != 0:
		fmt.Fprintf(b, `, "throughput": %d`, t.Manual)
	}
}
