package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// timed is a container with a time to live, on a clock that the test moves by seconds from 0.
func timed(t *testing.T, more string) (c *Container, at func(seconds int)) {
	t.Helper()
	start := time.Unix(1_700_000_000, 0)
	now := start
	a := NewAccount(Options{Now: func() time.Time { return now }})
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	c, err = d.CreateContainer([]byte(`{"id":"c",`+keyed+more+`}`), Throughput{})
	require.NoError(t, err)
	return c, func(seconds int) { now = start.Add(time.Duration(seconds) * time.Second) }
}

// Each document ends at its own time, whatever was looked for before and whoever ends first.
func TestDocumentsEndAtTheirTime(t *testing.T) {
	t.Parallel()
	c, at := timed(t, `,"defaultTtl":100`)
	at(0)
	put(t, c, `{"id":"default","pk":"p"}`)
	put(t, c, `{"id":"ever","pk":"p","ttl":-1}`)
	put(t, c, `{"id":"late","pk":"p","ttl":500}`)
	c.Expire()
	at(5)
	put(t, c, `{"id":"soon","pk":"p","ttl":10}`) // before all that was known to end
	put(t, c, `{"id":"again","pk":"p","ttl":10}`)
	for _, step := range []struct {
		seconds int
		write   string // at that time
		want    []string
	}{
		{14, `{"id":"again","pk":"p","ttl":50}`, []string{"default", "ever", "late", "soon", "again"}}, // counts anew
		{15, "", []string{"default", "ever", "late", "again"}},
		{63, "", []string{"default", "ever", "late", "again"}},
		{64, "", []string{"default", "ever", "late"}},
		{100, "", []string{"ever", "late"}},
		{101, `{"id":"late","pk":"p","ttl":-1}`, []string{"ever", "late"}},
		{1_000_000, "", []string{"ever", "late"}},
	} {
		at(step.seconds)
		if step.write != "" {
			put(t, c, step.write)
		}
		require.Equal(t, step.want, ids(items(t, c, Scope{})), "at %d, as a reader sees it", step.seconds)
		c.Expire()
		count, _ := c.Usage()
		require.Equal(t, int64(len(step.want)), count, "at %d, in the store", step.seconds)
	}
	sound(t, c)
}

// A document whose time is over is not there: not for reads, conditions, creates, unique keys or the feed. What a
// request does that fails does not bring it back.
func TestExpiredIsNotThere(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		op     func(tx *Tx, d *Document) error
		status int
	}{
		{"read", func(tx *Tx, d *Document) error { _, err := tx.Read(d.EPK, d.ID); return err }, 404},
		{"replace", func(tx *Tx, d *Document) error { _, err := tx.Replace(d.ID, d, ""); return err }, 404},
		{"delete", func(tx *Tx, d *Document) error { return tx.Delete(d.EPK, d.ID, "") }, 404},
		{"create", func(tx *Tx, d *Document) error { _, err := tx.Create(d); return err }, 0},
		{"upsert under its etag", func(tx *Tx, d *Document) error {
			_, created, err := tx.Upsert(d, `"of old"`)
			require.True(t, created)
			return err
		}, 0},
		{"delete all", func(tx *Tx, d *Document) error { require.Zero(t, tx.DeleteAll(d.EPK)); return nil }, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, at := timed(t, `,"defaultTtl":10,`+uniqueMail)
			at(0)
			old := put(t, c, `{"id":"a","pk":"p","mail":"x"}`)
			at(10)
			_, _, err := c.Read(old.EPK, "a")
			refused(t, err, 404, "does not exist")
			_, err = c.ByRID(old.RID)
			refused(t, err, 404, "does not exist")
			got, _ := feed(t, c, Scope{}, Feed{})
			require.Empty(t, got)
			_, err = c.Update(old.EPK, "", func(tx *Tx) error {
				return test.op(tx, parsed(t, c, `{"id":"a","pk":"p","mail":"x"}`))
			})
			if test.status != 0 {
				refused(t, err, test.status, "does not exist")
			} else {
				require.NoError(t, err)
			}
			for _, it := range c.Items() {
				require.NotEqual(t, old.RID, it.RID, "another document")
			}
			count, _ := c.Usage()
			require.Equal(t, int64(len(c.Items())), count)
		})
	}
}

// The feed of all versions tells that a document has ended by itself, once, and when that was noticed.
func TestFeedTellsOfExpiry(t *testing.T) {
	t.Parallel()
	c, at := timed(t, `,"defaultTtl":10,"changeFeedPolicy":{"retentionDuration":60}`)
	at(0)
	old := put(t, c, `{"id":"a","pk":"p"}`)
	put(t, c, `{"id":"b","pk":"p","ttl":1000}`)
	remove(t, c, "b", "p")
	at(12)
	_, err := c.Update(old.EPK, "", func(*Tx) error { return notFound() })
	refused(t, err, 404, "")
	c.Expire()
	var deletes []Change
	c.Inspect(func(s *Slice) {
		changes, _ := s.Changes(Feed{All: true})
		for _, ch := range changes {
			if ch.Item == nil {
				deletes = append(deletes, ch)
			}
		}
	})
	require.Len(t, deletes, 2)
	require.Equal(t, []any{"b", false}, []any{deletes[0].Previous.ID, deletes[0].Expired})
	require.Equal(t, []any{old, true, old.TS + 12}, []any{deletes[1].Previous, deletes[1].Expired, deletes[1].TS})
	require.Equal(t, int64(4), deletes[1].LSN, "a transaction of its own, which the failure of the request left alone")
}

// Documents end in each partition, also in those that a split has made of it, and in those that were loaded.
func TestExpiryAfterASplitAndALoad(t *testing.T) {
	t.Parallel()
	c, at := timed(t, `,"defaultTtl":10`)
	at(0)
	for i := range 40 {
		put(t, c, fmt.Sprintf(`{"id":"%d","pk":"%d","ttl":%d}`, i, i, 10+10*(i%2)))
	}
	c.Expire()
	at(5)
	again := reloaded(t, c.account)
	for _, c := range []*Container{c, again} {
		_, err := c.Split(c.Ranges()[0].ID)
		require.NoError(t, err)
	}
	for _, step := range [][2]int{{9, 40}, {10, 20}, {19, 20}, {20, 0}} {
		at(step[0])
		for _, c := range []*Container{c, again} {
			c.Expire()
			count, _ := c.Usage()
			require.Equal(t, int64(step[1]), count, "at %d", step[0])
			sound(t, c)
		}
	}
}
