package gateway

import (
	"context"
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// evalOptions is what a query of a container means beyond its text. Made anew for each query, since a definition may
// have been replaced since the last.
func (c *call) evalOptions(x *store.Container, params map[string]value.Value) eval.Options {
	o := eval.Options{Params: params, Now: c.g.account.Now, Share: &c.share, Texts: &c.g.texts}
	if x == nil {
		return o
	}
	switch {
	// The plan request takes any function and runs none (PROTOCOL.md 6.6).
	case c.op.name == QueryPlan:
		o.Functions = func(string) (eval.Function, error) {
			return func(context.Context, []value.Value) (value.Value, error) { return value.Undefined, nil }, nil
		}
	case c.g.opts.Scripts != nil:
		o.Functions = c.functions(x)
	}
	def := x.Definition()
	for _, p := range def.ComputedProperties {
		o.Computed = append(o.Computed, eval.ComputedProperty(p))
	}
	o.Vectors = map[string]eval.Vector{}
	for _, v := range def.VectorEmbeddingPolicy.VectorEmbeddings {
		o.Vectors[v.Path] = eval.Vector{Function: strings.ToLower(v.DistanceFunction),
			DataType: strings.ToLower(v.DataType)}
	}
	o.Languages = map[string]string{}
	if l := def.FullTextPolicy.DefaultLanguage; l != "" {
		o.Languages[""] = l
	}
	for _, p := range def.FullTextPolicy.FullTextPaths {
		if p.Language != "" {
			o.Languages[p.Path] = p.Language
		}
	}
	o.Planar = strings.EqualFold(def.GeospatialConfig.Type, "Geometry")
	return o
}
