package cosmostest

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
)

// Storm is a stream of random faults. The faults, in their order, follow from the seed; which requests they meet also
// depends on which come first.
type Storm struct {
	Seed uint64
	// Rate is the share of the requests that something happens to, from 0 to 1.
	Rate float64
	// Match chooses requests; nil is every request.
	Match func(Request) bool
	// Happens, unless nil, is told of each fault. It may be called by several goroutines at a time.
	Happens func(Request)
}

// Storm makes random faults happen: connections that break before, in and after an answer, answers that are spoiled,
// statuses that ask for another attempt, with and without the request having been carried out, and delays. end ends it,
// and tells how many faults there were.
func (s *Server) Storm(storm Storm) (end func() (faults int)) {
	random := rand.New(rand.NewPCG(storm.Seed, 0))
	var mu sync.Mutex
	n := 0
	f := gateway.Fault{Choose: func(gateway.Request) (gateway.Fault, bool) {
		mu.Lock()
		defer mu.Unlock()
		if random.Float64() >= storm.Rate {
			return gateway.Fault{}, false
		}
		n++
		return stormFault(random).gateway(), true
	}}
	if storm.Match != nil {
		f.Match = func(r gateway.Request) bool { return storm.Match(Request(r)) }
	}
	if storm.Happens != nil {
		f.Happens = func(r gateway.Request) { storm.Happens(Request(r)) }
	}
	stop := s.gateway.Inject(f)
	return func() int {
		stop()
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}

// stormFault is one fault of a storm.
func stormFault(random *rand.Rand) Fault {
	pause := time.Duration(1+random.IntN(20)) * time.Millisecond
	switch random.IntN(10) {
	case 0, 1:
		return Fault{Cut: Cut(1 + random.IntN(3))}
	case 2, 3:
		return Fault{Spoil: Spoil(1 + random.IntN(5))}
	case 4:
		return Fault{Spoil: SpoilForeign, Status: []int{200, 204, 302, 403, 404, 409, 502}[random.IntN(7)]}
	case 5:
		return Fault{Status: []int{408, 500, 502, 503, 504}[random.IntN(5)], Afterwards: true}
	case 6:
		return Fault{Delay: pause}
	}
	refusals := []Fault{
		{Status: 408}, {Status: 410}, {Status: 410, SubStatus: 1007}, {Status: 410, SubStatus: 1008},
		{Status: 410, SubStatus: 1022}, {Status: 429, SubStatus: 3200, RetryAfter: pause}, {Status: 449}, {Status: 500},
		{Status: 503}, {Status: 404, SubStatus: 1002},
	}
	return refusals[random.IntN(len(refusals))]
}

// SkewClock makes the server's clock differ from the clients' by d, as far as signatures are concerned: those that are
// more than 15 minutes off are refused (403). 0 puts it right. [Server.Advance] moves the clock that documents live by.
func (s *Server) SkewClock(d time.Duration) { s.gateway.SkewClock(d) }
