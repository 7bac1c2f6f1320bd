package store

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// served is what reads and writes of a key are answered: "" where they are served.
func served(c *Container, key string) (answers [3]string) {
	text := func(err error) string {
		if err == nil {
			return ""
		}
		return strings.SplitN(err.Error(), ":", 2)[0]
	}
	epk := mustDocument(c, key).EPK
	_, _, err := c.Read(epk, key)
	answers[0] = text(err)
	_, err = upsert(c, key, key, 1)
	answers[1] = text(err)
	answers[2] = text(c.View(Scope{Key: epk, HasKey: true}, func([]*Slice) error { return nil }))
	return answers
}

// listed are the ids and the states of the partitions in a page of their feed.
func listed(c *Container, since string) (all []string, etag string) {
	ranges, etag, changed := c.RangeFeed(since)
	for _, r := range ranges {
		all = append(all, strings.TrimSpace(r.ID+" "+r.Status()))
	}
	if changed != (len(all) > 0) {
		panic("a feed that has changed shows something")
	}
	return all, etag
}

func TestSplitInPhases(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for i := range 20 {
		put(t, c, fmt.Sprintf(`{"id":"%d","pk":"%d"}`, i, i))
	}
	all, etag := listed(c, "")
	require.Equal(t, []string{"0 online"}, all)
	change, err := c.BeginSplit("0", "")
	require.NoError(t, err)
	require.Equal(t, []string{"0"}, change.Old())
	require.Equal(t, []string{"1", "2"}, change.New())
	gone := [3]string{"410/1007", "410/1007", "410/1007"}
	for _, step := range []struct {
		phase  Phase
		served [3]string
		feed   []string // what is new in it
	}{
		{Copying, [3]string{}, []string{"0 splitting"}},
		{Preparing, gone, nil},
		{Swapping, gone, []string{"1 online", "2 online"}},
		{Done, [3]string{}, nil},
	} {
		require.Equal(t, step.phase, change.Phase())
		require.Equal(t, step.served, served(c, "7"), step.phase)
		var feed []string
		feed, etag = listed(c, etag)
		require.Equal(t, step.feed, feed, step.phase)
		require.Len(t, c.Items(), 20, "what is stored can be looked at in every phase")
		if step.phase == Done {
			break
		}
		require.Equal(t, []*RangeChange{change}, c.RangeChanges())
		_, err := c.BeginSplit(c.Ranges()[0].ID, "")
		refused(t, err, 412, "takes part in a split that is "+step.phase.String())
		if step.phase == Swapping {
			refused(t, change.Cancel(), 412, "cannot be taken back")
		}
		phase, err := change.Advance()
		require.NoError(t, err)
		require.Equal(t, step.phase+1, phase)
	}
	require.Empty(t, c.RangeChanges())
	sound(t, c)
	refused(t, c.View(Scope{Range: "0"}, func([]*Slice) error { return nil }), 410, "'0'")
	_, err = change.Advance()
	refused(t, err, 412, "done already")
}

func TestChangesOfRangesAreTakenBack(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 2, "")
	_, etag := listed(c, "")
	split, err := c.BeginSplit("0", "")
	require.NoError(t, err)
	_, err = c.BeginMerge("0", "1")
	refused(t, err, 412, "0 takes part in a split that is copying")
	_, err = c.Merge("1", "0")
	refused(t, err, 412, "0 takes part in a split")
	_, err = split.Advance()
	require.NoError(t, err)
	require.NoError(t, split.Cancel())
	require.Equal(t, Cancelled, split.Phase())
	all, _ := listed(c, etag)
	require.Equal(t, []string{"0 online"}, all, "the feed takes the status back")
	refused(t, split.Cancel(), 412, "cancelled")
	_, err = split.Advance()
	refused(t, err, 412, "cancelled already")

	merge, err := c.BeginMerge("1", "0")
	require.NoError(t, err)
	_, err = c.Split("1")
	refused(t, err, 412, "1 takes part in a merge that is copying")
	for merge.Phase() != Done {
		_, err = merge.Advance()
		require.NoError(t, err)
	}
	require.Equal(t, []string{"0", "1"}, c.Ranges()[0].Parents)
	sound(t, c)
}

func TestSplitAtAKey(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 2, "")
	middle := c.Ranges()[1].Min
	for cut, why := range map[string]string{
		"xyz": "hexadecimal digits", "0a": "hexadecimal digits", middle: "owns the effective keys from",
		middle + "FF": "owns", "FF": "owns",
	} {
		_, err := c.SplitAt("0", cut)
		refused(t, err, 400, why)
	}
	_, err := c.SplitAt("7", "05")
	refused(t, err, 410, "'7'")
	ids, err := c.SplitAt("0", "05C1")
	require.NoError(t, err)
	r := c.Ranges()
	require.Equal(t, [][3]string{{ids[0], "", "05C1"}, {ids[1], "05C1", middle}}, [][3]string{
		{r[0].ID, r[0].Min, r[0].Max}, {r[1].ID, r[1].Min, r[1].Max}})
	sound(t, c)
}

// A partition that outgrows the size is split where half of its bytes is on either side, and again.
func TestSplitByStorage(t *testing.T) {
	t.Parallel()
	const most = 20_000
	for name, key := range map[string]func(i int) string{
		"many keys": func(i int) string { return fmt.Sprint(i) },
		"one key that is large": func(i int) string {
			if i%2 == 0 {
				return "large"
			}
			return fmt.Sprint(i)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := NewAccount(Options{PartitionSize: most})
			d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
			require.NoError(t, err)
			c, err := d.CreateContainer([]byte(`{"id":"c","partitionKey":{"paths":["/pk"],"version":2}}`), Throughput{})
			require.NoError(t, err)
			for i := range 200 {
				put(t, c, fmt.Sprintf(`{"id":"%d","pk":%q,"pad":%q}`, i, key(i), strings.Repeat("x", 500)))
			}
			require.Greater(t, len(c.Ranges()), 5)
			for _, m := range c.Statistics() {
				require.True(t, m.Bytes <= most || m.Keys == 1, m)
			}
			require.Len(t, c.Items(), 200)
			sound(t, c)
		})
	}
}

// Changes that the clock moves on need no one to look at them; throughput goes on until it has all that it needs.
func TestRangesMoveOnByTheClock(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 1, func(o *Options) { o.Partitions, o.Phases = 1, Phases{time.Hour, time.Minute, time.Second} })
	g.put(0, "7", 1)
	offer := g.Offers()[0]
	replace := func(rate int) (*Offer, error) {
		return g.ReplaceOffer(offer.RID(), fmt.Appendf(nil, `{"content":{"offerThroughput":%d}}`, rate), false, "")
	}
	o, err := replace(40_000)
	require.NoError(t, err)
	require.True(t, o.Pending)
	require.Contains(t, string(o.JSON()), `"isOfferReplacePending":true`)
	_, err = replace(50_000)
	refused(t, err, 423, "being split")
	for _, step := range []struct {
		after  time.Duration
		served string
		ranges []string
	}{
		{0, "", []string{"0 splitting"}},
		{time.Hour - 1, "", []string{"0 splitting"}},
		{1, "410/1007", []string{"0 splitting"}},
		{time.Minute, "410/1007", []string{"1 online", "2 online"}},
		{time.Second, "", []string{"1 splitting", "2 splitting"}}, // 40,000 RU/s need four
		{2 * time.Hour, "", []string{"3 online", "4 online", "5 online", "6 online"}},
	} {
		g.now = g.now.Add(step.after)
		require.Equal(t, step.served, served(g.c, "7")[0], step)
		all, _ := listed(g.c, "")
		require.ElementsMatch(t, step.ranges, all)
	}
	o, err = g.Offer(offer.RID())
	require.NoError(t, err)
	require.False(t, o.Pending)
	ids, err := g.c.Split("3")
	require.NoError(t, err)
	require.Equal(t, []string{"7", "8"}, ids)
	require.False(t, g.c.Growing(), "nobody has asked for more")
	change := g.c.RangeChanges()[0]
	_, err = change.Advance() // by hand, too
	require.NoError(t, err)
	g.now = g.now.Add(time.Minute + time.Second)
	require.Equal(t, Done, change.Phase())
	_, err = replace(50_000)
	require.NoError(t, err)
}

// However documents come, partitions that they fill up are split.
func TestSplitByWhatIsLoaded(t *testing.T) {
	t.Parallel()
	const most = 20_000
	pad := strings.Repeat("x", 500)
	filled := func(c *Container) {
		require.Greater(t, len(c.Ranges()), 5)
		for _, m := range c.Statistics() {
			require.LessOrEqual(t, m.Bytes, int64(most))
		}
		require.Len(t, c.Items(), 200)
		sound(t, c)
	}
	large := newTestContainer(t, 1, "")
	for i := range 200 {
		put(t, large, fmt.Sprintf(`{"id":"%d","pk":"%d","pad":%q}`, i, i, pad))
	}
	var text bytes.Buffer
	require.NoError(t, large.account.Dump(&text))
	a := NewAccount(Options{PartitionSize: most})
	require.NoError(t, a.Load(text.Bytes()))
	loaded, err := a.Container("d", "c")
	require.NoError(t, err)
	filled(loaded)

	d, err := a.CreateDatabase([]byte(`{"id":"e"}`), Throughput{})
	require.NoError(t, err)
	c, err := d.CreateContainer([]byte(`{"id":"c","partitionKey":{"paths":["/pk"],"version":2}}`), Throughput{})
	require.NoError(t, err)
	for i := range 200 {
		x := parsed(t, c, fmt.Sprintf(`{"id":"%d","pk":"%d","pad":%q}`, i, i, pad))
		_, err := Distributed([]Part{{c, x.EPK}}, func(txs []*Tx) error { _, err := txs[0].Create(x); return err })
		require.NoError(t, err)
	}
	filled(c)
}

// What the clock has moved on is known to whatever is asked of the ranges next, without a request between.
func TestWhatIsDueHasHappened(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(*globe) error{
		"split":         func(g *globe) error { _, err := g.c.Split("1"); return err },
		"merge":         func(g *globe) error { _, err := g.c.Merge("1", "2"); return err },
		"begin a split": func(g *globe) error { _, err := g.c.BeginSplit("1", ""); return err },
		"begin a merge": func(g *globe) error { _, err := g.c.BeginMerge("1", "2"); return err },
		"fail over":     func(g *globe) error { _, err := g.c.FailOverPartition("1", 1, false); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 2, func(o *Options) {
				o.Partitions, o.Phases = 1, Phases{time.Hour, time.Minute, time.Second}
			})
			_, err := g.c.Split("0")
			require.NoError(t, err)
			change := g.c.RangeChanges()[0]
			g.now = g.now.Add(2 * time.Hour)
			require.NoError(t, ask(g))
			_, err = change.Advance()
			refused(t, err, 412, "done already")
		})
	}
	g := newGlobe(t, 1, func(o *Options) { o.Partitions, o.Phases = 1, Phases{Copying: time.Hour} })
	_, err := g.c.Split("0")
	require.NoError(t, err)
	change := g.c.RangeChanges()[0]
	g.now = g.now.Add(2 * time.Hour)
	refused(t, change.Cancel(), 412, "split is done")
	require.NoError(t, g.c.db.DeleteContainer(g.c))
	_, err = g.c.FailOverPartition("1", 0, false)
	refused(t, err, 404, "")
}
