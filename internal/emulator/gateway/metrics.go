package gateway

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/nosql"
)

// queryMetrics puts the numbers of a query into the reply that its request asks for. Only if asked for (recorded
// exchange 131): telling which indexes a query uses takes another walk over it.
func (c *call) queryMetrics(x *store.Container, q *query, p *page) {
	if c.flag("x-ms-documentdb-populatequerymetrics") {
		c.setMetrics(q, p)
	}
	const header = "x-ms-cosmos-index-utilization"
	// azcosmos sends the first, JavaScript the second, and each decodes its own form of the same header (PROTOCOL.md
	// 6.2).
	v1, v2 := c.flag("x-ms-cosmos-populateindexmetrics"), c.flag("x-ms-cosmos-populateindexmetrics-V2")
	if !v1 && !v2 {
		return
	}
	u := c.utilization(x, q)
	if v1 {
		text, _ := json.Marshal(u) // plain data
		c.set(header, base64.StdEncoding.EncodeToString(text))
	}
	if v2 {
		text, _ := json.Marshal(map[string]any{ // plain data
			"Utilized": map[string]any{"SingleIndexes": specs(u.Single), "CompositeIndexes": u.Composite},
			"Potential": map[string]any{"SingleIndexes": specs(u.PotentialSingle),
				"CompositeIndexes": u.PotentialComposite},
		})
		c.set(header, url.PathEscape(string(text)))
	}
}

// utilization is which indexes a query has used, and which would help it. The names are those of the documentation's
// first form.
type utilization struct {
	Single             []singleIndex    `json:"UtilizedSingleIndexes"`
	PotentialSingle    []singleIndex    `json:"PotentialSingleIndexes"`
	Composite          []compositeIndex `json:"UtilizedCompositeIndexes"`
	PotentialComposite []compositeIndex `json:"PotentialCompositeIndexes"`
}

type singleIndex struct {
	Filter      string `json:"FilterExpression"`
	Spec        string `json:"IndexSpec"`
	FilterExact bool   `json:"FilterPreciseSet"`
	IndexExact  bool   `json:"IndexPreciseSet"`
	IndexImpact string `json:"IndexImpactScore"`
}

type compositeIndex struct {
	Specs  []string `json:"IndexSpecs"`
	Exact  bool     `json:"IndexPreciseSet"`
	Impact string   `json:"IndexImpactScore"`
}

// specs are the indexes of the second form, which has less of each.
func specs(list []singleIndex) []map[string]string {
	out := []map[string]string{}
	for _, x := range list {
		out = append(out, map[string]string{"IndexSpec": x.Spec, "IndexImpactScore": x.IndexImpact})
	}
	return out
}

// utilization tells the indexes by the policy: of the partition key where it is given, of the paths that the filter
// compares, and of the keys of ORDER BY. The advice is that of a policy, not of a measurement: an index that is
// excluded is a potential one.
func (c *call) utilization(x *store.Container, q *query) utilization {
	u := utilization{[]singleIndex{}, []singleIndex{}, []compositeIndex{}, []compositeIndex{}}
	policy := x.Definition().IndexingPolicy
	add := func(filter string, path []string) {
		i := singleIndex{filter, "/" + strings.Join(path, "/") + "/?", true, true, "High"}
		if policy.Covers(path) {
			u.Single = append(u.Single, i)
		} else {
			u.PotentialSingle = append(u.PotentialSingle, i)
		}
	}
	// So answers the service to SELECT * FROM c with a key (PROTOCOL.md 6.2, from the Python SDK's suite).
	if c.header(headerKey) != "" {
		for _, path := range x.Definition().PartitionKey.Paths {
			u.Single = append(u.Single, singleIndex{"", path + "/?", true, true, "High"})
		}
	}
	if q.tree.Where != nil {
		nosql.Walk(q.tree.Where, func(n nosql.Node) bool {
			if b, ok := n.(*nosql.Binary); ok && slices.Contains([]string{"=", "!=", "<", "<=", ">", ">="}, b.Op) {
				for _, side := range []nosql.Expr{b.L, b.R} {
					if path := memberPath(side); path != nil {
						add(strings.ReplaceAll(q.text[b.Start:b.End], rootOf(side)+".", "ROOT."), path)
					}
				}
			}
			return true
		})
	}
	if keys := q.program.OrderBy(); len(keys) > 1 {
		i := compositeIndex{Exact: true, Impact: "High"}
		for _, k := range keys {
			order := " ASC"
			if k.Desc {
				order = " DESC"
			}
			i.Specs = append(i.Specs, "/"+strings.Join(k.Path, "/")+order)
		}
		if checkComposite(x, q) == nil {
			u.Composite = append(u.Composite, i)
		} else {
			u.PotentialComposite = append(u.PotentialComposite, i)
		}
	} else if len(keys) == 1 {
		add("", keys[0].Path)
	}
	return u
}

// setMetrics writes what a query did. Times are not measured: they say that there are some. The members, their order
// and their two decimals are recorded (131); programs parse them all.
func (c *call) setMetrics(q *query, p *page) {
	read, load := q.retrieved(p)
	const before = "totalExecutionTimeInMs=0.25;queryCompileTimeInMs=0.05;queryLogicalPlanBuildTimeInMs=0.02;" +
		"queryPhysicalPlanBuildTimeInMs=0.03;" +
		"queryOptimizationTimeInMs=0.01;VMExecutionTimeInMs=0.10;indexLookupTimeInMs=0.02;instructionCount=9;" +
		"documentLoadTimeInMs=0.04;" +
		"systemFunctionExecuteTimeInMs=0.00;userFunctionExecuteTimeInMs=0.00;"
	c.set("x-ms-documentdb-query-metrics",
		before+fmt.Sprintf("retrievedDocumentCount=%d;retrievedDocumentSize=%d;outputDocumentCount=%d;"+
			"outputDocumentSize=%d;writeOutputTimeInMs=0.01;indexUtilizationRatio=1.00", read, load,
			len(p.rows), p.bytes))
}

// retrieved is how many documents the service would have loaded, and their size: none to count what an index counts,
// those that it finds where the filter is one of an index, else all that were looked at. COUNT within one key reads
// no document in the service, says the Python SDK's suite.
func (q *query) retrieved(p *page) (count, bytes int) {
	names := q.aggregates()
	indexed := q.tree.Where == nil || onIndex(q.tree.Where)
	counts := len(names) > 0 &&
		!slices.ContainsFunc(names, func(n string) bool { return !strings.EqualFold(n, "COUNT") })
	switch {
	case counts && indexed && len(q.tree.GroupBy) == 0 && len(q.tree.From) == 1:
		return 0, 0
	case indexed && q.tree.Where != nil && p.found >= 0 && p.read > 0:
		// The size is that of the average document looked at.
		return p.found, p.load / p.read * p.found
	}
	return p.read, p.load
}

// onIndex reports whether an index answers a filter: comparisons of a path with a constant, and what joins them.
// Functions of a path have an index only for some, which differ between versions of the service; they count as none.
func onIndex(x nosql.Expr) bool {
	b, ok := x.(*nosql.Binary)
	if !ok {
		return false
	}
	if strings.EqualFold(b.Op, "AND") || strings.EqualFold(b.Op, "OR") {
		return onIndex(b.L) && onIndex(b.R)
	}
	constant := func(x nosql.Expr) bool {
		switch x.(type) {
		case *nosql.Literal, *nosql.Param:
			return true
		}
		return false
	}
	return isPath(b.L) && constant(b.R) || isPath(b.R) && constant(b.L)
}

// memberPath are the names of a path behind its alias; nil for what is not a path.
func memberPath(x nosql.Expr) []string {
	m, ok := x.(*nosql.Member)
	if !ok {
		return nil
	}
	if _, root := m.X.(*nosql.Ident); root {
		return []string{m.Name}
	}
	if path := memberPath(m.X); path != nil {
		return append(path, m.Name)
	}
	return nil
}

// rootOf is the alias that a path begins with.
func rootOf(x nosql.Expr) string {
	for {
		switch n := x.(type) {
		case *nosql.Member:
			x = n.X
		case *nosql.Ident:
			return n.Name
		default:
			return ""
		}
	}
}
