package gateway

import (
	"iter"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// described is a resource of metadata. Resources have both forms: the text goes out as it is, the value is for
// queries.
type described interface {
	JSON() []byte
	Value() value.Value
}

// listMetadata replies with a page of resources, or of what a query makes of them. Metadata is small: the result is
// made anew for each page. Its tokens are counts, as lists of metadata have no numbers to go by; a database that is
// dropped between two pages can shift them.
func listMetadata[R described](c *call, rid, name string, all []R) (reply, error) {
	size, err := c.pageSize()
	if err != nil {
		return reply{}, err
	}
	skip, err := c.skip()
	if err != nil {
		return reply{}, err
	}
	rows := make([][]byte, 0, len(all))
	// Only queries have one.
	if c.op.body {
		if rows, err = queryMetadata(c, all); err != nil {
			return reply{}, err
		}
	} else {
		for _, r := range all {
			rows = append(rows, r.JSON())
		}
	}
	p := &page{read: len(all)}
	skip = min(skip, len(rows))
	for i, row := range rows[skip:] {
		if p.full(size) {
			p.next = &continuation{Skip: skip + i}
			break
		}
		p.add(row)
	}
	if p.next != nil {
		c.set(headerContinuation, p.next.encodeSkip())
	}
	return c.feed(rid, name, p.rows, chargeRead), nil
}

// queryMetadata runs the query in the body over resources. SDKs find the offer of a container so, in three spellings
// (PROTOCOL.md 3.5).
func queryMetadata[R described](c *call, all []R) ([][]byte, error) {
	q, err := c.readQuery(nil)
	if err != nil {
		return nil, err
	}
	var docs iter.Seq[value.Value] = func(yield func(value.Value) bool) {
		for _, r := range all {
			if !yield(r.Value()) {
				return
			}
		}
	}
	var rows [][]byte
	for row, err := range q.program.Rows(c.r.Context(), docs) {
		if err != nil {
			return nil, asQueryError(q.text, err)
		}
		rows = append(rows, value.AppendJSON(nil, row.Value))
	}
	return rows, nil
}

// listItems replies with a page of the documents themselves. No plan and no shape stands in the way: a feed is served
// over all partitions.
func (c *call) listItems(x *store.Container, s search) (reply, error) {
	token, err := c.continuation()
	if err != nil {
		return reply{}, err
	}
	segments, err := token.segments()
	if err != nil {
		return reply{}, err
	}
	if err := c.admit(x, s.Key, 1); err != nil {
		return reply{}, err
	}
	var p *page
	err = x.View(s.Scope, func(slices []*store.Slice) (err error) {
		st := &streamer{call: c, size: s.size, rows: documents, whole: true}
		p, err = st.read(slices, segments)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return c.page(x, s, token, p), nil
}

// page replies with a page of documents, the one that the token asked for.
func (c *call) page(x *store.Container, s search, token *continuation, p *page) reply {
	if p.next != nil {
		c.set(headerContinuation, c.tokenAfter(x, s, token, p))
	}
	c.answered(p.marks...)
	return c.feed(x.RID(), "Documents", p.rows, p.charge())
}

// tokenAfter is the text of the token that follows a page. The bare form where one partition was asked (recorded
// exchanges o95 to o97).
func (c *call) tokenAfter(x *store.Container, s search, before *continuation, p *page) string {
	p.next.turn(before, len(p.rows))
	return p.next.encode(x.DocumentRID, c.header(headerKey)+s.Range != "")
}
