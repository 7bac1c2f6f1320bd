package cosmostest

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// Request is what a [Fault] can know of a request.
type Request struct {
	Operation    Operation
	Database     string // name or rid as in the path, like the others; "" where the path has none
	Container    string
	Item         string
	PartitionKey string // header x-ms-documentdb-partitionkey, such as ["ann"]
	Range        string // header x-ms-documentdb-partitionkeyrangeid
	Region       string // to which it was sent
	Header       http.Header
}

// Fault is something that goes wrong with requests. See [Server.Inject].
type Fault struct {
	// Match chooses requests; nil is every request. It may be called by several goroutines at a time.
	Match func(Request) bool
	// Times is how many matching requests it happens to; 0 is all of them.
	Times int

	// Delay is how long the request waits first.
	Delay time.Duration
	// Hold is called next; the request goes on when it returns. The context ends with the request or the server.
	Hold func(context.Context)
	// Status, unless 0, is the answer, with SubStatus, Message and RetryAfter (x-ms-retry-after-ms).
	Status, SubStatus int
	Message           string
	RetryAfter        time.Duration
	// Afterwards says that the request is carried out before Status is answered, as when a gateway times out.
	Afterwards bool
	// Cut breaks the connection.
	Cut Cut
	// Spoil spoils the answer. With [SpoilForeign] and a Status, a stranger answers that status and nothing is done.
	Spoil Spoil

	// Happens, unless nil, is told each time that it happens. It may be called by several goroutines at a time.
	Happens func(Request)
}

// Spoil says how an answer is spoiled on its way to the client.
type Spoil = gateway.Spoil

// How a fault can spoil an answer: a proxy's page takes its place; it has no body; half of its body; a body that is not
// JSON; a length that is more than comes.
const (
	SpoilForeign   = gateway.SpoilForeign
	SpoilEmpty     = gateway.SpoilEmpty
	SpoilTruncated = gateway.SpoilTruncated
	SpoilGarbled   = gateway.SpoilGarbled
	SpoilLong      = gateway.SpoilLong
)

// Cut says where the connection of a request breaks.
type Cut = gateway.Cut

// Where a fault can break the connection: before anything is done, after everything but the answer is done, in the
// middle of the answer.
const (
	CutBefore = gateway.CutBefore
	CutAfter  = gateway.CutAfter
	CutBody   = gateway.CutBody
)

// Inject makes a fault happen to the requests that it matches, until it has happened as often as it says or the
// function returned is called:
//
//	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Create), Times: 2, Status: 429, SubStatus: 3200})
//
// Faults happen in the order in which they were injected; one that answers the request or cuts its connection leaves
// those behind it for the next. One whose Match only looks on, and says false, is a way to see what a client sends.
func (s *Server) Inject(f Fault) (end func()) {
	g := f.gateway()
	if f.Match != nil {
		g.Match = func(r gateway.Request) bool { return f.Match(Request(r)) }
	}
	if f.Happens != nil {
		g.Happens = func(r gateway.Request) { f.Happens(Request(r)) }
	}
	return s.gateway.Inject(g)
}

// gateway is the fault as the gateway knows it, but for Match and Happens.
func (f Fault) gateway() gateway.Fault {
	return gateway.Fault{
		Times: f.Times, Delay: f.Delay, Hold: f.Hold, Cut: f.Cut, Spoil: f.Spoil,
		Status: f.Status, SubStatus: f.SubStatus, Message: f.Message, RetryAfter: f.RetryAfter,
		Afterwards: f.Afterwards,
	}
}

// On matches the requests of the operations.
func On(ops ...Operation) func(Request) bool {
	return func(r Request) bool {
		for _, op := range ops {
			if r.Operation == op {
				return true
			}
		}
		return false
	}
}

// Fail answers the next requests of an operation, so many times, with a status; 0 times is from now on.
// A retryAfter that is not zero is sent as x-ms-retry-after-ms.
func (s *Server) Fail(op Operation, times, status, substatus int, retryAfter time.Duration) (end func()) {
	return s.Inject(Fault{Match: On(op), Times: times, Status: status, SubStatus: substatus, RetryAfter: retryAfter})
}

// Delay holds every request up for a time, as a network does.
func (s *Server) Delay(d time.Duration) (end func()) { return s.Inject(Fault{Delay: d}) }

// StopRegion makes a region fail: every request to it has its connection cut. The function returned brings it back.
func (s *Server) StopRegion(name string) (start func()) {
	return s.Inject(Fault{Cut: CutBefore, Match: func(r Request) bool { return store.SameRegion(r.Region, name) }})
}

// HangRegion makes a region accept requests and never answer. The function returned brings it back: requests that wait
// still are cut.
func (s *Server) HangRegion(name string) (back func()) {
	over := make(chan struct{})
	end := s.Inject(Fault{Cut: CutBefore, Match: func(r Request) bool { return store.SameRegion(r.Region, name) },
		Hold: func(ctx context.Context) {
			select {
			case <-ctx.Done():
			case <-over:
			}
		}})
	var once sync.Once
	return func() {
		end()
		once.Do(func() { close(over) })
	}
}
