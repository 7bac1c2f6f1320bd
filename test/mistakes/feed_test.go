package mistakes

import (
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
)

func TestFeedsAndPages(t *testing.T) {
	t.Parallel()
	feed := func(opts ...cosmos.Option) func(*world) error {
		return func(w *world) error { return all(w.products.ChangeFeed(opts...).Items(w.ctx())) }
	}
	page := func(text string, args ...any) func(*world) error {
		return func(w *world) error {
			pager := w.products.NewPager(text, args...)
			defer pager.Close()
			_, err := pager.Next(w.ctx())
			return err
		}
	}
	check(t, []mistake{
		{"a feed token of nothing", feed(cosmos.Continuation("x")),
			"bad continuation: the continuation is not the…pass what ChangeFeed.Token returned", ""},
		{"a feed token cut short", func(w *world) error {
			f := w.products.ChangeFeed()
			if err := all(f.Items(w.ctx())); err != nil {
				return err
			}
			token, err := f.Token()
			if err != nil {
				return err
			}
			return feed(cosmos.Continuation(token[:len(token)-4]))(w)
		},
			"bad continuation: the continuation is not the…pass what ChangeFeed.Token returned", ""},
		{"a feed token of another container", func(w *world) error {
			f := w.events.ChangeFeed()
			if err := all(f.Items(w.ctx())); err != nil {
				return err
			}
			token, err := f.Token()
			if err != nil {
				return err
			}
			return feed(cosmos.Continuation(token))(w)
		},
			"bad continuation: the change feed's…an older one of the same name", whatIsWrongSaysIt},
		{"a feed with two beginnings", feed(cosmos.FromNow(), cosmos.Since(time.Now())),
			"a change feed starts FromNow or Since a time, not both", ""},
		{"a feed of all versions without its policy", feed(cosmos.AllVersions()),
			"a change feed of AllVersions starts FromNow or at a Continuation", ""},
		{"a feed range of nothing", func(*world) error {
			_, err := cosmos.ParseFeedRange("all of it")
			return err
		},
			`"all of it" is not a feed range, which has the form [,…two rising bounds in hexadecimal digits`, ""},
		{"a feed range that is empty", feed(cosmos.InFeedRange(cosmos.FeedRange{Min: "FF", Max: "05"})),
			`the feed range from "FF" to "05" is empty`, whatIsWrongSaysIt},
		{"a query's token for a feed", func(w *world) error {
			pager := w.products.NewPager("SELECT * FROM p", cosmos.PageSize(1))
			defer pager.Close()
			p, err := pager.Next(w.ctx())
			if err != nil {
				return err
			}
			return feed(cosmos.Continuation(p.Continuation))(w)
		},
			"bad continuation: the continuation is not the…pass what ChangeFeed.Token returned", ""},
		{"a page's token of another query", func(w *world) error {
			pager := w.products.NewPager("SELECT * FROM p ORDER BY p.price", cosmos.PageSize(1))
			defer pager.Close()
			p, err := pager.Next(w.ctx())
			if err != nil {
				return err
			}
			return page("SELECT * FROM p ORDER BY p.name", cosmos.Continuation(p.Continuation))(w)
		},
			"bad continuation: it belongs to another…key, feed range or container", whatIsWrongSaysIt},
		{"a token of a query that has none", func(w *world) error {
			pager := w.products.NewPager("SELECT p.category, COUNT(1) AS n FROM p GROUP BY p.category",
				cosmos.PageSize(1))
			defer pager.Close()
			if _, err := pager.Next(w.ctx()); err != nil {
				return err
			}
			_, err := pager.Token()
			return err
		},
			"bad continuation: a query with DISTINCT without…BY", ""},
		{"Since for a query", page("SELECT * FROM p", cosmos.Since(time.Now())),
			"the option…of the client, other calls skip it", ""},
		{"a session token that is none", func(*world) error {
			_, err := cosmos.MergeSessionTokens("0:1#2", "x")
			return err
		},
			`session token "x" is not valid: it has the form 0:-1#12, as a Response has it`, ""},
	})
}

func TestProcessorsAndBudgets(t *testing.T) {
	t.Parallel()
	processor := func(opts cosmos.ProcessorOptions, handle cosmos.ChangeHandler, leases string) func(*world) error {
		return func(w *world) error {
			return w.products.ChangeFeedProcessor(w.client.Database("shop").Container(leases), handle,
				&opts).Run(w.ctx())
		}
	}
	checkText(t, []mistake{
		{"a processor without a handler", processor(cosmos.ProcessorOptions{Name: "x"}, nil, "my-orders"),
			"a change feed processor needs a handler", whatIsWrongSaysIt},
		{"leases in a container of another key", processor(cosmos.ProcessorOptions{Name: "x"}, ignore, "events"),
			`lease container "events" is partitioned by [/tenant /user]: it must be /id or /partitionKey`, ""},
		{"leases in a container that is not there",
			processor(cosmos.ProcessorOptions{Name: "x", OnError: stop}, ignore, "leases"),
			"404 NotFound: Resource Not Found.…: the container, or its database, does not exist", ""},
		{"times that cannot be",
			processor(cosmos.ProcessorOptions{Name: "x", RenewInterval: time.Hour}, ignore, "my-orders"),
			"a lease that expires after 1m0s cannot be…must be above RenewInterval", ""},
		{"two beginnings of a processor",
			processor(cosmos.ProcessorOptions{Name: "x", FromBeginning: true, AllVersions: true}, ignore, "my-orders"),
			"a change feed processor of AllVersions starts now: leave FromBeginning and StartTime out", ""},
		{"a budget of nothing", func(*world) error {
			_, err := cosmos.NewThroughputControlGroup(cosmos.ThroughputControlGroupConfig{Name: "x"})
			return err
		},
			`throughput control group "x": give it a TargetThroughput,…a share of the container's throughput`, ""},
		{"a budget above the whole", func(*world) error {
			_, err := cosmos.NewThroughputControlGroup(cosmos.ThroughputControlGroupConfig{Name: "x",
				TargetThroughputThreshold: 30})
			return err
		},
			`throughput control group "x": a TargetThroughputThreshold of 30 is not a share between 0 and 1`, ""},
	})
}
