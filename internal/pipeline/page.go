package pipeline

import (
	"encoding/json"
	"sync/atomic"
)

// rows are JSON texts; release, which may be nil, gives their memory back. The texts lie in the buffer that the
// answer was read into.
type rows struct {
	docs    []json.RawMessage
	release func()
}

// free gives the memory of rows back that nobody refers to. Stages that copy what they keep give the page back at
// once.
func (r *rows) free() {
	if r.release != nil {
		r.release()
	}
}

// join puts the rows of a page behind those of r. The slice is cut to its length first: appending must not write into
// the page of somebody else.
func (r *rows) join(page *Page) {
	if r.docs == nil {
		r.docs, r.release = page.Docs, page.Release
		return
	}
	r.docs = append(r.docs[:len(r.docs):len(r.docs)], page.Docs...)
	first, second := r.release, page.Release
	r.release = func() {
		if first != nil {
			first()
		}
		if second != nil {
			second()
		}
	}
}

// sharedPage is a page whose rows stand in several batches. Its memory is given back when all its users are done.
// Batches are released by their readers in any order, from any goroutine.
type sharedPage struct {
	users   atomic.Int32
	release func() // may be nil
}

func (p *sharedPage) done() {
	if p.users.Add(-1) == 0 && p.release != nil {
		p.release()
	}
}
