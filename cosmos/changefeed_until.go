package cosmos

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// UntilNow ends a change feed with the changes made before its first Next, though others go on writing: it gives all of
// them, and perhaps some made meanwhile. A document changed again meanwhile may come in that version alone, or later,
// to a feed that continues at the [ChangeFeed.Token] of this one.
func UntilNow() Option { return option.New(option.UntilNow, nil) }

// fetchUntil is fetch, after asking where the newest change is if newest is not nil.
func (f *ChangeFeed) fetchUntil(ctx context.Context, newest, req *rest.Request, m *pageMemory) (*changePage, error) {
	if newest == nil {
		return f.fetch(ctx, req, m)
	}
	end, err := f.fetch(ctx, newest, pageMemories.Get().(*pageMemory))
	if err != nil {
		return nil, err
	}
	until, charge := end.etag, end.Response.RequestCharge
	end.Release()
	page, err := f.fetch(ctx, req, m)
	if err == nil {
		page.until = until
		page.Response.RequestCharge += charge
	}
	return page, err
}

// reached notes whether a page of a feed [UntilNow] is the last one of its range: the position behind it is that of the
// newest change when the feed began, or there are none.
func (r *changeRange) reached(page *changePage) {
	if r.until == "" {
		r.until = page.until
	}
	here, ok := sequence(r.ETag)
	end, known := sequence(r.until)
	if r.done = r.idle || ok && known && here >= end; r.done {
		r.idle = true
	}
}

// sequence is the number of a change in its range, as its ETag has it; false if that is of another form.
func sequence(etag string) (int64, bool) {
	n, err := strconv.ParseInt(strings.Trim(etag, `"`), 10, 64)
	return n, err == nil
}

// over reports whether a feed [UntilNow] has ended.
func (f *ChangeFeed) over() bool {
	return f.ready && f.set.UntilNow && !slices.ContainsFunc(f.token.Ranges,
		func(r *changeRange) bool { return !r.done })
}
