package store

import (
	"strings"

	"github.com/cosmossql/cosmossql/internal/value"
)

// The defaults of a container that says nothing.
const (
	defaultIndexing = `{"indexingMode":"consistent","automatic":true,"includedPaths":[{"path":"/*"}],"excludedPaths":[{"path":"/\"_etag\"/?"}]}`
	defaultConflict = `{"mode":"LastWriterWins","conflictResolutionPath":"/_ts","conflictResolutionProcedure":""}`
	defaultGeometry = `{"type":"Geography"}`
)

// withDefaults fills in what the service adds to a definition. The version of a partition key stays away if it was
// away: that means 1, and every client reads it so.
func withDefaults(in value.Value) value.Value {
	var out []value.Member
	have := map[string]bool{}
	for m := range in.Members() {
		switch {
		case m.Value.Kind() == value.KindNull:
			continue // SDKs send null for policies nobody set
		case m.Name == "partitionKey" && m.Value.Kind() == value.KindObject && !m.Value.Get("kind").IsDefined():
			m.Value = with(m.Value, "kind", value.String(defaultKind(m.Value)))
		case m.Name == "indexingPolicy" && m.Value.Kind() == value.KindObject:
			m.Value = fillIndexing(m.Value)
		}
		have[m.Name] = true
		out = append(out, m)
	}
	for _, d := range []struct{ name, json string }{
		{"indexingPolicy", defaultIndexing}, {"conflictResolutionPolicy", defaultConflict}, {"geospatialConfig", defaultGeometry},
	} {
		if !have[d.name] {
			v, _ := value.Parse([]byte(d.json))
			out = append(out, value.Member{Name: d.name, Value: v})
		}
	}
	return value.Object(out)
}

func defaultKind(key value.Value) string {
	if key.Get("paths").Len() > 1 {
		return "MultiHash"
	}
	return "Hash"
}

// fillIndexing adds what an indexing policy leaves out: an automatic, consistent index on everything. Uncertain in the
// service: whether it gives the mode back in lower case, as here.
func fillIndexing(policy value.Value) value.Value {
	defaults, _ := value.Parse([]byte(defaultIndexing))
	if strings.EqualFold(policy.Get("indexingMode").AsString(), "none") {
		defaults, _ = value.Parse([]byte(`{"automatic":false}`))
	} else if policy.Get("includedPaths").Len()+policy.Get("excludedPaths").Len() > 0 {
		// Paths are taken as a whole: adding /* to the included ones would index more than was asked for.
		defaults, _ = value.Parse([]byte(`{"indexingMode":"consistent","automatic":true,"includedPaths":[],"excludedPaths":[]}`))
	}
	for m := range defaults.Members() {
		if v := policy.Get(m.Name); !v.IsDefined() || v.Kind() == value.KindArray && v.Len() == 0 {
			policy = with(policy, m.Name, m.Value)
		}
	}
	if mode := policy.Get("indexingMode"); mode.IsDefined() {
		policy = with(policy, "indexingMode", value.String(strings.ToLower(mode.AsString())))
	}
	return policy
}

// with returns the object v with one member set: in its place, or at the end.
func with(v value.Value, name string, x value.Value) value.Value {
	var members []value.Member
	found := false
	for m := range v.Members() {
		if m.Name == name {
			found, m.Value = true, x
		}
		members = append(members, m)
	}
	if !found {
		members = append(members, value.Member{Name: name, Value: x})
	}
	return value.Object(members)
}
