package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// metered is a container of two partitions with 400 RU/s, on a clock that the test moves, and a key of each partition.
func metered(t *testing.T, database, own Throughput) (c *Container, keys [2]string, now *time.Time) {
	t.Helper()
	now = new(time.Time)
	*now = time.Unix(1_700_000_000, 0)
	a := NewAccount(Options{Partitions: 2, Now: func() time.Time { return *now }})
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), database)
	require.NoError(t, err)
	c, err = d.CreateContainer([]byte(`{"id":"c","partitionKey":{"paths":["/pk"],"version":2}}`), own)
	require.NoError(t, err)
	for i, p := range c.Ranges() {
		keys[i] = p.Min
	}
	return c, keys, now
}

// Each partition has its share of the throughput, whether a request names it by a key or by its id.
func TestPartitionsAreMeteredApart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ database, own Throughput }{
		"of the container":              {Throughput{}, Throughput{Manual: 400}},
		"of the database":               {Throughput{Manual: 400}, Throughput{}},
		"by default":                    {Throughput{}, Throughput{}},
		"its own beside the database's": {Throughput{Manual: 1000}, Throughput{Manual: 400}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, keys, now := metered(t, test.database, test.own)
			admit := func(key, id string, charge float64) time.Duration {
				wait, err := c.Admit(key, id, charge)
				if wait == 0 {
					require.NoError(t, err)
					return 0
				}
				refused(t, err, 429, "request rate is too large")
				require.ErrorContains(t, err, "429/3200")
				return wait
			}
			require.Zero(t, admit(keys[0], "", 150))
			require.Zero(t, admit(keys[0], "", 250), "what is left may be overdrawn")
			require.Equal(t, time.Second+time.Millisecond, admit(keys[0], "", 1), "200 of 200 RU/s are owed")
			require.Positive(t, admit("", c.Ranges()[0].ID, 1))
			require.Zero(t, admit(keys[1], "", 1), "the other partition has its own")
			require.Zero(t, admit(keys[0], c.Ranges()[1].ID, 1), "the range counts where one is named")
			require.Zero(t, admit(keys[1], "no such range", 1))
			*now = now.Add(time.Second + time.Millisecond)
			require.Zero(t, admit(keys[0], "", 1), "who waits as long as is said is served")
		})
	}
}

// A throughput that is changed counts at once: a debt is paid at the new rate.
func TestMeteringFollowsTheOffer(t *testing.T) {
	t.Parallel()
	c, keys, now := metered(t, Throughput{}, Throughput{Manual: 400})
	a := c.account
	_, err := c.Admit(keys[0], "", 2200)
	require.NoError(t, err)
	wait, _ := c.Admit(keys[0], "", 1)
	require.Equal(t, 10*time.Second+time.Millisecond, wait, "2000 at 200 a second")
	_, err = a.ReplaceOffer(c.offer, []byte(`{"content":{"offerThroughput":4000}}`), false, "")
	require.NoError(t, err)
	wait, _ = c.Admit(keys[0], "", 1)
	require.Equal(t, time.Second+time.Millisecond, wait, "2000 at 2000 a second")
	*now = now.Add(time.Hour)
	_, err = c.Admit(keys[0], "", 2000)
	require.NoError(t, err)
	wait, _ = c.Admit(keys[0], "", 1)
	require.Equal(t, time.Millisecond, wait, "however long it was idle, it has saved a second's worth")

	// A request that has found its container before that is deleted is served as before.
	require.NoError(t, c.db.DeleteContainer(c))
	wait, err = c.Admit(keys[0], "", 1)
	require.NoError(t, err)
	require.Zero(t, wait)
}

// Each region has the throughput for itself, as each region of an account is billed for it.
func TestRegionsAreMeteredApart(t *testing.T) {
	t.Parallel()
	g := newGlobe(t, 2)
	for region := range 2 {
		_, err := g.c.In(region).Admit("", "", 300)
		require.NoError(t, err)
		_, err = g.c.In(region).Admit("", "", 1)
		refused(t, err, 429, "")
	}
}
