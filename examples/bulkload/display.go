package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/cosmossql/cosmossql/cosmos"
)

// display shows how far a load is: as a bar on a terminal, of less than 80 columns, and elsewhere as a line now and
// then, so that the log of a nightly job tells that it goes on.
type display struct {
	bar   *progressbar.ProgressBar
	errs  io.Writer
	every time.Duration // between lines; 0 on a terminal

	size, done int64 // bytes of the file
	last       time.Time
}

func newDisplay(in *input, errs io.Writer, every time.Duration) *display {
	d := &display{errs: errs, every: every, last: time.Now(), size: in.size - in.offset}
	draw := io.Discard
	if file, ok := errs.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			d.every, draw = 0, errs
		}
	}
	d.bar = progressbar.NewOptions64(d.size,
		progressbar.OptionSetWriter(draw),
		progressbar.OptionSetWidth(16),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionOnCompletion(func() { fmt.Fprintln(draw) }),
	)
	return d
}

// progress is told now and then what the load has done, and what it took.
func (d *display) progress(p cosmos.Progress) {
	switch {
	case d.every == 0 && !d.bar.IsFinished(): // finished, it would be drawn a second time
		d.bar.Describe(fmt.Sprintf("%d docs, %.0f/s, %.0f RU", p.Done, p.Rate, p.RequestCharge))
	case d.every > 0 && time.Since(d.last) >= d.every:
		d.last = time.Now()
		fmt.Fprintf(d.errs, "%d documents, %d %% of the file, %.0f a second, %.0f RU, %d retries\n",
			p.Done, 100*d.done/max(d.size, 1), p.Rate, p.RequestCharge, p.Retries)
	}
}

// add tells of bytes of the file that are stored.
func (d *display) add(n int64) {
	d.done += n
	d.bar.Add64(n)
}
