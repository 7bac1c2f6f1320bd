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
	stored, there, failed int
	bytes                 int64
}

// load stores the documents of in and draws a progress bar while it does.
func load(ctx context.Context, container *cosmos.Container, in *input, errs io.Writer) (summary, error) {
	var sum summary
	var charge float64
	bar := newBar(in, errs)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	for r := range container.CreateMany(ctx, in.documents()) {
		charge += r.RequestCharge
		switch {
		case r.Err == nil:
			sum.stored++
		case errors.Is(r.Err, cosmos.ErrConflict):
			sum.there++ // by a load before this one
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
		bar.Describe(fmt.Sprintf("%d documents, %.0f RU", sum.stored, charge))
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

// print says what was done and what it cost.
func (s summary) print(out io.Writer, took time.Duration, use cosmos.Usage) {
	fmt.Fprintf(out, "%d documents stored, %.1f MB, in %v: %.0f a second\n", s.stored, float64(s.bytes)/1e6,
		took.Round(time.Millisecond), float64(s.stored)/max(took.Seconds(), 1e-9))
	if s.there > 0 {
		fmt.Fprintf(out, "%d were there already\n", s.there)
	}
	if s.failed > 0 {
		fmt.Fprintf(out, "%d failed\n", s.failed)
	}
	fmt.Fprintf(out, "%d requests, %d of them repeated, %.2f RU\n", use.Requests, use.Retries, use.RequestCharge)
}
