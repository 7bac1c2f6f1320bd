package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
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
	first := len(items(t, c, Scope{Key: epkOf(c, "q"), HasKey: true})[0].JSON)
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
		{"as many bytes as the first has", Scope{}, Feed{Bytes: first}, []string{"+c"}, 3},
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

// The changes of one transaction come together, whatever limits there are, and those of the next one do not.
func TestFeedKeepsTransactionsWhole(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	epk := epkOf(c, "p")
	for first := range 3 {
		_, err := c.Update(epk, "", func(tx *Tx) error {
			for i := range 3 {
				_, err := tx.Create(parsed(t, c, fmt.Sprintf(`{"id":"%d%d","pk":"p"}`, first, i)))
				require.NoError(t, err)
			}
			return nil
		})
		require.NoError(t, err)
	}
	whole := [][]string{{"+00", "+01", "+02"}, {"+10", "+11", "+12"}, {"+20", "+21", "+22"}}
	for _, limits := range []Feed{{Limit: 1}, {Limit: 3}, {Bytes: 1}} {
		for i, want := range whole {
			limits.After = Position{LSN: int64(i)}
			got, next := feed(t, c, Scope{}, limits)
			require.Equal(t, want, got)
			require.Equal(t, int64(i+1), next)
		}
	}
	got, _ := feed(t, c, Scope{}, Feed{Limit: 4})
	require.Equal(t, slices.Concat(whole[0], whole[1]), got)
}

// Whoever reads a feed in pages of any size gets what one page of all has, each change once; what belongs to other keys
// does not stop a page from going on.
func TestFeedInPages(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 4))
		c := newTestContainer(t, 1, `,"changeFeedPolicy":{"retentionDuration":60}`)
		for range 100 {
			pk, id := fmt.Sprint("k", random.IntN(3)), fmt.Sprint(random.IntN(5))
			c.Update(epkOf(c, pk), "", func(tx *Tx) error { // which may have nothing to delete
				if random.IntN(4) == 0 {
					return tx.Delete(epkOf(c, pk), id, "")
				}
				for range 1 + random.IntN(2) {
					id += "x"
					_, _, err := tx.Upsert(parsed(t, c, fmt.Sprintf(`{"id":%q,"pk":%q}`, id, pk)), "")
					require.NoError(t, err)
				}
				return nil
			})
		}
		for _, scope := range []Scope{{}, {Key: epkOf(c, "k1"), HasKey: true}, {Max: epkOf(c, "k2")}} {
			for _, all := range []bool{false, true} {
				want, end := feed(t, c, scope, Feed{All: all})
				require.NotEmpty(t, want)
				for _, f := range []Feed{{Limit: 1 + random.IntN(5)}, {Bytes: 1 + random.IntN(2000)}} {
					f.All = all
					var got []string
					for f.After.LSN < end {
						page, next := feed(t, c, scope, f)
						require.Greater(t, next, f.After.LSN)
						got, f.After.LSN = append(got, page...), next
					}
					require.Equal(t, want, got, "seed %d, %+v, %+v", seed, scope, f)
				}
			}
		}
	}
}

// A change of the feed of all versions has what was there before it and when it was made.
func TestFeedOfAllVersions(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	c := keptForAMinute(t, &now)
	made := put(t, c, `{"id":"a","pk":"p","v":1}`)
	now = now.Add(time.Second)
	next := put(t, c, `{"id":"a","pk":"p","v":2}`)
	now = now.Add(time.Second)
	remove(t, c, "a", "p")
	c.Inspect(func(s *Slice) {
		changes, at := s.Changes(Feed{All: true})
		require.Equal(t, Position{LSN: 3}, at)
		require.Len(t, changes, 3)
		for i, want := range [][2]*Item{{nil, made}, {made, next}, {next, nil}} {
			ch := changes[i]
			require.Equal(t, want, [2]*Item{ch.Previous, ch.Item})
			require.Equal(t, []int64{int64(i + 1), 1000 + int64(i)}, []int64{ch.LSN, ch.TS})
			require.False(t, ch.Expired)
		}
		require.Equal(t, len(made.JSON)+len(next.JSON), changes[1].size(), "both versions are in its page")
		changes, _ = s.Changes(Feed{})
		require.Empty(t, changes)
	})
}

// Under continuous backup every container keeps all versions for 30 days, whatever its policy.
func TestContinuousBackupKeepsVersions(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	a := NewAccount(Options{Now: func() time.Time { return now }, ContinuousBackup: true})
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	c, err := d.CreateContainer([]byte(keyedOnly), Throughput{})
	require.NoError(t, err)
	require.Equal(t, 30*24*60, c.Definition().Retention())
	for range 40 {
		put(t, c, `{"id":"a","pk":"p"}`)
		now = now.Add(24 * time.Hour)
	}
	got, _ := feed(t, c, Scope{}, Feed{All: true})
	require.Len(t, got, 30)
	_, err = c.Replace([]byte(`{"id":"c",`+keyed+`,"changeFeedPolicy":{"retentionDuration":5}}`), "")
	refused(t, err, 400, "should not be set when continuous backup")
	got, _ = feed(t, newTestContainer(t, 1, ""), Scope{}, Feed{All: true})
	require.Empty(t, got)
}

// A feed that begins now shows what comes, also where several regions write and what was written has yet to arrive.
func TestFeedFromNow(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, "")
	put(t, c, `{"id":"old","pk":"p"}`)
	end := func(c *Container) (at Position) {
		c.Inspect(func(s *Slice) { at = s.End() })
		return at
	}
	from := end(c)
	got, _ := feed(t, c, Scope{}, Feed{After: from})
	require.Empty(t, got)
	put(t, c, `{"id":"new","pk":"p"}`)
	got, _ = feed(t, c, Scope{}, Feed{After: from})
	require.Equal(t, []string{"+new"}, got)

	g := newGlobe(t, 2, func(o *Options) { o.MultiWrite, o.Partitions = true, 1 })
	require.NoError(t, g.SetDelay(-1, -1, time.Minute, time.Minute))
	g.put(0, "of the first", 1)
	g.put(1, "of the second", 1)
	text := end(g.c.In(1)).String()
	g.put(1, "later", 1)
	g.now = g.now.Add(time.Minute)
	for region, want := range [][]string{{"+of the first", "+later"}, {"+later", "+of the first"}} {
		at, ok := ParsePosition(text)
		require.True(t, ok)
		got, _ := feed(t, g.c.In(region), Scope{}, Feed{After: at})
		require.ElementsMatch(t, want, got, "region %d", region)
	}
}
