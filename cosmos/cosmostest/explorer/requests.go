package explorer

import (
	"sync"
	"time"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// kept is how many requests are shown.
const kept = 200

// request is a request as the page shows it.
type request struct {
	Number    int       `json:"number"`
	Time      time.Time `json:"time"`
	Operation string    `json:"operation"`
	Path      string    `json:"path"`
	Range     string    `json:"range"`
	Status    int       `json:"status"`
	SubStatus int       `json:"subStatus"`
	Charge    float64   `json:"charge"`
	Millis    float64   `json:"millis"`
}

// requests keeps the last requests, and what all of them have cost.
type requests struct {
	mu   sync.Mutex
	last [kept]request
	n    int
	cost map[partition]float64
}

// partition is a physical partition.
type partition struct{ database, container, id string }

func (q *requests) add(x cosmostest.Exchange) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.n++
	q.last[q.n%kept] = request{
		Number: q.n, Time: x.Began, Operation: string(x.Operation), Path: x.Path, Range: x.Range,
		Status: x.Status, SubStatus: x.SubStatus, Charge: x.Charge, Millis: float64(x.Duration.Microseconds()) / 1000,
	}
	if q.cost == nil {
		q.cost = map[partition]float64{}
	}
	const most = 10_000 // of partitions that come and go
	if p := (partition{x.Database, x.Container, x.Range}); x.Range != "" && (q.cost[p] > 0 || len(q.cost) < most) {
		q.cost[p] += x.Charge
	}
}

// since are the requests after a number, oldest first.
func (q *requests) since(number int) any {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := []request{}
	for i := max(number+1, q.n-kept+1, 1); i <= q.n; i++ {
		out = append(out, q.last[i%kept])
	}
	return map[string]any{"requests": out, "total": q.n}
}

// charges is what the requests to each partition have cost, by "database/container/range".
func (q *requests) charges() map[string]float64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := map[string]float64{}
	for p, units := range q.cost {
		out[p.database+"/"+p.container+"/"+p.id] = units
	}
	return out
}
