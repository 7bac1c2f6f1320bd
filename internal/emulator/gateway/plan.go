package gateway

import (
	"net/http"
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/planner"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/partition"
)

// planOptions is what the plan of a query depends on. The container's distance function decides whether large or
// small scores are better, and so the direction in the plan (PROTOCOL.md 6.6).
func planOptions(x *store.Container, q *query, key partition.Key) planner.Options {
	def := x.Definition()
	return planner.Options{
		Params: q.params, Definition: def.PartitionKey, Key: key,
		Distance: func(path []string) string {
			for _, v := range def.VectorEmbeddingPolicy.VectorEmbeddings {
				if strings.Trim(v.Path, "/") == strings.Join(path, "/") {
					return v.DistanceFunction
				}
			}
			return ""
		},
	}
}

// queryPlan replies with the plan of a query. The query is compiled as for running it, so that a plan is refused for
// whatever the query would be.
func (c *call) queryPlan(x *store.Container, s search) (reply, error) {
	q, err := c.readQuery(x)
	if err != nil {
		return reply{}, err
	}
	// The plan request refuses it, as compared live by the authors of the Rust SDK (PROTOCOL.md 6.6).
	if q.tree.Top != nil && q.tree.Offset != nil {
		return reply{}, refuse(400, 0, "TOP cannot be used in the same query as OFFSET and LIMIT.")
	}
	o := planOptions(x, q, s.key)
	o.Features = planner.ParseFeatures(c.header("x-ms-cosmos-supported-query-features"))
	plan, err := planner.Plan(q.tree, o)
	if err != nil {
		// A feature that the client has not announced (recorded exchange 116).
		return reply{}, refuse(400, 0, "%v", err)
	}
	body, err := encode(plan)
	return reply{status: http.StatusOK, body: body}, err
}
