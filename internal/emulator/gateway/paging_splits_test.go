package gateway_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/partition"
)

// cursor is a client's place in one range.
type cursor struct {
	id, lo, hi, token string
}

// drain reads a query range by range, as a client does: when a range is gone it goes on in those that took its place,
// with the same token. between is called before every request.
func (s *server) drain(coll, query string, size int, between func()) (rows []any, pages int) {
	s.t.Helper()
	c, err := s.account.Container("d", "c")
	require.NoError(s.t, err)
	var todo []cursor
	for _, r := range c.Ranges() {
		todo = append(todo, cursor{id: r.ID, lo: r.Min, hi: r.Max})
	}
	for len(todo) > 0 {
		between()
		at := &todo[0]
		a := s.post(coll, query, h{
			"x-ms-documentdb-partitionkeyrangeid": at.id,
			"x-ms-continuation":                   at.token,
			"x-ms-max-item-count":                 fmt.Sprint(size),
			"x-ms-start-epk":                      at.lo,
			"x-ms-end-epk":                        at.hi,
		})
		if a.status == 410 {
			a.want(s.t, 410, "1002")
			var children []cursor
			for _, r := range c.Ranges() {
				if partition.Compare(r.Min, at.hi) >= 0 || partition.Compare(at.lo, r.Max) >= 0 {
					continue
				}
				child := cursor{id: r.ID, lo: at.lo, hi: at.hi, token: at.token}
				if partition.Compare(r.Min, child.lo) > 0 {
					child.lo = r.Min
				}
				if partition.Compare(r.Max, child.hi) < 0 {
					child.hi = r.Max
				}
				children = append(children, child)
			}
			todo = slices.Replace(todo, 0, 1, children...)
			continue
		}
		a.want(s.t, 200)
		pages++
		rows = append(rows, a.rows("Documents")...)
		require.LessOrEqual(s.t, len(a.rows("Documents")), size)
		if at.token = a.header.Get("x-ms-continuation"); at.token == "" {
			todo = todo[1:]
		}
	}
	return rows, pages
}

// Whatever the page size, and however partitions are split and merged between pages, a query gives every row once.
func TestPagesAcrossSplits(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"SELECT * FROM c",
		"SELECT VALUE t FROM c JOIN t IN c.tags",
		"SELECT c.id, t AS tag FROM c JOIN t IN c.tags WHERE c.n % 2 = 0",
		"SELECT c._rid, [{\"item\": c.n}] AS orderByItems, c.id AS payload FROM c WHERE (true) ORDER BY c.n",
		"SELECT VALUE c.id FROM c ORDER BY c.m DESC",
		"SELECT VALUE [c.id, t] FROM c JOIN t IN c.tags ORDER BY c.m DESC",
		"SELECT VALUE c.id FROM c ORDER BY c.sometimes",
		"SELECT [{\"item\": c.id}] AS groupByItems, {\"n\": {\"item\": COUNT(1)}} AS payload FROM c GROUP BY c.id",
		"SELECT DISTINCT VALUE c.id FROM c",
		"SELECT DISTINCT VALUE c.id FROM c ORDER BY c.id",
		"SELECT TOP 1000 VALUE c.id FROM c",
		"SELECT VALUE c.id FROM c OFFSET 0 LIMIT 1000",
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(_ *gateway.Options, so *store.Options) { so.Partitions = 2 })
			coll := s.container("/pk")
			random := rand.New(rand.NewPCG(1, 2))
			for i := range 120 {
				doc := map[string]any{"id": fmt.Sprint(i * 37 % 120), "pk": fmt.Sprint("p", random.IntN(40)),
					"n": random.IntN(20), "m": i % 3, "tags": []any{"x", i}}
				if i%3 == 0 {
					doc["sometimes"] = i % 7
				}
				s.do("POST", coll+"/docs", pk(doc["pk"]), doc).want(t, 201)
			}
			want, _ := s.drain(coll, query, 1000, func() {})
			c, err := s.account.Container("d", "c")
			require.NoError(t, err)
			for _, size := range []int{1, 7, 50} {
				got, pages := s.drain(coll, query, size, func() {
					switch random.IntN(6) {
					case 0:
						ranges := c.Ranges()
						if len(ranges) < 12 {
							_, err := c.Split(ranges[random.IntN(len(ranges))].ID)
							require.NoError(t, err)
						}
					case 1:
						ranges := c.Ranges()
						if i := random.IntN(len(ranges)); i > 0 {
							_, err := c.Merge(ranges[i].ID, ranges[i-1].ID)
							require.NoError(t, err)
						}
					}
				})
				require.GreaterOrEqual(t, pages, 120/size)
				require.Equal(t, counted(want), counted(got), "pages of %d", size)
			}
		})
	}
}

// The gateway's own fan-out goes through all partitions, also when they change under it.
func TestFanOutAcrossSplits(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	s.fill(coll, 60)
	c, err := s.account.Container("d", "c")
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(3, 4))
	want := counted(s.query(coll, "SELECT VALUE [c.id, t] FROM c JOIN t IN c.tags", cross))
	require.Len(t, want, 120)
	for _, feed := range []bool{false, true} {
		var got []any
		token := ""
		for {
			var a answer
			headers := cross.and(h{"x-ms-max-item-count": "7", "x-ms-continuation": token})
			if feed {
				a = s.do("GET", coll+"/docs", headers, nil).want(t, 200)
			} else {
				a = s.post(coll, "SELECT VALUE [c.id, t] FROM c JOIN t IN c.tags", headers).want(t, 200)
			}
			got = append(got, a.rows("Documents")...)
			if token = a.header.Get("x-ms-continuation"); token == "" {
				break
			}
			if ranges := c.Ranges(); random.IntN(2) == 0 {
				_, err = c.Split(ranges[random.IntN(len(ranges))].ID)
			} else if len(ranges) > 1 {
				_, err = c.Merge(ranges[0].ID, ranges[1].ID)
			}
			require.NoError(t, err)
		}
		if feed {
			require.Len(t, counted(got), 60)
			require.Len(t, got, 60)
		} else {
			require.Equal(t, want, counted(got))
		}
	}
}

// A page of the gateway's own fan-out ends with its partition, so pages may be short or empty before the last.
func TestPagesEndWithPartitions(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for i := range 6 {
		s.do("POST", coll+"/docs", pk("p"), h{"id": fmt.Sprint(i), "pk": "p"}).want(t, 201)
	}
	var counts []int
	token := ""
	for {
		a := s.post(coll, "SELECT * FROM c", cross.and(h{"x-ms-continuation": token})).want(t, 200)
		counts = append(counts, len(a.rows("Documents")))
		if token = a.header.Get("x-ms-continuation"); token == "" {
			break
		}
	}
	require.Len(t, counts, 4, "one page for each partition")
	slices.Sort(counts)
	require.Equal(t, []int{0, 0, 0, 6}, counts)
}
