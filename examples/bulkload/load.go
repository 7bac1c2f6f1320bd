package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
)

// summary is what became of the documents.
type summary struct {
	before                   int // stored by the loads that this one goes on from, and not looked at again
	stored, existing, failed int
	bytes                    int64
	cosmos.Progress          // what it took
}

// load stores the documents of in and shows how far it is while it does.
func load(ctx context.Context, container *cosmos.Container, in *input, show *display) (summary, error) {
	sum := summary{before: in.progress.before}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	progress := cosmos.OnProgress(func(p cosmos.Progress) {
		sum.Progress = p
		show.progress(p)
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
				fmt.Fprintf(show.errs, "\ndocument %d: %v\n", r.Index+1, r.Err)
			}
			continue
		}
		n, err := in.progress.stored(r.Index)
		if err != nil {
			cancel(err)
			break
		}
		sum.bytes += n
		show.add(n)
	}
	show.bar.Exit()
	err := cmp.Or(context.Cause(ctx), in.err)
	return sum, errors.Join(err, in.progress.finish(err == nil && sum.failed == 0))
}

// print says what was done and what it took.
func (s summary) print(out io.Writer) {
	fmt.Fprintf(out, "%d documents stored, %.1f MB, in %v: %.0f a second\n",
		s.stored, float64(s.bytes)/1e6, s.Elapsed.Round(time.Millisecond), s.Rate)
	if s.existing > 0 {
		fmt.Fprintf(out, "%d were there already\n", s.existing)
	}
	if s.before > 0 {
		fmt.Fprintf(out, "%d passed over, as stored by the load before: %d of the file are done\n", s.before,
			s.before+s.stored+s.existing)
	}
	if s.failed > 0 {
		fmt.Fprintf(out, "%d failed\n", s.failed)
	}
	fmt.Fprintf(out, "%d requests, %.2f RU, %d retries\n", s.Requests, s.RequestCharge, s.Retries)
	if s.SingleOperations > 0 {
		fmt.Fprintf(out, "%d documents went one by one: the server knows no bulk requests\n", s.SingleOperations)
	}
}
