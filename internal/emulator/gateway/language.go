package gateway

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// evalOptions is what a query of a container means beyond its text.
func (c *call) evalOptions(x *store.Container, params map[string]value.Value) eval.Options {
	o := eval.Options{Params: params, Now: c.g.account.Now}
	if x == nil {
		return o
	}
	def := x.Definition()
	for _, p := range def.ComputedProperties {
		o.Computed = append(o.Computed, eval.ComputedProperty(p))
	}
	o.Vectors = map[string]eval.Vector{}
	for _, v := range def.VectorEmbeddingPolicy.VectorEmbeddings {
		o.Vectors[v.Path] = eval.Vector{Function: strings.ToLower(v.DistanceFunction), DataType: strings.ToLower(v.DataType)}
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

// queryError is the refusal of a query text, with the places of the errors in characters.
func queryError(text string, err error) error {
	type location struct {
		Start int `json:"start"`
		End   int `json:"end"`
	}
	type finding struct {
		Severity string    `json:"severity"`
		Location *location `json:"location,omitempty"`
		Code     string    `json:"code,omitempty"`
		Message  string    `json:"message"`
	}
	var list nosql.ErrorList
	var one *nosql.Error
	switch {
	case errors.As(err, &list):
	case errors.As(err, &one):
		list = nosql.ErrorList{one}
	default:
		return store.Errorf(400, 0, "%v", err)
	}
	findings := make([]finding, len(list))
	for i, e := range list {
		findings[i] = finding{Severity: "Error", Code: e.Code, Message: e.Message}
		if e.End > e.Start && e.End <= len(text) {
			findings[i].Location = &location{utf8.RuneCountInString(text[:e.Start]), utf8.RuneCountInString(text[:e.End])}
		}
	}
	body, _ := json.Marshal(map[string]any{"errors": findings}) // plain data
	return store.Errorf(400, 0, "%s", body)
}
