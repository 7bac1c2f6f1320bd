package gateway

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// cursors remember results made as a whole for the page that will be asked for next. They only save work: a token is
// good without its cursor. Without them each page of a sorted query would sort all again: the time for all pages
// would grow with the square of the result.
type cursors struct {
	mu   sync.Mutex
	list []*cursor // oldest first
	rows int       // of all of them
	// One timer for all, set while there is something to expire; a server at rest has none.
	wake *time.Timer
}

// What cursors may hold, and for how long: results that nobody reads to the end go. A client that merges many
// partitions has a cursor in each.
const (
	// A client of a container with hundreds of partitions reads from all of them in turn.
	maxCursors    = 512
	maxCursorRows = 4 << 20
	// of results of which not more than two pages were asked for, beside those of the newest query
	maxFirstRows = 1 << 15
	// Longer than a program takes to use a page; a person who turns pages pays with a slower one.
	cursorLife = time.Minute
)

// cursor is a result and the state of the partitions that it was made from. It belongs to one request at a time: it
// is taken out, used, and kept anew under the next token.
type cursor struct {
	id    string // of the request that it serves
	query string // its text and parameters, the same in all partitions
	scope string // which partitions
	rows  []result
	next  int
	state string
	share eval.Share
	goes  bool // a third page was asked for: clients read a page ahead
	kept  time.Time
}

// take removes and returns the cursor for a request, if it is still true. A result that anything has changed since is
// dropped: pages must show what is there now, as the service's do.
func (cs *cursors) take(id, state string) *cursor {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	i := slices.IndexFunc(cs.list, func(c *cursor) bool { return c.id == id })
	if i < 0 {
		return nil
	}
	c := cs.remove(i)
	if c.state != state {
		c.share.Release()
		return nil
	}
	return c
}

// reclaim drops the oldest cursor; it is false without any. The evaluator asks for it when memory is short, before it
// refuses a query.
func (cs *cursors) reclaim() bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if len(cs.list) == 0 {
		return false
	}
	cs.drop(0)
	return true
}

func (cs *cursors) keep(c *cursor) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c.kept = time.Now()
	cs.list = append(cs.list, c)
	cs.rows += len(c.rows)
	if cs.wake == nil {
		cs.wake = time.AfterFunc(cursorLife, cs.expire)
	}
	// The oldest first: whoever still reads it gets its page by way of the token, only later.
	for len(cs.list) > maxCursors || cs.rows > maxCursorRows {
		cs.drop(0)
	}
	// Queries of which one page was read are many and large, and hardly ever read on; the newest may be about to be.
	first, newest := 0, map[string]bool{c.scope: true}
	for i := len(cs.list) - 2; i >= 0; i-- {
		other := cs.list[i]
		if other.query == c.query && !newest[other.scope] {
			newest[other.scope] = true
			continue
		}
		if !other.goes {
			if first += len(other.rows); first > maxFirstRows {
				cs.drop(i)
			}
		}
	}
}

// expire drops the cursors that are too old, and comes back for the others.
func (cs *cursors) expire() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for len(cs.list) > 0 && time.Since(cs.list[0].kept) >= cursorLife {
		cs.drop(0)
	}
	cs.wake = nil
	if len(cs.list) > 0 {
		cs.wake = time.AfterFunc(cursorLife-time.Since(cs.list[0].kept), cs.expire)
	}
}

// drop removes the cursor at i and gives back the memory that it holds; cs.mu is held.
func (cs *cursors) drop(i int) { cs.remove(i).share.Release() }

// remove takes the cursor at i out of the list; cs.mu is held.
func (cs *cursors) remove(i int) *cursor {
	c := cs.list[i]
	cs.list = slices.Delete(cs.list, i, i+1)
	cs.rows -= len(c.rows)
	return c
}

// state is what the partitions of slices are at: it differs after any write, split or replaced definition, and, where
// documents expire, after any second. Made of what every write changes, so that nothing has to tell cursors about
// writes.
func state(x *store.Container, slices []*store.Slice) string {
	var b strings.Builder
	b.WriteString(x.Resource().ETag())
	if x.Definition().DefaultTTL != nil {
		b.WriteString("/" + strconv.FormatInt(x.Now(), 10))
	}
	for _, s := range slices {
		m := s.Mark()
		lo, hi := s.Bounds()
		b.WriteString("/" + m.Range + ":" + lo + "-" + hi + "@")
		b.WriteString(m.Token().String())
	}
	return b.String()
}
