package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/cosmossql/cosmossql/cosmos"
)

// summary is what became of the documents.
type summary struct {
	before                   int // stored by the loads that this one goes on from, and not looked at again
	stored, existing, failed int
	bytes                    int64
	cosmos.Progress          // what it took
}

// load stores the documents of in and draws a progress bar while it does.
func load(ctx context.Context, container *cosmos.Container, in *input, errs io.Writer) (summary, error) {
	sum := summary{before: in.progress.before}
	bar := newBar(in, errs)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	progress := cosmos.OnProgress(func(p cosmos.Progress) {
		sum.Progress = p
		if !bar.IsFinished() { // else it would be drawn a second time
			bar.Describe(fmt.Sprintf("%d documents, %.0f a second, %.0f RU", p.Done, p.Rate, p.RequestCharge))
		}
	})

	for r := range container.CreateMany(ctx, in.documents(), progress) {
		switch {
		case r.Err == nil:
			sum.stored++
		case errors.Is(r.Err, cosmos.ErrConflict):
			sum.existing++ // by a load before this one
		default:
			in.progress.fail(r.Index)
			if ctx.Err() != nil {
				continue
			}
			if sum.failed++; sum.failed <= 3 {
				fmt.Fprintf(errs, "\ndocument %d: %v\n", r.Index+1, r.Err)
			}
			continue
		}
		n, err := in.progress.stored(r.Index)
		if err != nil {
			cancel(err)
			break
		}
		sum.bytes += n
		bar.Add64(n)
	}
	bar.Exit()
	err := cmp.Or(context.Cause(ctx), in.err)
	return sum, errors.Join(err, in.progress.finish(err == nil && sum.failed == 0))
}

// newBar makes a progress bar over what is left of the file, which shows only on a terminal.
func newBar(in *input, errs io.Writer) *progressbar.ProgressBar {
	if file, ok := errs.(*os.File); ok {
		if info, err := file.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
			errs = io.Discard
		}
	} else {
		errs = io.Discard
	}
	return progressbar.NewOptions64(in.size-in.offset,
		progressbar.OptionSetWriter(errs),
		progressbar.OptionShowBytes(true),
		progressbar.OptionFullWidth(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionOnCompletion(func() { fmt.Fprintln(errs) }),
	)
}

// print says what was done and what it took.
func (s summary) print(out io.Writer) {
	fmt.Fprintf(out, "%d documents stored, %.1f MB, in %v: %.0f a second\n",
		s.stored, float64(s.bytes)/1e6, s.Elapsed.Round(time.Millisecond), s.Rate)
	if s.existing > 0 {
		fmt.Fprintf(out, "%d were there already\n", s.existing)
	}
	if s.before > 0 {
		fmt.Fprintf(out, "%d passed over, as stored by the load before: %d of the file are done\n", s.before, s.before+s.stored+s.existing)
	}
	if s.failed > 0 {
		fmt.Fprintf(out, "%d failed\n", s.failed)
	}
	fmt.Fprintf(out, "%d requests, %.2f RU, %d retries\n", s.Requests, s.RequestCharge, s.Retries)
	if s.SingleOperations > 0 {
		fmt.Fprintf(out, "%d documents went one by one: the server knows no bulk requests\n", s.SingleOperations)
	}
}
