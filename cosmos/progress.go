package cosmos

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/rest"
)

const (
	emptyPages = 10          // empty pages in a row of one partition that are taken without a pause
	mostRanges = 100_000     // ranges that a container can have; more are an answer without an end
	emptyPause = time.Second // the longest pause between empty pages
	firstPause = time.Second / 50
)

// progress watches over the pages of one feed, or of one partition of a query, which a broken server could send without
// an end.
type progress struct{ empty atomic.Int32 } // pages in a row with others behind them

// pause waits before a page is asked for if many in a row had no rows, longer each time: a search that finds nothing
// may go on, but not as fast as it can.
func (p *progress) pause(ctx context.Context) error {
	n := p.empty.Load() - emptyPages
	if n <= 0 {
		return nil
	}
	return rest.Wait(ctx, min(firstPause<<min(n-1, 10), emptyPause))
}

// note looks at a page that came for a continuation. One that would be asked for again in the same way never ends.
func (p *progress) note(continuation string, resp *Response, rows int) error {
	if rows > 0 || resp.Continuation == "" {
		p.empty.Store(0)
	} else {
		p.empty.Add(1)
	}
	if resp.Continuation != "" && resp.Continuation == continuation {
		return fmt.Errorf("cosmos: the answer of %s continues where it began: "+
			"it would come again without an end (activity %s)", errtext.Count(rows, "row"), resp.ActivityID)
	}
	return nil
}
