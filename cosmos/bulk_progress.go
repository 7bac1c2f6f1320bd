package cosmos

import (
	"time"

	"github.com/cosmossql/cosmossql/internal/option"
)

// Progress is how far a bulk operation has got.
type Progress struct {
	Done, Failed      int // operations that are finished; Failed is a part of Done
	Requests, Retries int // requests sent, and operations sent again
	RequestCharge     float64
	Elapsed           time.Duration
	Rate              float64 // operations finished per second
	SingleOperations  int     // sent one by one, because the server knows no bulk requests
}

// OnProgress has f called while a bulk operation is at work, a few times a second, and once when it is done. f runs on
// the goroutine that ranges over the results. A nil f asks for nothing.
func OnProgress(f func(Progress)) Option {
	if f == nil {
		return nil
	}
	return func(s *option.Set) { s.Progress = func(p option.Progress) { f(Progress(p)) } }
}

func (b *bulk) report(last bool) {
	if b.set.Progress == nil || !last && time.Since(b.reported) < bulkReport {
		return
	}
	b.reported = time.Now()
	b.progress.Elapsed = b.reported.Sub(b.start)
	b.progress.Rate = float64(b.progress.Done) / max(b.progress.Elapsed.Seconds(), 1e-9)
	b.set.Progress(b.progress)
}
