package queryplan_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

// corpus is a container: documents, each with its key, in physical partitions.
type corpus struct {
	def        partition.Definition
	docs       []value.Value
	keys       []partition.Key
	epks       []string
	partitions []queryplan.Range
}

func newCorpus(t *testing.T, rng *rand.Rand, def partition.Definition) corpus {
	c := corpus{def: def}
	for i := range 80 {
		text := document(rng, i, def)
		doc, err := value.ParseString(text, value.MaxDepth)
		require.NoError(t, err)
		key, err := def.Extract([]byte(text))
		require.NoError(t, err)
		c.docs, c.keys, c.epks = append(c.docs, doc), append(c.keys, key), append(c.epks, def.EPK(key))
	}
	epks := slices.Compact(slices.SortedFunc(slices.Values(c.epks), partition.Compare))
	bounds := []string{partition.Min, epks[2], epks[len(epks)/2], epks[len(epks)-2], partition.Max}
	for i := range bounds[1:] {
		c.partitions = append(c.partitions, queryplan.Range{Min: bounds[i], Max: bounds[i+1], MinInclusive: true})
	}
	return c
}

// inside reports whether the document i lies in r.
func (c corpus) inside(i int, r queryplan.Range) bool {
	low, high := partition.Compare(c.epks[i], r.Min), partition.Compare(c.epks[i], r.Max)
	return (low > 0 || low == 0 && r.MinInclusive) && (high < 0 || high == 0 && r.MaxInclusive)
}

// under reports whether the key of the document i is key, or begins with it.
func (c corpus) under(i int, key partition.Key) bool { return slices.Equal(key, c.keys[i][:len(key)]) }

// rows is what q gives over the documents that keep lets through.
func (c corpus) rows(t *testing.T, q *nosql.Query, keep func(i int) bool) []string {
	program, err := eval.Compile(q, eval.Options{})
	require.NoError(t, err, nosql.Print(q))
	docs := func(yield func(value.Value) bool) {
		for i, doc := range c.docs {
			if keep(i) && !yield(doc) {
				return
			}
		}
	}
	var rows []string
	for row, err := range program.Rows(t.Context(), docs) {
		require.NoError(t, err, nosql.Print(q))
		rows = append(rows, string(value.AppendJSON(nil, row.Value)))
	}
	return rows
}

// follow answers q the way that access says.
func (c corpus) follow(t *testing.T, q *nosql.Query, access queryplan.AccessPath) []string {
	switch access.Kind {
	case queryplan.PointRead:
		for i, doc := range c.docs {
			if doc.Get("id").AsString() == access.ID && slices.Equal(c.keys[i], access.Key) {
				return cut(doc, access.Row)
			}
		}
		return nil
	case queryplan.SinglePartition:
		return c.rows(t, q, func(i int) bool { return slices.Equal(c.keys[i], access.Key) })
	case queryplan.Planned: // whoever merges has the rows of all ranges together
		return c.rows(t, q, func(i int) bool {
			return access.Key != nil && slices.Equal(c.keys[i], access.Key) ||
				slices.ContainsFunc(access.Ranges, func(r queryplan.Range) bool { return c.inside(i, r) })
		})
	}
	// As the pipeline does: a single range is asked for exactly; of several, which the filter finds again, each
	// partition that has one is asked for all that it has of the caller's feed range.
	asked := queryplan.FullRange()[0]
	if access.Feed != nil {
		asked = *access.Feed
	}
	if len(access.Ranges) == 1 && access.Ranges[0].Min != access.Ranges[0].Max {
		asked = access.Ranges[0]
	}
	var rows []string
	for _, p := range c.partitions {
		if slices.ContainsFunc(access.Ranges, func(r queryplan.Range) bool { return overlap(p, r) }) {
			rows = append(rows, c.rows(t, q, func(i int) bool { return c.inside(i, p) && c.inside(i, asked) })...)
		}
	}
	return rows
}

// overlap reports whether the partition p has something of r, or the point that r is.
func overlap(p, r queryplan.Range) bool {
	if r.Min == r.Max {
		return partition.Compare(p.Min, r.Min) <= 0 && partition.Compare(r.Min, p.Max) < 0
	}
	return partition.Compare(p.Min, r.Max) < 0 && partition.Compare(r.Min, p.Max) < 0
}

// cut is the row of a document that was read.
func cut(doc value.Value, row *queryplan.Row) []string {
	if row == nil {
		return []string{string(value.AppendJSON(nil, doc))}
	}
	var members []value.Member
	for _, column := range row.Columns {
		v := doc
		for _, name := range column.Path {
			v = v.Get(name)
		}
		if row.Value && v.IsDefined() {
			return []string{string(value.AppendJSON(nil, v))}
		}
		if v.IsDefined() {
			members = append(members, value.Member{Name: column.Name, Value: v})
		}
	}
	if row.Value {
		return nil
	}
	return []string{string(value.AppendJSON(nil, value.Object(members)))}
}

// pinned is a condition for one document of the corpus: its id and parts of its key, and perhaps something more.
func (c corpus) pinned(rng *rand.Rand) string {
	i := rng.IntN(len(c.docs))
	all := []string{fmt.Sprintf(`c.id = "%d"`, i)}
	var parts []json.RawMessage
	_ = json.Unmarshal([]byte(c.keys[i].Header()), &parts)
	for k, part := range parts {
		if rng.IntN(12) > 0 {
			all = append(all, "c."+c.def.Paths[k][1:]+" = "+string(part))
		}
	}
	if rng.IntN(6) == 0 {
		all = append(all, condition(rng, c.def, 0))
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return strings.Join(all, " AND ")
}

// query is a random one; its conditions mostly narrow the keys.
func (c corpus) query(rng *rand.Rand) string {
	one := func(texts ...string) string { return texts[rng.IntN(len(texts))] }
	path := "c." + c.def.Paths[rng.IntN(len(c.def.Paths))][1:]
	text := "SELECT " + one("*", "*", "VALUE c", "c.id", "VALUE c.z", "c.id, c.z AS n, "+path+" AS k", "VALUE "+path,
		"c", "DISTINCT VALUE c.z", "VALUE [c.id, "+path+"]", "VALUE COUNT(1)", "VALUE ARRAY(SELECT VALUE k FROM k IN "+
			path+")", "VALUE EXISTS(SELECT VALUE 1 FROM k IN "+path+" WHERE k = 1)") + " FROM c"
	switch rng.IntN(8) {
	case 0:
		return one("SELECT VALUE 1", "SELECT VALUE x FROM x IN (SELECT VALUE [1, 2])", "SELECT VALUE s.z FROM (SELECT "+
			"c.z FROM c WHERE "+condition(rng, c.def, 1)+") s", "SELECT c.z, COUNT(1) AS n FROM c GROUP BY c.z",
			"SELECT c.id, k FROM c JOIN k IN "+path+" WHERE "+condition(rng, c.def, 1),
			"SELECT COUNT(1) AS n FROM (SELECT DISTINCT VALUE c.z FROM c WHERE "+condition(rng, c.def, 1)+")")
	case 1, 2, 3:
		return text + " WHERE " + c.pinned(rng)
	default:
		return text + " WHERE " + condition(rng, c.def, 2)
	}
}

// TestAccessPathsFindTheSame: whatever way is chosen, in whatever partitions the documents are, the rows are those of
// the query over all documents that the caller's key and feed range leave.
func TestAccessPathsFindTheSame(t *testing.T) {
	t.Parallel()
	for _, def := range []partition.Definition{single, double, levels} {
		rng := rand.New(rand.NewPCG(11, uint64(len(def.Paths))))
		c := newCorpus(t, rng, def)
		ways, found := map[queryplan.AccessKind]int{}, map[queryplan.AccessKind]int{}
		for range 3000 {
			text := c.query(rng)
			q := parse(t, text)
			var key partition.Key
			var feed *queryplan.Range
			switch rng.IntN(4) {
			case 0:
				key = c.keys[rng.IntN(len(c.keys))]
				if def.Hierarchical() {
					key = key[:1+rng.IntN(len(key))]
				}
			case 1:
				feed = &c.partitions[rng.IntN(len(c.partitions))]
			}
			access := queryplan.Prepare(q, def, nil).Choose(nil, key, feed)
			if access.Whole && access.Key == nil {
				continue // which is refused, unless there is one partition
			}
			want := c.rows(t, q, func(i int) bool { return c.under(i, key) && (feed == nil || c.inside(i, *feed)) })
			got := c.follow(t, q, access)
			require.ElementsMatch(t, want, got, "%s\nby %s, key %v, feed range %v", text, access.Kind, key, feed)
			ways[access.Kind]++
			if len(want) > 0 {
				found[access.Kind]++
			}
		}
		for kind := queryplan.PointRead; kind <= queryplan.Planned; kind++ {
			require.Greater(t, ways[kind], 50, "%v: %s", def.Paths, kind)
			require.Greater(t, found[kind], 25, "%v: %s", def.Paths, kind)
		}
	}
}
