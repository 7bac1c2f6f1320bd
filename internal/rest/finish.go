package rest

import (
	"context"
	"time"
)

// finishWithin is how long the answer to a request may take that nobody waits for any more.
const finishWithin = 500 * time.Millisecond

// roundTrip sends a request and reads the answer into resp. answered tells that one came, if perhaps not all of it.
func (c *Client) roundTrip(out *outgoing, req *Request, resp *Response) (answered bool, err error) {
	answer, err := c.exchange(&out.Request)
	if err != nil {
		return false, err
	}
	return true, resp.read(answer, req, c.maxAnswer)
}

// finish is a roundTrip that ends without the caller if it has to: net/http closes the connection of a request that is
// cancelled, so that a loop that is left while its next page is under way would cost a connection each time. When ctx
// ends finish returns at once, and the answer is read and thrown away beside it, if it comes soon. The context of out
// does not end with ctx; stop ends it. A write that has not begun to be sent is not sent any more: the caller is
// told so. What reads may as well be sent.
func (c *Client) finish(
	ctx context.Context, out *outgoing, stop context.CancelFunc, req *Request, resp *Response,
) (answered bool, err error) {
	var end struct {
		resp     Response
		answered bool
		err      error
	}
	end.resp = *resp
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer stop()
		end.answered, end.err = c.roundTrip(out, req, &end.resp)
	}()
	select {
	case <-done:
		*resp = end.resp
		return end.answered, end.err
	case <-ctx.Done():
	}
	if req.Effect != Read && !out.begun.Load() {
		stop()
		<-done
		*resp = end.resp
		if end.err != nil {
			end.err = ctx.Err()
		}
		return end.answered, end.err
	}
	waited := c.besides(func(background context.Context) {
		timer := time.NewTimer(finishWithin)
		defer timer.Stop()
		select {
		case <-done:
		case <-timer.C:
		case <-background.Done():
		}
		stop()
		<-done
	})
	if !waited {
		stop()
	}
	return false, ctx.Err()
}
