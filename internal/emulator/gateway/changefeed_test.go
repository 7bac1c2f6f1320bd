package gateway_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// clock is a time that tests set.
type clock struct{ seconds atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.seconds.Store(1_700_000_000)
	return c
}

func (c *clock) now() time.Time { return time.Unix(c.seconds.Load(), 0) }

func (c *clock) options(_ *gateway.Options, o *store.Options) { o.Now = c.now }

// changes reads a change feed to its end and returns the ids, and where it ended.
func (s *server) changes(coll string, headers h) (ids []string, etag string) {
	s.t.Helper()
	headers = headers.and(h{"a-im": "Incremental Feed"})
	for {
		a := s.do("GET", coll+"/docs", headers, nil)
		require.NotEmpty(s.t, a.header.Get("etag"), a.body)
		headers["if-none-match"] = a.header.Get("etag")
		if a.status == 304 {
			require.Equal(s.t, "0", a.header.Get("x-ms-item-count"))
			return ids, headers["if-none-match"]
		}
		a.want(s.t, 200)
		for _, d := range a.rows("Documents") {
			ids = append(ids, d.(map[string]any)["id"].(string))
		}
	}
}

func TestChangeFeed(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := newServer(t, clk.options, func(_ *gateway.Options, o *store.Options) { o.Partitions = 1 })
	coll := s.container("/pk")
	write := func(verb, id, p string) {
		path, headers := coll+"/docs", pk(p).and(h{"x-ms-documentdb-is-upsert": "True"})
		if verb == "DELETE" {
			s.do(verb, path+"/"+id, headers, nil).want(t, 204)
			return
		}
		s.do("POST", path, headers, h{"id": id, "pk": p})
	}
	zero := h{"x-ms-documentdb-partitionkeyrangeid": "0"}
	none, start := s.changes(coll, zero)
	require.Empty(t, none)
	for _, id := range []string{"a", "b", "c", "a", "d"} {
		write("POST", id, "p")
	}
	write("DELETE", "b", "p")
	write("POST", "q1", "q")

	ids, end := s.changes(coll, zero)
	require.Equal(t, []string{"c", "a", "d", "q1"}, ids, "each document once, at its last change; no deletes")
	again, _ := s.changes(coll, zero.and(h{"if-none-match": start}))
	require.Equal(t, ids, again)
	paged, _ := s.changes(coll, zero.and(h{"x-ms-max-item-count": "1"}))
	require.Equal(t, ids, paged)
	byKey, _ := s.changes(coll, pk("q"))
	require.Equal(t, []string{"q1"}, byKey)
	nothing, _ := s.changes(coll, zero.and(h{"if-none-match": end}))
	require.Empty(t, nothing)

	now := s.do("GET", coll+"/docs", zero.and(h{"a-im": "Incremental feed", "if-none-match": "*"}), nil).want(t, 304).
		header.Get("etag")
	clk.seconds.Add(100)
	since := clk.now().UTC().Format("Mon, 02 Jan 2006 15:04:05 ") + "UTC"
	write("POST", "e", "p")
	ids, _ = s.changes(coll, zero.and(h{"if-none-match": now}))
	require.Equal(t, []string{"e"}, ids)
	ids, _ = s.changes(coll, zero.and(h{"if-modified-since": since}))
	require.Equal(t, []string{"e"}, ids)
	ids, _ = s.changes(coll, zero.and(h{"if-modified-since": strings.Replace(since, "UTC", "GMT", 1)}))
	require.Equal(t, []string{"e"}, ids)

	a := s.do("GET", coll+"/docs", zero.and(h{"a-im": "Incremental Feed", "if-none-match": now}), nil).want(t, 200)
	lsn := a.rows("Documents")[0].(map[string]any)["_lsn"].(float64)
	require.Equal(t, a.header.Get("etag"), `"`+strconv.Itoa(int(lsn))+`"`)
	for _, bad := range []h{{"if-none-match": "x"}, {"if-modified-since": "yesterday"}, {"a-im": "Nothing"},
		{"if-none-match": `"0:x"`}} {
		s.do("GET", coll+"/docs", zero.and(h{"a-im": "Incremental Feed"}).and(bad), nil).want(t, 400)
	}
}

// The changes of one transaction stay on one page.
func TestChangeFeedKeepsTransactions(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for b := range 3 {
		ops := []string{}
		for i := range 4 {
			ops = append(ops, fmt.Sprintf(`{"operationType":"Create","resourceBody":{"id":"%d-%d","pk":"p"}}`, b, i))
		}
		s.do("POST", coll+"/docs", pk("p").and(atomicBatch), "["+strings.Join(ops, ",")+"]").want(t, 200)
	}
	a := s.do("GET", coll+"/docs", pk("p").and(h{"a-im": "Incremental Feed", "x-ms-max-item-count": "2"}),
		nil).want(t, 200)
	require.Len(t, a.rows("Documents"), 4)
}

func TestChangeFeedAcrossSplitsAndMerges(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(_ *gateway.Options, o *store.Options) { o.Partitions = 1 })
	coll := s.container("/pk")
	s.fill(coll, 40)
	c, err := s.account.Container("d", "c")
	require.NoError(t, err)
	a := s.do("GET", coll+"/docs",
		h{"a-im": "Incremental Feed", "x-ms-documentdb-partitionkeyrangeid": "0", "x-ms-max-item-count": "15"},
		nil).want(t, 200)
	seen := map[string]int{}
	for _, d := range a.rows("Documents") {
		seen[d.(map[string]any)["id"].(string)]++
	}
	children, err := c.Split("0")
	require.NoError(t, err)
	s.do("GET", coll+"/docs", h{"a-im": "Incremental Feed", "x-ms-documentdb-partitionkeyrangeid": "0"}, nil).
		want(t, 410, "1002")
	_, err = c.Split(children[0])
	require.NoError(t, err)
	for _, r := range c.Ranges() {
		ids, _ := s.changes(coll, h{"x-ms-documentdb-partitionkeyrangeid": r.ID, "if-none-match": a.header.Get("etag")})
		for _, id := range ids {
			seen[id]++
		}
	}
	require.Len(t, seen, 40)
	for id, n := range seen {
		require.Equal(t, 1, n, id)
	}

	// The whole container has a position for each range, which holds for the ranges that come of it.
	ids, at := s.changes(coll, nil)
	require.Len(t, ids, 40)
	_, err = c.Split(c.Ranges()[0].ID)
	require.NoError(t, err)
	s.do("POST", coll+"/docs", pk("new"), h{"id": "new", "pk": "new"}).want(t, 201)
	ids, _ = s.changes(coll, h{"if-none-match": at})
	require.Equal(t, []string{"new"}, ids)

	// Ranges that are merged were read to different positions: what is new in either of them is seen.
	ranges := c.Ranges()
	require.Len(t, ranges, 4)
	at = fmt.Sprintf(`"%s:41,%s:20,%s:41,%s:41"`, ranges[0].ID, ranges[1].ID, ranges[2].ID, ranges[3].ID)
	unread, _ := s.changes(coll, h{"if-none-match": at})
	require.NotEmpty(t, unread)
	for _, pair := range [][2]int{{0, 1}, {1, 2}} {
		copied := c.Ranges()
		_, err = c.Merge(copied[pair[0]].ID, copied[pair[1]].ID)
		require.NoError(t, err)
		ids, _ = s.changes(coll, h{"if-none-match": at})
		require.Subset(t, ids, unread)
	}
	_, err = c.Split(c.Ranges()[0].ID)
	require.NoError(t, err)
	_, err = c.Split(c.Ranges()[0].ID)
	require.NoError(t, err)

	// Part of a range, by effective keys.
	mid := c.Ranges()[1].Min
	lower, _ := s.changes(coll, h{"x-ms-start-epk": "", "x-ms-end-epk": mid})
	upper, _ := s.changes(coll, h{"x-ms-start-epk": mid, "x-ms-end-epk": "FF"})
	require.Equal(t, 41, len(lower)+len(upper))
	require.NotEmpty(t, lower)
}

func TestAllVersions(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := newServer(t, clk.options, func(o *gateway.Options, _ *store.Options) { o.PreviousImages = true })
	s.do("POST", "/dbs", nil, h{"id": "d"}).want(t, 201)
	s.do("POST", "/dbs/d/colls", nil, `{"id":"c","partitionKey":{"paths":["/pk"],"version":2},`+
		`"defaultTtl":-1,"changeFeedPolicy":{"retentionDuration":10}}`).want(t, 201)
	coll := "/dbs/d/colls/c"
	mode := pk("p").and(h{"a-im": "Full-Fidelity Feed", "x-ms-cosmos-changefeed-wire-format-version": "2021-09-15"})
	s.do("GET", coll+"/docs", mode, nil).want(t, 400)
	at := s.do("GET", coll+"/docs", mode.and(h{"if-none-match": "*"}), nil).want(t, 304).header.Get("etag")
	s.do("POST", coll+"/docs", pk("p"), h{"id": "a", "pk": "p", "v": "1"}).want(t, 201)
	s.do("PUT", coll+"/docs/a", pk("p"), h{"id": "a", "pk": "p", "v": "2"}).want(t, 200)
	s.do("DELETE", coll+"/docs/a", pk("p"), nil).want(t, 204)
	s.do("POST", coll+"/docs", pk("p"), map[string]any{"id": "b", "pk": "p", "ttl": 5}).want(t, 201)
	clk.seconds.Add(5)

	type change struct{ kind, current, previous, expired, key any }
	var got []change
	for _, row := range s.do("GET", coll+"/docs", mode.and(h{"if-none-match": at}), nil).want(t, 200).
		rows("Documents") {
		c := row.(map[string]any)
		m := c["metadata"].(map[string]any)
		previous, _ := c["previous"].(map[string]any)
		got = append(got, change{m["operationType"], c["current"].(map[string]any)["v"], previous["v"],
			m["timeToLiveExpired"], m["partitionKey"]})
	}
	key := map[string]any{"pk": "p"}
	require.Equal(t,
		[]change{{"create", "1", nil, nil, nil}, {"replace", "2", "1", nil, nil}, {"delete", nil, "2", nil, key},
			{"create", nil, nil, nil, nil}, {"delete", nil, nil, true, key}}, got)
	clk.seconds.Add(11 * 60)
	s.do("POST", coll+"/docs", pk("p"), h{"id": "late", "pk": "p"}).want(t, 201)
	require.Len(t, s.do("GET", coll+"/docs", mode.and(h{"if-none-match": at}), nil).want(t, 200).rows("Documents"), 1,
		"the others are older than the retention")
	other := newServer(t)
	other.container("/pk")
	other.do("GET", "/dbs/d/colls/c/docs", mode.and(h{"if-none-match": "*"}), nil).want(t, 400)
}

// An account with continuous backup keeps all versions of every container, and a container has no retention of its own.
func TestContinuousBackup(t *testing.T) {
	t.Parallel()
	mode := pk("p").and(h{"a-im": "Full-Fidelity Feed"})
	plain := newServer(t)
	coll := plain.container("/pk")
	require.Contains(t, plain.do("GET", coll+"/docs", mode.and(h{"if-none-match": "*"}), nil).want(t, 400).body,
		"must be enabled")

	s := newServer(t,
		func(o *gateway.Options, so *store.Options) { o.ContinuousBackup, so.ContinuousBackup = true, true })
	coll = s.container("/pk")
	require.Equal(t, true, s.do("GET", "/", nil, nil).want(t, 200).get("continuousBackupEnabled"))
	require.Contains(t, s.do("POST", "/dbs/d/colls", nil,
		`{"id":"x","partitionKey":{"paths":["/pk"]},"changeFeedPolicy":{"retentionDuration":10}}`).want(t, 400).body,
		"should not be set when continuous backup mode is enabled")
	require.Contains(t, s.do("GET", coll+"/docs", mode, nil).want(t, 400).body, "within the retention period")
	from := s.do("GET", coll+"/docs", mode.and(h{"if-none-match": "*"}), nil).want(t, 304).header.Get("etag")
	s.do("POST", coll+"/docs", pk("p"), h{"id": "1", "pk": "p"}).want(t, 201)
	s.do("DELETE", coll+"/docs/1", pk("p"), nil).want(t, 204)
	changes := s.do("GET", coll+"/docs", mode.and(h{"if-none-match": from}), nil).want(t, 200).rows("Documents")
	require.Len(t, changes, 2)
	require.NotContains(t, changes[1], "previous", "a container would have to opt in to that")
}
