package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// offered is an account with one container of a rate, its offer, and a clock that the test moves.
func offered(t *testing.T, rate Throughput, change ...func(*Options)) (*globe, *Offer) {
	t.Helper()
	g := newGlobe(t, 1, change...)
	c, err := g.c.db.CreateContainer([]byte(`{"id":"own","partitionKey":{"paths":["/pk"]}}`), rate)
	require.NoError(t, err)
	o, err := g.Offer(c.offer)
	require.NoError(t, err)
	return g, o
}

// content is the JSON of an offer's content.
func content(o *Offer) string { return string(value.AppendJSON(nil, o.Value().Get("content"))) }

// An offer says what its owner has, what it has at least had, and when that was changed.
func TestOfferTellsItsPast(t *testing.T) {
	t.Parallel()
	g, o := offered(t, Throughput{Manual: 5000})
	const head = `{"offerThroughput":%d,"offerIsRUPerMinuteThroughputEnabled":false,` +
		`"offerMinimumThroughputParameters":{"maxThroughputEverProvisioned":%d,"maxConsumedStorageEverInKB":0}`
	require.Equal(t, fmt.Sprintf(head+"}", 5000, 5000), content(o), "nothing was replaced yet")
	for _, step := range []struct {
		body    string
		migrate bool
		want    string // behind the time
		rate    int
		most    int
		least   string
	}{
		{`{"offerThroughput":8000}`, false, "", 8000, 8000, "400"},
		{`{"offerThroughput":400}`, false, "", 400, 8000, "400"},
		{`{"offerAutopilotSettings":{"maxThroughput":4000,` +
			`"autoUpgradePolicy":{"throughputPolicy":{"incrementPercent":3}}}}`, true,
			`,"offerAutopilotSettings":{"maxThroughput":4000,` +
				`"autoUpgradePolicy":{"throughputPolicy":{"incrementPercent":3}}}`, 400, 8000, "1000"},
		{`{"offerAutopilotSettings":{"maxThroughput":9000}}`, false,
			`,"offerAutopilotSettings":{"maxThroughput":9000}`, 900, 9000, "1000"},
		{`{"offerThroughput":600,"offerAutopilotSettings":{"maxThroughput":-1}}`, true, "", 900, 9000, "400"},
	} {
		g.now = g.now.Add(time.Minute)
		before := o
		var err error
		o, err = g.ReplaceOffer(o.RID(), []byte(`{"content":`+step.body+`}`), step.migrate, o.ETag())
		require.NoError(t, err, step.body)
		changed := fmt.Sprintf(`,"offerLastReplaceTimestamp":%d%s}`, g.now.Unix(), step.want)
		require.Equal(t, fmt.Sprintf(head, step.rate, step.most)+changed, content(o))
		require.Equal(t, step.least, o.MinThroughput())
		require.NotEqual(t, before.ETag(), o.ETag())
		for _, same := range []string{"id", "_rid", "_self", "resource", "offerResourceId", "offerType",
			"offerVersion"} {
			require.True(t, value.Equal(before.Value().Get(same), o.Value().Get(same)), same)
		}
		found, err := g.Offer(o.RID())
		require.NoError(t, err)
		require.Same(t, o, found)
		require.Equal(t, o, g.Offers()[1], "it keeps its place")
	}
}

// What cannot be replaced is told of, and leaves the offer and its container as they were.
func TestOffersThatAreNotReplaced(t *testing.T) {
	t.Parallel()
	const migration = "please invoke the migration API"
	manual, auto := Throughput{Manual: 1000}, Throughput{Autoscale: 4000}
	for _, test := range []struct {
		name    string
		from    Throughput
		body    string
		migrate bool
		status  int
		want    string
	}{
		{"no JSON", manual, `{"content":`, false, 400, "specified inputs is invalid"},
		{"a list", manual, `[]`, false, 400, "specified inputs is invalid"},
		{"a rate that is a text", manual, `{"content":{"offerThroughput":"500"}}`, false, 400,
			"specified inputs is invalid"},
		{"settings that are a rate", manual, `{"content":{"offerAutopilotSettings":4000}}`, true, 400,
			"specified inputs is invalid"},
		{"nothing", manual, `{}`, false, 400, "The offer names no throughput."},
		{"nothing of autoscale", auto, `{"content":{}}`, false, 400, "The offer names no throughput."},
		{"a maximum of none", manual, `{"content":{"offerAutopilotSettings":{"maxThroughput":0}}}`, false, 400,
			"The offer names no throughput."},
		{"no rate of a text", manual, `{"content":{"offerThroughput":-1}}`, false, 400, "between 400 and 1000000"},
		{"too little", manual, `{"content":{"offerThroughput":300}}`, false, 400, "between 400 and 1000000"},
		{"too much", auto, `{"content":{"offerAutopilotSettings":{"maxThroughput":1001000}}}`, false, 400,
			"between 1000 and 1000000"},
		{"too much for a migration", Throughput{Manual: 1_000_000},
			`{"content":{"offerAutopilotSettings":{"maxThroughput":1001000}}}`, true, 400, "between 1000 and 1000000"},
		{"to autoscale without a migration", manual, `{"content":{"offerAutopilotSettings":{"maxThroughput":4000}}}`,
			false, 400, migration},
		{"to a fixed rate without a migration", auto, `{"content":{"offerThroughput":500}}`, false, 400, migration},
		{"of another container", manual, `{"offerResourceId":"x","content":{"offerThroughput":500}}`, false, 400,
			"The offer's resource cannot be changed."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g, o := offered(t, test.from)
			_, err := g.ReplaceOffer(o.RID(), []byte(test.body), test.migrate, "*")
			refused(t, err, test.status, test.want)
			found, err := g.Offer(o.RID())
			require.NoError(t, err)
			require.Same(t, o, found)
			c, err := g.Container("d", "own")
			require.NoError(t, err)
			require.Equal(t, test.from, c.Throughput())
			_, err = g.ReplaceOffer(o.RID(), []byte(test.body), test.migrate, `"x"`)
			if !strings.Contains(test.want, "inputs") { // what cannot be read says nothing
				refused(t, err, 412, "precondition")
			}
		})
	}
	g, o := offered(t, manual)
	_, err := g.ReplaceOffer(o.RID(), fmt.Appendf(nil, `{"offerResourceId":%q,"content":{"offerThroughput":500,`+
		`"offerAutopilotSettings":{}}}`, g.c.db.Containers()[1].RID()), false, o.ETag())
	require.NoError(t, err, "as SDKs send it that read the offer before")
}

// A container has the rate of its own offer or that of its database, and none once it is deleted; one that is made anew
// under the name has another offer.
func TestRatesOfContainers(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{Manual: 2000})
	require.NoError(t, err)
	create := func(id string, rate Throughput) *Container {
		c, err := d.CreateContainer([]byte(`{"id":"`+id+`","partitionKey":{"paths":["/pk"]}}`), rate)
		require.NoError(t, err)
		return c
	}
	shared, own := create("shared", Throughput{}), create("own", Throughput{Manual: 500})
	require.Equal(t, []bool{true, false}, []bool{shared.Shares(), own.Shares()})
	replace := func(offer string, rate int) error {
		_, err := a.ReplaceOffer(offer, fmt.Appendf(nil, `{"content":{"offerThroughput":%d}}`, rate), false, "")
		return err
	}
	require.NoError(t, replace(d.offer, 3000))
	require.Equal(t, []int{3000, 500}, []int{shared.Throughput().Max(), own.Throughput().Max()})
	require.NoError(t, replace(own.offer, 7000))
	require.Equal(t, []int{3000, 7000}, []int{shared.Throughput().Max(), own.Throughput().Max()})

	require.NoError(t, d.DeleteContainer(own))
	require.Equal(t, Throughput{}, own.Throughput())
	refused(t, replace(own.offer, 8000), 404, "Resource Not Found")
	_, err = a.Offer(own.offer)
	refused(t, err, 404, "Resource Not Found")
	again := create("own", Throughput{Manual: 900})
	require.NotEqual(t, own.offer, again.offer)
	require.Equal(t, 900, again.Throughput().Max())
	require.Equal(t, Throughput{}, own.Throughput(), "it is another container")
	require.NoError(t, d.DeleteContainer(shared))
	require.Len(t, a.Offers(), 2, "what is shared is the database's")
	require.NoError(t, a.DeleteDatabase(d))
	require.Empty(t, a.Offers())
}

// An offer is pending as long as a container that has its rate is being split for it, and no other offer is.
func TestOfferIsPendingForItsContainers(t *testing.T) {
	t.Parallel()
	g, own := offered(t, Throughput{Manual: 400}, func(o *Options) {
		o.Partitions, o.Phases = 1, Phases{Copying: time.Minute}
	})
	d, err := g.CreateDatabase([]byte(`{"id":"shared"}`), Throughput{Manual: 400})
	require.NoError(t, err)
	for _, id := range []string{"x", "y"} {
		_, err = d.CreateContainer([]byte(`{"id":"`+id+`","partitionKey":{"paths":["/pk"]}}`), Throughput{})
		require.NoError(t, err)
	}
	pending := func() (rids []string) {
		for _, o := range g.Offers() {
			one, err := g.Offer(o.RID())
			require.NoError(t, err)
			require.Equal(t, o.Pending, one.Pending)
			require.Equal(t, o.Pending, strings.HasSuffix(content(o), `,"isOfferReplacePending":true}`))
			if o.Pending {
				rids = append(rids, o.RID())
			}
		}
		return rids
	}
	require.Empty(t, pending())
	raise := func(offer string, rate int) (*Offer, error) {
		return g.ReplaceOffer(offer, fmt.Appendf(nil, `{"content":{"offerThroughput":%d}}`, rate), false, "")
	}
	o, err := raise(d.offer, 10_000)
	require.NoError(t, err)
	require.False(t, o.Pending, "one partition carries that")
	o, err = raise(d.offer, 10_100)
	require.NoError(t, err)
	require.True(t, o.Pending)
	require.Equal(t, []string{d.offer}, pending())
	_, err = raise(d.offer, 400)
	refused(t, err, 423, "try again later")
	_, err = raise(own.RID(), 600)
	require.NoError(t, err, "another offer is not locked")
	x, err := d.Container("x")
	require.NoError(t, err)
	require.NoError(t, d.DeleteContainer(x))
	require.Equal(t, []string{d.offer}, pending(), "the other one is still being split")
	g.now = g.now.Add(time.Minute)
	require.Empty(t, pending())
	_, err = raise(d.offer, 400)
	require.NoError(t, err)
}
