package cosmos

import (
	"time"

	"github.com/cosmossql/cosmossql/internal/option"
)

// Progress is how far a bulk operation has got.
type Progress struct {
	Done, Failed      int           // operations finished, and those of them that failed
	Requests, Retries int           // requests sent, and operations sent again
	RequestCharge     float64       // RU
	Elapsed           time.Duration // since the sequence was ranged over
	Rate              float64       // operations finished per second
	SingleOperations  int           // operations sent one by one because the server does not support bulk requests
}

// OnProgress has f called about five times a second while a bulk operation runs, and once when it is done. f runs on
// the goroutine that ranges over the results. A nil f asks for nothing.
func OnProgress(f func(Progress)) Option {
	if f == nil {
		return Option{}
	}
	return option.New(option.OnProgress, func(p option.Progress) { f(Progress(p)) })
}
