package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// feed reads the changes of a container with one partition.
func feed(t testing.TB, c *Container, s Scope, f Feed) (out []string, next int64) {
	t.Helper()
	require.NoError(t, c.View(s, func(slices []*Slice) error {
		changes, at := slices[0].Changes(f)
		next = at.LSN
		for _, ch := range changes {
			switch {
			case ch.Item == nil:
				out = append(out, "-"+ch.Previous.ID)
			case ch.Previous == nil:
				out = append(out, "+"+ch.Item.ID)
			default:
				out = append(out, "="+ch.Item.ID)
			}
		}
		return nil
	}))
	return out, next
}

func remove(t testing.TB, c *Container, id, pk string) {
	t.Helper()
	_, err := c.Update(epkOf(c, pk), "", func(tx *Tx) error { return tx.Delete(epkOf(c, pk), id, "") })
	require.NoError(t, err)
}

func TestFeedOfPresentVersions(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for _, doc := range []string{`{"id":"a","pk":"p"}`, `{"id":"b","pk":"p"}`, `{"id":"c","pk":"q"}`,
		`{"id":"a","pk":"p"}`} {
		put(t, c, doc)
	}
	remove(t, c, "b", "p")
	for _, test := range []struct {
		name  string
		scope Scope
		feed  Feed
		want  []string
		next  int64
	}{
		{"all", Scope{}, Feed{}, []string{"+c", "=a"}, 5},
		{"after", Scope{}, Feed{After: Position{LSN: 3}}, []string{"=a"}, 5},
		{"after the last", Scope{}, Feed{After: Position{LSN: 5}}, nil, 5},
		{"after one that never was", Scope{}, Feed{After: Position{LSN: 99}}, nil, 99},
		{"limit", Scope{}, Feed{Limit: 1}, []string{"+c"}, 3},
		{"on from the limit", Scope{}, Feed{After: Position{LSN: 3}, Limit: 1}, []string{"=a"}, 4},
		{"bytes", Scope{}, Feed{Bytes: 1}, []string{"+c"}, 3},
		{"many bytes", Scope{}, Feed{Bytes: 1 << 20}, []string{"+c", "=a"}, 5},
		{"one key", Scope{Key: epkOf(c, "q"), HasKey: true}, Feed{}, []string{"+c"}, 5},
		{"part of the keys", Scope{Min: epkOf(c, "p"), Max: epkOf(c, "p") + "FF"}, Feed{}, []string{"=a"}, 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, next := feed(t, c, test.scope, test.feed)
			require.Equal(t, test.want, got)
			require.Equal(t, test.next, next)
		})
	}
}

// keptForAMinute is a container whose feed of all versions goes back a minute from now.
func keptForAMinute(t *testing.T, now *time.Time) *Container {
	a := NewAccount(Options{Now: func() time.Time { return *now }})
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	c, err := d.CreateContainer(
		[]byte(`{"id":"c","partitionKey":{"paths":["/pk"],"version":2},"changeFeedPolicy":{"retentionDuration":1}}`),
		Throughput{})
	require.NoError(t, err)
	return c
}

func TestFeedByTime(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	c := keptForAMinute(t, &now)
	for i := range 4 {
		put(t, c, fmt.Sprintf(`{"id":"%d","pk":"p"}`, i))
		now = now.Add(25 * time.Second)
	}
	got, _ := feed(t, c, Scope{}, Feed{Since: 1050})
	require.Equal(t, []string{"+2", "+3"}, got)
	remove(t, c, "3", "p")
	got, _ = feed(t, c, Scope{}, Feed{All: true})
	require.Equal(t, []string{"+2", "+3", "-3"}, got, "what is older than a minute is gone")
	got, _ = feed(t, c, Scope{Key: epkOf(c, "p"), HasKey: true}, Feed{All: true, Limit: 2})
	require.Equal(t, []string{"+2", "+3"}, got)
	got, _ = feed(t, c, Scope{Key: epkOf(c, "q"), HasKey: true}, Feed{All: true})
	require.Empty(t, got)
}

// A retention is for the feed of all versions: in the feed of present versions a document never grows too old.
func TestRetentionKeepsPresentVersions(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	c := keptForAMinute(t, &now)
	put(t, c, `{"id":"old","pk":"p"}`)
	for range 1000 {
		now = now.Add(time.Second)
		put(t, c, `{"id":"new","pk":"p"}`)
	}
	got, _ := feed(t, c, Scope{}, Feed{})
	require.Equal(t, []string{"+old", "=new"}, got)
	all, _ := feed(t, c, Scope{}, Feed{All: true})
	require.Len(t, all, 61, "a minute and the second it began in")
	require.Less(t, len(c.partitions[0].replicas[0].log), 300)
}

func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	for range 1000 {
		put(t, c, `{"id":"a","pk":"p"}`)
	}
	require.Less(t, len(c.partitions[0].replicas[0].log), 200, "superseded versions do not pile up")
	got, next := feed(t, c, Scope{}, Feed{})
	require.Equal(t, []string{"=a"}, got)
	require.Equal(t, int64(1000), next)
}
