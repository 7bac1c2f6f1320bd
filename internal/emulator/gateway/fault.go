package gateway

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// Request is what a fault can know of a request. It is known before the request is authorized or its container looked
// for, so names are as the client wrote them.
type Request struct {
	Operation    Operation
	Database     string // name or rid as in the path, like the others
	Container    string
	Item         string
	PartitionKey string // header
	Range        string // partition key range id, header
	Region       string // to which it was sent
	Header       http.Header
}

// Cut says where the connection of a request breaks. To the client, CutBefore and CutAfter look the same, and only a
// test knows which it was: that is what makes them worth injecting.
type Cut int

// The places where a connection can break.
const (
	NoCut     Cut = iota
	CutBefore     // nothing is done
	CutAfter      // the request is done, but its answer is lost
	CutBody       // the answer breaks off half-way
)

// Fault is what happens to the requests that it matches.
type Fault struct {
	// Match chooses requests; nil is every request. It may be called by several goroutines at a time. Faults that one
	// request meets add up: it can be delayed by one and refused by another.
	Match func(Request) bool
	// Times is how many matching requests it happens to; 0 is all of them.
	Times int

	// Delay is how long the request waits first.
	Delay time.Duration
	// Hold is called next; the request goes on when it returns. The context ends with the request or the server.
	Hold func(context.Context)
	// Status, unless 0, is the answer, with SubStatus, Message and RetryAfter (x-ms-retry-after-ms). Unlike a status
	// of the service it can be anything, so that statuses can be tested that this server would never give.
	Status, SubStatus int
	Message           string
	RetryAfter        time.Duration
	// Afterwards says that the request is carried out before Status is answered. The worst case for a client: a write
	// that has been done and is answered with 408 or 503.
	Afterwards bool
	// Cut breaks the connection.
	Cut Cut
	// Spoil spoils the answer.
	Spoil Spoil

	// Happens, unless nil, is told each time. It may be called by several goroutines at a time.
	Happens func(Request)
	// Choose, unless nil, is asked what happens to each request that Match chooses, in place of the fields above. It
	// may be called by several goroutines at a time.
	Choose func(Request) (Fault, bool)
}

// faults are those injected now. Injected while requests are served, hence the lock; the list is copied before Match
// functions are called.
type faults struct {
	account string // its name
	mu      sync.Mutex
	list    []*injected
	// Beside the faults since both are asked with every request, under one lock.
	counts map[Operation]int
}

type injected struct {
	Fault
	left int // of Times
}

// Inject makes a fault happen from now on. The function it returns ends it. Requests that have met it already go on
// as they were told to. Ending it twice does nothing.
func (g *Gateway) Inject(f Fault) (end func()) {
	in := &injected{f, f.Times}
	g.faults.mu.Lock()
	defer g.faults.mu.Unlock()
	g.faults.list = append(g.faults.list, in)
	return func() {
		g.faults.mu.Lock()
		defer g.faults.mu.Unlock()
		g.faults.list = slices.DeleteFunc(g.faults.list, func(x *injected) bool { return x == in })
	}
}

// Count is how many requests for the operation came since the server started, failed ones included. Tests of how many
// requests something takes go by it.
func (g *Gateway) Count(op Operation) int {
	g.faults.mu.Lock()
	defer g.faults.mu.Unlock()
	return g.faults.counts[op]
}

// choose counts the request and returns the faults that happen to it. Match is called without the lock, so that it
// may inject faults itself. Faults are told in the order in which they were injected.
func (fs *faults) choose(r Request) []Fault {
	fs.mu.Lock()
	if fs.counts == nil {
		fs.counts = map[Operation]int{}
	}
	fs.counts[r.Operation]++
	list := slices.Clone(fs.list)
	fs.mu.Unlock()
	var out []Fault
	over := false
	for _, in := range list {
		// A Match that only looks on sees what has been answered, too; nothing else happens to that, nor is used up.
		if in.Match != nil && !in.Match(r) || over {
			continue
		}
		chosen, happens := in.Fault, true
		if in.Choose != nil {
			chosen, happens = in.Choose(r)
		}
		// Only now is one of its times used up: several requests may have matched it meanwhile, and exactly Times of
		// them get it.
		if happens && fs.use(in) {
			in.tell(r)
			out = append(out, chosen)
			over = chosen.Cut == CutBefore || chosen.Status != 0
		}
	}
	return out
}

// tell says that the fault happens to a request.
func (in *injected) tell(r Request) {
	if in.Happens != nil {
		in.Happens(r)
	}
}

// use takes one of the times that a fault happens; false if none is left.
func (fs *faults) use(in *injected) bool {
	if in.Times <= 0 {
		return true
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if in.left == 0 {
		return false
	}
	if in.left--; in.left == 0 {
		fs.list = slices.DeleteFunc(fs.list, func(x *injected) bool { return x == in })
	}
	return true
}

// item returns the refusal of a fault that happens to one operation of a bulk request, and how long to wait. Such an
// operation is not a request: faults without Match leave it alone. A delay or a cut cannot happen to a part of a
// request.
func (fs *faults) item(r Request) (time.Duration, *store.Error) {
	fs.mu.Lock()
	list := slices.Clone(fs.list)
	fs.mu.Unlock()
	for _, in := range list {
		if in.Status != 0 && !in.Afterwards && in.Match != nil && in.Match(r) && fs.use(in) {
			in.tell(r)
			return in.RetryAfter, fs.refusal(in.Fault)
		}
	}
	return 0, nil
}

// refusal is the error that the fault answers. The text says that a fault was injected, so that nobody who reads it
// looks for a fault of the service.
func (fs *faults) refusal(f Fault) *store.Error {
	text := f.Message
	if text == "" && f.Status == http.StatusForbidden && f.SubStatus == store.SubAccountGone {
		return store.AccountNotFound(fs.account) // as a drained region says it
	}
	if text == "" {
		text = strings.TrimSpace("An injected fault answers this request: " + http.StatusText(f.Status))
	}
	return store.Errorf(f.Status, f.SubStatus, "%s", text)
}

// Names of the path by the kind of resource before them: users and scripts have their names at the same places.
func (c *call) request() Request {
	r := Request{
		Operation: c.op.name, PartitionKey: c.header(headerKey), Range: c.header(headerRange),
		Region: c.g.account.Topology().Regions[c.region].Name, Header: c.r.Header,
	}
	at := func(i int, kind string) string {
		if len(c.path) > i && (kind == "" || c.path[i-1] == kind) {
			return c.path[i]
		}
		return ""
	}
	r.Database, r.Container, r.Item = at(1, "dbs"), at(3, "colls"), at(5, "docs")
	return r
}

// meetFaults lets the faults happen that the request meets. It reports whether that was the end of it. A wait comes
// first and the cut before the status, so that one fault can do both.
func (c *call) meetFaults() (done bool) {
	for _, f := range c.g.faults.choose(c.request()) {
		if !c.wait(f) {
			c.hangUp()
			return true
		}
		switch f.Cut {
		case CutBefore:
			c.hangUp()
			return true
		case CutAfter, CutBody:
			c.cut = f.Cut
		}
		switch {
		case f.Status != 0 && f.Spoil == SpoilForeign:
			c.writeForeign(f.Status)
			return true
		case f.Status != 0 && f.Afterwards:
			// Written in place of the reply, at its end.
			c.instead = &f
		case f.Status != 0:
			c.write(c.refuseBy(f))
			return true
		case f.Spoil != NoSpoil:
			c.spoil = f.Spoil
		}
	}
	return false
}

// refuseBy is the answer of a fault with a status.
func (c *call) refuseBy(f Fault) reply {
	if f.RetryAfter > 0 {
		c.set(headerRetryAfter, strconv.FormatInt(f.RetryAfter.Milliseconds(), 10))
	}
	return c.refusal(c.g.faults.refusal(f))
}

// wait holds the request up. It is false if the caller or the server has gone in the meantime. Closing the server
// must not have to wait for faults, hence its own context beside the request's.
func (c *call) wait(f Fault) bool {
	ctx, cancel := context.WithCancel(c.r.Context())
	defer cancel()
	defer context.AfterFunc(c.g.ctx, cancel)()
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return false
		}
	}
	if f.Hold != nil {
		f.Hold(ctx)
	}
	return ctx.Err() == nil
}

// hangUp closes the connection without an answer, or without the rest of it; of an HTTP/2 connection it ends the
// stream. A panic with ErrAbortHandler is the way of net/http to end a stream; a connection of HTTP/1 can be taken
// over and closed, which also loses what had been buffered.
func (c *call) hangUp() {
	c.observe()
	control := http.NewResponseController(c.w)
	if conn, _, err := control.Hijack(); err == nil {
		conn.Close()
		return
	}
	if c.cut == CutBody {
		control.Flush() // what it has of the answer
	}
	panic(http.ErrAbortHandler)
}
