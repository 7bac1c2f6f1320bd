package cosmos

import (
	"context"
	"errors"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// bulkSender sends the requests of a bulk. It is used by several goroutines at once.
type bulkSender struct {
	container *Container
	set       *option.Set
}

// delivery is the outcome of a bulk request.
type delivery struct {
	lane    *lane
	jobs    []*job
	results []wireResult // one for each job; nil when the request failed as a whole
	err     error        // of a request that failed as a whole
	charge  float64      // RU
	resp    *rest.Response
	single  bool // the operations were sent one by one
}

// send sends jobs to the partition of a lane in one request, or one by one if the server does not support bulk requests.
func (s *bulkSender) send(ctx context.Context, l *lane, jobs []*job) delivery {
	d := delivery{lane: l, jobs: jobs}
	if s.container.client().noBulk.Load() {
		s.sendSingly(ctx, &d)
		return d
	}
	req := s.request(l, jobs)
	d.resp, d.err = s.container.client().rest.Do(ctx, req)
	record(ctx, d.resp)
	d.charge = d.resp.Charge
	// The status of an answer that broke off says nothing: the server may have executed what was sent.
	lost := errors.As(d.err, new(*rest.Lost))
	if d.err == nil {
		d.results, d.err = decodeResults(d.resp.Body, len(jobs))
	}
	if d.err != nil && !lost && s.unknownToServer(&d) {
		s.sendSingly(ctx, &d)
	}
	for i := range d.results {
		if jobs[i].doubt {
			s.resolveDoubt(ctx, jobs[i], &d.results[i])
		}
	}
	return d
}

// request makes the bulk request of jobs.
func (s *bulkSender) request(l *lane, jobs []*job) *rest.Request {
	size := 2
	for _, j := range jobs {
		size += j.Size() + len(j.header) + 30
	}
	body := append(make([]byte, 0, size), '[')
	for i, j := range jobs {
		if i > 0 {
			body = append(body, ',')
		}
		body = j.append(body, j.header)
	}
	req := s.container.request(s.container.docs, http.MethodPost, rest.Repeatable)
	req.Body, req.Once, req.Ranged = append(body, ']'), true, true
	req.Header = append(req.Header,
		rest.Field{Name: rest.HeaderIsBatch, Value: "True"},
		rest.Field{Name: rest.HeaderBatchAtomic, Value: "False"},
		rest.Field{Name: rest.HeaderBatchContinue, Value: "True"},
		rest.Field{Name: rest.HeaderRangeID, Value: l.id})
	writeOptions(s.set, req)
	requestOptions(s.set, req)
	return req
}

// unknownToServer reports whether the answer looks like that of a server without bulk requests: it refuses the request
// as a whole, or takes it for something else.
func (s *bulkSender) unknownToServer(d *delivery) bool {
	switch d.resp.Status {
	case http.StatusBadRequest:
		return d.resp.SubStatus == 0
	case http.StatusOK, http.StatusCreated:
		if rawjson.Kind(d.resp.Body) == '[' {
			return false // It answered a bulk request, but illegibly.
		}
		// The server took the array for something else, and may have executed it.
		for _, j := range d.jobs {
			j.doubt = true
		}
		return true
	case http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType, http.StatusNotImplemented:
		return true
	}
	return false
}

// sendSingly sends the operations one by one, as ordinary requests with retries.
func (s *bulkSender) sendSingly(ctx context.Context, d *delivery) {
	d.single, d.results, d.err = true, make([]wireResult, len(d.jobs)), nil
	updateStats(ctx, func(u *Usage) { u.SingleOperations += len(d.jobs) })
	worked := false
	for i, j := range d.jobs {
		resp, err := s.execute(ctx, j)
		r := &d.results[i]
		r.StatusCode, r.SubStatusCode, r.RequestCharge = resp.Status, resp.SubStatus, resp.Charge
		d.charge += resp.Charge
		j.retries += resp.Retries()
		switch failure := (*rest.Failure)(nil); {
		case err == nil:
			worked = true
			r.ETag, r.ResourceBody = resp.Header.Get(rest.HeaderETag), resp.Body
		case errors.As(err, &failure):
			r.Message = failure.Message
		default:
			r.StatusCode, r.err = 0, err
		}
	}
	if worked {
		s.container.client().noBulk.Store(true)
	}
}

// execute sends one operation as a request of its own.
func (s *bulkSender) execute(ctx context.Context, j *job) (*rest.Response, error) {
	c := s.container
	req := c.single(&j.Operation, s.set)
	req.Set(rest.HeaderPartitionKey, j.header)
	requestOptions(s.set, req)
	resp, err := c.client().rest.Do(ctx, req)
	record(ctx, resp)
	return resp, err
}
