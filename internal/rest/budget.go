package rest

import (
	"context"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/budget"
)

// hold is what budgets have set aside for an attempt.
type hold struct {
	limiters [2]*budget.Limiter // of the request and of its group
	reserved [2]float64
}

// admit waits until the budgets of a request let an attempt through, or the client is closed.
func (c *Client) admit(ctx context.Context, req *Request) (h hold, err error) {
	if req.Budget == nil && req.Group == nil {
		return h, nil
	}
	err = c.whileOpen(ctx, func(ctx context.Context) (err error) {
		h, err = c.acquire(ctx, req)
		return err
	})
	return h, err
}

func (c *Client) acquire(ctx context.Context, req *Request) (h hold, err error) {
	h.limiters[0] = req.Budget
	if req.Group != nil {
		if h.limiters[1], err = req.Group.Limiter(ctx, req.Scope, c.provision); err != nil {
			return h, err
		}
	}
	for i, l := range h.limiters {
		if l == nil {
			continue
		}
		if h.reserved[i], err = l.Acquire(ctx); err != nil {
			if i == 1 && h.limiters[0] != nil {
				h.limiters[0].Settle(h.reserved[0], 0, false)
			}
			return h, err
		}
	}
	return h, nil
}

// settle tells the budgets what the attempt cost. One without an answer is taken to have cost what was set aside,
// unless it certainly was not sent.
func (h *hold) settle(charge float64, resp *Response) {
	for i, l := range h.limiters {
		switch {
		case l == nil:
		case resp.Status == 0 && resp.answer.sent:
			l.Settle(0, 0, false)
		case resp.Status == 0:
			l.Settle(h.reserved[i], 0, false)
		default:
			l.Settle(h.reserved[i], charge, resp.Status < http.StatusBadRequest)
		}
	}
}
