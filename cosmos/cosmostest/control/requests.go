package control

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// kept is how many requests are remembered.
const kept = 1000

// request is one that was seen.
type request struct {
	Number       int                  `json:"number"`
	Time         time.Time            `json:"time"`
	Duration     duration             `json:"duration"`
	Operation    cosmostest.Operation `json:"operation"`
	Method       string               `json:"method"`
	Path         string               `json:"path"`
	Region       string               `json:"region"`
	Database     string               `json:"database"`
	Container    string               `json:"container"`
	Item         string               `json:"item"`
	PartitionKey string               `json:"partitionKey"`
	Range        string               `json:"range"`
	Status       int                  `json:"status"`
	SubStatus    int                  `json:"subStatus"`
	Charge       float64              `json:"charge"`
	ActivityID   string               `json:"activityId"`
	Header       map[string]string    `json:"header"`
}

// requests keeps the last requests.
type requests struct {
	mu    sync.Mutex
	last  [kept]request
	first int // the number of the first that is not forgotten
	n     int
}

func (q *requests) add(x cosmostest.Exchange) {
	r := request{
		Time: x.Began, Duration: duration(x.Duration), Operation: x.Operation,
		Method: x.Method, Path: x.Path, Region: x.Region,
		Database: x.Database, Container: x.Container, Item: x.Item, PartitionKey: x.PartitionKey, Range: x.Range,
		Status: x.Status, SubStatus: x.SubStatus, Charge: x.Charge, ActivityID: x.ActivityID,
		Header: map[string]string{},
	}
	for name, values := range x.Header {
		if name != "Authorization" { // a signature, or a token that is good for an hour
			r.Header[http.CanonicalHeaderKey(name)] = values[0]
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.n++
	r.Number = q.n
	q.last[q.n%kept] = r
}

// since are the requests after a number, oldest first.
func (q *requests) since(number int) []request {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := []request{}
	for i := max(number+1, q.n-kept+1, q.first, 1); i <= q.n; i++ {
		out = append(out, q.last[i%kept])
	}
	return out
}

func seen(c *call) (any, error) {
	after := 0
	for name, values := range c.r.URL.Query() {
		n, err := strconv.Atoi(values[0])
		switch {
		case name != "after":
			return nil, fail(400, "unknown parameter %q: there is after", name)
		case err != nil:
			return nil, fail(400, "after=%s is not a number", values[0])
		}
		after = n
	}
	return map[string]any{"requests": c.control.log.since(after)}, nil
}

func forget(c *call) (any, error) {
	q := &c.control.log
	q.mu.Lock()
	defer q.mu.Unlock()
	q.first = q.n + 1
	clear(q.last[:])
	return map[string]any{}, nil
}

func counts(c *call) (any, error) {
	out := map[cosmostest.Operation]int{}
	for _, op := range cosmostest.Operations() {
		if n := c.srv.Count(op); n > 0 {
			out[op] = n
		}
	}
	return map[string]any{"counts": out}, nil
}
