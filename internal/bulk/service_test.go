package bulk

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"math"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/rest"
	"github.com/stretchr/testify/require"
)

// service is a Backend with documents in memory, in virtual time (testing/synctest).
type service struct {
	latency time.Duration
	rate    int // operations a second that a partition executes; 0: any number
	fault   func(s *service, n int, ops []*Operation) *Answer
	single  func(n int, o *Operation) *Answer
	fresh   bool // reading the definition again changes the requests

	mu         sync.Mutex
	partitions int // number of ranges; a document belongs to the one that the hash of its id names modulo it
	generation int // in the ids of ranges
	docs       map[string]stored
	executed   map[string]int // by id: how often a write was executed
	requests   []time.Duration
	sizes      []int
	singles    int
	busy       map[string]time.Time
	start      time.Time
	etags      int
}

type stored struct {
	body string
	etag string
	n    int // how often it was patched
}

func newService(partitions int) *service {
	return &service{
		latency:    2 * time.Millisecond,
		partitions: partitions,
		docs:       make(map[string]stored),
		executed:   make(map[string]int),
		busy:       make(map[string]time.Time),
		start:      time.Now(),
	}
}

var errLost = errors.New("the connection broke")

func lostAnswer() *Answer { return &Answer{Err: errLost, Sent: true} }

func refusal(status, sub int) *Answer {
	return &Answer{Failure: &rest.Failure{StatusCode: status, SubStatus: sub, Message: "why"}}
}

func (s *service) Place(o *Operation) (string, error) {
	h := fnv.New32a()
	h.Write([]byte(o.ID))
	o.PartitionKey = `["` + o.ID + `"]`
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(s.generation, ".", h.Sum32()%uint32(s.partitions)), nil
}

func (s *service) Send(ctx context.Context, rangeID string, ops []*Operation) Answer {
	s.mu.Lock()
	n := len(s.requests)
	s.requests = append(s.requests, time.Since(s.start))
	s.sizes = append(s.sizes, len(ops))
	generation, _ := strconv.Atoi(rangeID[:1])
	gone := generation != s.generation
	s.mu.Unlock()
	if !sleep(ctx, s.latency/2) {
		return Answer{Err: ctx.Err(), Sent: true}
	}
	if gone {
		return *refusal(410, 1002)
	}
	if s.fault != nil {
		if a := s.fault(s, n, ops); a != nil {
			return *a
		}
	}
	a := Answer{Results: s.execute(rangeID, ops), SessionToken: "token of " + rangeID}
	if !sleep(ctx, s.latency/2) {
		return Answer{Err: ctx.Err(), Sent: true}
	}
	return a
}

// execute executes operations, as many as the partition's rate allows.
func (s *service) execute(rangeID string, ops []*Operation) []batch.Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	results := make([]batch.Result, len(ops))
	now := time.Now()
	for i, o := range ops {
		if s.rate > 0 {
			free := s.busy[rangeID]
			if free.Sub(now) > 100*time.Millisecond {
				results[i] = batch.Result{StatusCode: 429, SubStatus: 3200, RetryAfter: free.Sub(now)}
				continue
			}
			if free.Before(now) {
				free = now
			}
			s.busy[rangeID] = free.Add(time.Second / time.Duration(s.rate))
		}
		results[i] = s.executeOne(o)
	}
	return results
}

func (s *service) executeOne(o *Operation) batch.Result {
	doc, exists := s.docs[o.ID]
	status := 0
	switch {
	case o.Kind == batch.Create && exists:
		return batch.Result{StatusCode: 409, RequestCharge: 1}
	case o.Kind != batch.Create && o.Kind != batch.Upsert && !exists:
		return batch.Result{StatusCode: 404, RequestCharge: 1}
	case o.IfMatch != "" && exists && o.IfMatch != doc.etag:
		return batch.Result{StatusCode: 412, RequestCharge: 1}
	}
	switch o.Kind {
	case batch.Read:
		return batch.Result{StatusCode: 200, ETag: doc.etag, Body: []byte(doc.body), RequestCharge: 1}
	case batch.Delete:
		delete(s.docs, o.ID)
		s.executed[o.ID]++
		return batch.Result{StatusCode: 204, RequestCharge: 1}
	case batch.Patch:
		doc.n++
		status = 200
	default:
		doc.body, status = string(o.Body), 201
		if exists {
			status = 200
		}
	}
	s.etags++
	doc.etag = fmt.Sprint("etag ", s.etags)
	s.docs[o.ID] = doc
	s.executed[o.ID]++
	return batch.Result{StatusCode: status, ETag: doc.etag, RequestCharge: 1}
}

func (s *service) SendSingly(ctx context.Context, o *Operation) Answer {
	s.mu.Lock()
	n := s.singles
	s.singles++
	s.mu.Unlock()
	if !sleep(ctx, s.latency) {
		return Answer{Err: ctx.Err(), Sent: true}
	}
	if s.single != nil {
		if a := s.single(n, o); a != nil {
			return *a
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.executeOne(o)
	if r.Succeeded() {
		return Answer{Results: []batch.Result{r}, SessionToken: "single"}
	}
	return *refusal(r.StatusCode, r.SubStatus)
}

func (s *service) ReadBack(ctx context.Context, _ *Operation, id string) Answer {
	return s.SendSingly(ctx, &Operation{Operation: batch.Operation{Kind: batch.Read, ID: id}})
}

func (s *service) PartitionGone(ctx context.Context, _ string) { sleep(ctx, s.latency) }

func (s *service) DefinitionStale(ctx context.Context, _ *Operation) bool {
	return sleep(ctx, s.latency) && s.fresh
}

// split gives every range a new id, and there are twice as many.
func (s *service) split() { s.splitUpTo(math.MaxInt) }

// splitUpTo is split, but for one that was split so often already.
func (s *service) splitUpTo(times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.generation >= times {
		return
	}
	s.generation++
	s.partitions *= 2
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *service) config() Config {
	return Config{
		Backend: s, Support: new(Support), Attempts: new(rest.Client).Attempts, RetryThrottled: true,
		LongestPause: 30 * time.Second,
	}
}

// run executes operations and returns their results in the order of the input.
func (s *service) run(ctx context.Context, c Config, ops ...*Operation) []Result {
	results := []Result{}
	Run(ctx, c, slices.Values(ops), func(r Result) bool {
		results = append(results, r)
		return true
	})
	slices.SortFunc(results, func(a, b Result) int { return a.Index - b.Index })
	return results
}

func create(id int) *Operation {
	name := fmt.Sprint(id)
	return &Operation{Operation: batch.Operation{Kind: batch.Create, ID: name, Body: []byte(`{"id":"` + name + `"}`)}}
}

// creates is an input of n creates.
func creates(n int) iter.Seq[*Operation] {
	return func(yield func(*Operation) bool) {
		for i := range n {
			if !yield(create(i)) {
				return
			}
		}
	}
}

// storedOnce checks that n documents are stored, each by one write.
func (s *service) storedOnce(t *testing.T, n int) {
	t.Helper()
	require.Len(t, s.docs, n)
	for id, times := range s.executed {
		require.Equal(t, 1, times, "document %s", id)
	}
}
