package control

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// rule says what happens to which requests.
type rule struct {
	Match      match    `json:"match,omitzero"`
	Times      int      `json:"times,omitzero"` // 0 is always
	Rate       float64  `json:"rate,omitzero"`  // the share of the requests, 0 is all
	Seed       uint64   `json:"seed,omitzero"`
	Delay      duration `json:"delay,omitzero"`
	Hang       bool     `json:"hang,omitzero"`
	Status     int      `json:"status,omitzero"`
	SubStatus  int      `json:"subStatus,omitzero"`
	Message    string   `json:"message,omitzero"`
	RetryAfter duration `json:"retryAfter,omitzero"`
	Afterwards bool     `json:"afterwards,omitzero"`
	Cut        string   `json:"cut,omitzero"`
	Spoil      string   `json:"spoil,omitzero"`
}

// match chooses requests; what is left out matches all.
type match struct {
	Operations   []cosmostest.Operation `json:"operations,omitzero"`
	Database     string                 `json:"database,omitzero"`
	Container    string                 `json:"container,omitzero"`
	Item         string                 `json:"item,omitzero"`
	PartitionKey jsontext.Value         `json:"partitionKey,omitzero"` // such as ["ann"]
	Range        string                 `json:"range,omitzero"`
	Region       string                 `json:"region,omitzero"`
	Header       map[string]string      `json:"header,omitzero"`
}

var (
	cuts = map[string]cosmostest.Cut{
		"before": cosmostest.CutBefore, "after": cosmostest.CutAfter, "body": cosmostest.CutBody,
	}
	spoils = map[string]cosmostest.Spoil{
		"foreign": cosmostest.SpoilForeign, "empty": cosmostest.SpoilEmpty, "truncated": cosmostest.SpoilTruncated,
		"garbled": cosmostest.SpoilGarbled, "long": cosmostest.SpoilLong,
	}
)

// storm reports whether what happens is random.
func (r rule) storm() bool {
	r.Match, r.Times, r.Rate, r.Seed = match{}, 0, 0, 0
	return r.quiet()
}

// quiet reports whether the rule does nothing to a request.
func (r rule) quiet() bool {
	return r.Delay == 0 && !r.Hang && r.Status == 0 && r.Cut == "" && r.Spoil == ""
}

// check refuses a rule that means nothing.
func (r rule) check() error {
	for _, op := range r.Match.Operations {
		if !slices.Contains(cosmostest.Operations(), op) {
			return fail(400, "there is no operation %q: there are %v", op, cosmostest.Operations())
		}
	}
	_, cut := cuts[r.Cut]
	_, spoil := spoils[r.Spoil]
	switch {
	case r.Match.PartitionKey != nil && r.Match.PartitionKey.Kind() != '[':
		return fail(400, `"partitionKey" is a list of the key's values, such as ["ann"], not %s`, r.Match.PartitionKey)
	case r.Hang && (r.Status != 0 || r.Cut != "" || r.Spoil != ""):
		return fail(400, `what hangs is never answered: leave out "status", "cut" and "spoil", or "hang"`)
	case r.Cut != "" && !cut:
		return fail(400, "there is no cut %q: there are %s", r.Cut, names(cuts))
	case r.Spoil != "" && !spoil:
		return fail(400, "there is no spoil %q: there are %s", r.Spoil, names(spoils))
	case r.Times < 0 || r.Delay < 0 || r.RetryAfter < 0:
		return fail(400, `"times", "delay" and "retryAfter" are not below 0`)
	case r.Rate < 0 || r.Rate > 1:
		return fail(400, `"rate" is a share of the requests, from 0 to 1, not %v`, r.Rate)
	case r.Seed != 0 && r.Rate == 0:
		return fail(400, `"seed" needs a "rate"`)
	case r.Status != 0 && (r.Status < 200 || r.Status > 599):
		return fail(400, `"status" is from 200 to 599, not %d`, r.Status)
	case r.Status == 0 && (r.SubStatus != 0 || r.Message != "" || r.RetryAfter != 0 || r.Afterwards):
		return fail(400, `"subStatus", "message", "retryAfter" and "afterwards" need a "status"`)
	case r.quiet() && r.Rate == 0:
		return fail(400,
			`nothing is to happen: "delay", "hang", "status", "cut", "spoil" or, for random faults, "rate" is missing`)
	case r.quiet() && r.Times != 0:
		return fail(400, `random faults have a "rate", not "times"`)
	}
	return nil
}

func names[V any](m map[string]V) string { return strings.Join(slices.Sorted(maps.Keys(m)), ", ") }

// matches chooses the rule's requests; nil is all of them.
func (m match) matches() func(cosmostest.Request) bool {
	if m.Operations == nil && m.Database+m.Container+m.Item+m.Range+m.Region == "" && m.PartitionKey == nil &&
		m.Header == nil {
		return nil
	}
	same := func(want, got string) bool { return want == "" || want == got }
	return func(r cosmostest.Request) bool {
		for name, want := range m.Header {
			if r.Header.Get(name) != want {
				return false
			}
		}
		return (m.Operations == nil || slices.Contains(m.Operations, r.Operation)) &&
			same(m.Database, r.Database) && same(m.Container, r.Container) && same(m.Item, r.Item) &&
			same(m.Range, r.Range) &&
			(m.Region == "" || store.SameRegion(m.Region, r.Region)) &&
			(m.PartitionKey == nil || sameJSON(m.PartitionKey, r.PartitionKey))
	}
}

func sameJSON(want jsontext.Value, got string) bool {
	a, b := want.Clone(), jsontext.Value(got).Clone()
	return a.Canonicalize() == nil && b.Canonicalize() == nil && string(a) == string(b)
}

// fault is a rule in force.
type fault struct {
	rule
	ID       int   `json:"id"`
	Happened int64 `json:"happened"`

	happened *atomic.Int64
	end      func()
}

// faults are those in force.
type faults struct {
	mu   sync.Mutex
	last int
	list []*fault
}

// maxFaults bounds the rules in force: each request goes through all of them.
const maxFaults = 1000

func addFault(c *call, r rule) (any, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	fs := &c.control.faults
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if len(fs.list) == maxFaults {
		return nil, fail(409, "there are %d faults: end some, with DELETE /faults/{id} or DELETE /faults", maxFaults)
	}
	fs.last++
	f := &fault{rule: r, ID: fs.last, happened: new(atomic.Int64)}
	f.end = f.begin(c.srv)
	fs.list = append(fs.list, f)
	return map[string]any{"id": f.ID}, nil
}

// begin makes the rule happen and returns what ends it.
func (f *fault) begin(srv *cosmostest.Server) (end func()) {
	match := f.Match.matches()
	count := func(cosmostest.Request) { f.happened.Add(1) }
	if f.storm() {
		stop := srv.Storm(cosmostest.Storm{Seed: f.Seed, Rate: f.Rate, Match: match, Happens: count})
		return func() { stop() }
	}
	over := make(chan struct{})
	x := cosmostest.Fault{
		Match: match, Happens: count, Times: f.Times, Delay: time.Duration(f.Delay), Status: f.Status,
		SubStatus: f.SubStatus, Message: f.Message, RetryAfter: time.Duration(f.RetryAfter),
		Afterwards: f.Afterwards, Cut: cuts[f.Cut], Spoil: spoils[f.Spoil],
	}
	if f.Rate > 0 {
		x.Match = share(match, f.Rate, f.Seed)
	}
	if f.Hang {
		x.Cut = cosmostest.CutBefore // those that wait still when it ends
		x.Hold = func(ctx context.Context) {
			select {
			case <-ctx.Done():
			case <-over:
			}
		}
	}
	stop := srv.Inject(x)
	return func() {
		stop()
		close(over)
	}
}

// share matches a random share of what match does.
func share(match func(cosmostest.Request) bool, rate float64, seed uint64) func(cosmostest.Request) bool {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 0))
	return func(r cosmostest.Request) bool {
		if match == nil && r.Operation == cosmostest.BulkItem || match != nil && !match(r) {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		return random.Float64() < rate
	}
}

// state is the fault to show.
func (f *fault) state() fault {
	out := *f
	out.Happened = f.happened.Load()
	return out
}

func listFaults(c *call) (any, error) {
	fs := &c.control.faults
	fs.mu.Lock()
	defer fs.mu.Unlock()
	out := []fault{}
	for _, f := range fs.list {
		out = append(out, f.state())
	}
	return map[string]any{"faults": out}, nil
}

// take removes the faults that are chosen and returns them, ended.
func (fs *faults) take(chosen func(*fault) bool) []fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	out := []fault{}
	fs.list = slices.DeleteFunc(fs.list, func(f *fault) bool {
		if chosen(f) {
			f.end()
			out = append(out, f.state())
			return true
		}
		return false
	})
	return out
}

func endFaults(c *call) (any, error) {
	return map[string]any{"faults": c.control.faults.take(func(*fault) bool { return true })}, nil
}

func endFault(c *call) (any, error) {
	id, err := strconv.Atoi(c.r.PathValue("id"))
	ended := c.control.faults.take(func(f *fault) bool { return err == nil && f.ID == id })
	if len(ended) == 0 {
		return nil, fail(404, "there is no fault %s: GET /faults lists them", c.r.PathValue("id"))
	}
	return ended[0], nil
}
