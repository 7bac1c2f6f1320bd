package store

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/value"
)

// The defaults of a container that says nothing.
const (
	defaultIndexing = `{"indexingMode":"consistent","automatic":true,"includedPaths":[{"path":"/*"}],` +
		`"excludedPaths":[{"path":"/\"_etag\"/?"}]}`
	defaultConflict = `{"mode":"LastWriterWins","conflictResolutionPath":"/_ts","conflictResolutionProcedure":""}`
	defaultGeometry = `{"type":"Geography"}`
)

// members are what the service knows of a container, in the order in which it writes them as far as that is recorded.
// What else is sent is dropped without an error.
var members = []string{"id", "indexingPolicy", "partitionKey", "defaultTtl", "ttlPropertyPath", "uniqueKeyPolicy",
	"conflictResolutionPolicy", "geospatialConfig", "analyticalStorageTtl", "computedProperties",
	"vectorEmbeddingPolicy", "fullTextPolicy", "changeFeedPolicy", "clientEncryptionPolicy",
	"materializedViewDefinition", "globalSecondaryIndexDefinition", "dataMaskingPolicy", "createMode",
	"restoreParameters"}

// withDefaults fills in what the service adds to a definition, and puts its members in order. The version of a
// partition key stays away if it was away: that means 1, and every client reads it so.
func withDefaults(in value.Value) value.Value {
	in = spelled(in)
	defaults := map[string]string{"indexingPolicy": defaultIndexing, "conflictResolutionPolicy": defaultConflict,
		"geospatialConfig": defaultGeometry}
	var out []value.Member
	for _, name := range members {
		m := value.Member{Name: name, Value: in.Get(name)}
		switch {
		// SDKs send null for policies nobody set
		case !m.Value.IsDefined(), m.Value.Kind() == value.KindNull && name != "defaultTtl":
			text, ok := defaults[name]
			if !ok {
				continue
			}
			m.Value, _ = value.Parse([]byte(text))
		case name == "partitionKey" && m.Value.Kind() == value.KindObject:
			m.Value = fillKey(m.Value)
		case name == "indexingPolicy" && m.Value.Kind() == value.KindObject:
			m.Value = fillIndexing(m.Value)
		}
		out = append(out, m)
	}
	for m := range in.Members() {
		if isSystem(m.Name) { // a saved container is restored by them
			out = append(out, m)
		}
	}
	return value.Object(out)
}

// fillKey adds the kind of a partition key, and reads its version as its writers write it: V2, "2" or 2.
func fillKey(key value.Value) value.Value {
	if kind := key.Get("kind"); !kind.IsDefined() || kind.Kind() == value.KindNull {
		key = with(key, "kind", value.String(defaultKind(key)))
	}
	if v := key.Get("version"); v.Kind() == value.KindString {
		if n, err := strconv.Atoi(strings.TrimPrefix(strings.ToUpper(v.AsString()), "V")); err == nil {
			key = with(key, "version", value.Int(int64(n)))
		}
	}
	return key
}

func defaultKind(key value.Value) string {
	if key.Get("paths").Len() > 1 {
		return "MultiHash"
	}
	return "Hash"
}

// The path of an etag, which the service excludes in every policy.
const etagPath = `/"_etag"/?`

// fillIndexing adds what an indexing policy leaves out: an automatic, consistent index on everything but the etag,
// whose path is excluded behind those that were sent. The old indexes of a path are dropped.
func fillIndexing(policy value.Value) value.Value {
	mode := "consistent"
	if m := policy.Get("indexingMode"); m.Kind() == value.KindString && m.AsString() != "lazy" {
		mode = m.AsString()
	} else if !isOneOf(m, value.KindString, value.KindNull, value.KindUndefined) {
		return policy // refused when it is read, as are lists that are none
	}
	for _, name := range []string{"includedPaths", "excludedPaths"} {
		if !isOneOf(policy.Get(name), value.KindArray, value.KindNull, value.KindUndefined) {
			return policy
		}
	}
	automatic := policy.Get("automatic")
	// as the Rust SDK's tests have it: only without an index it is off
	if automatic.Kind() != value.KindBool || mode != "none" {
		automatic = value.Bool(mode != "none")
	}
	out := []value.Member{{Name: "indexingMode", Value: value.String(mode)}, {Name: "automatic", Value: automatic}}
	included, excluded := indexPaths(policy.Get("includedPaths")), indexPaths(policy.Get("excludedPaths"))
	if mode != "none" {
		if len(included)+len(excluded) == 0 {
			included = append(included, pathOf("/*"))
		}
		if !slices.ContainsFunc(excluded, func(p value.Value) bool { return p.Get("path").AsString() == etagPath }) {
			excluded = append(excluded, pathOf(etagPath))
		}
	}
	for _, list := range []value.Member{{Name: "includedPaths", Value: value.Array(included)},
		{Name: "excludedPaths", Value: value.Array(excluded)}} {
		if mode != "none" || list.Value.Len() > 0 {
			out = append(out, list)
		}
	}
	for m := range policy.Members() {
		switch m.Name {
		case "indexingMode", "automatic", "includedPaths", "excludedPaths":
			continue
		}
		if m.Value.Kind() != value.KindNull && !(m.Value.Kind() == value.KindArray && m.Value.Len() == 0) {
			out = append(out, m)
		}
	}
	return value.Object(out)
}

func isOneOf(v value.Value, kinds ...value.Kind) bool { return slices.Contains(kinds, v.Kind()) }

func pathOf(path string) value.Value {
	return value.Object([]value.Member{{Name: "path", Value: value.String(path)}})
}

// indexPaths are the paths of a policy without their old indexes; the root may be written "/", as it once was.
func indexPaths(list value.Value) (out []value.Value) {
	for e := range list.Elems() {
		if path := e.Get("path"); path.Kind() == value.KindString {
			if path.AsString() == "/" {
				e = with(e, "path", value.String("/*"))
			}
			e = without(e, "indexes")
		}
		out = append(out, e)
	}
	return out
}

// with returns the object v with one member set, in its place if it is there.
func with(v value.Value, name string, x value.Value) value.Value {
	var members []value.Member
	found := false
	for m := range v.Members() {
		if m.Name == name {
			m.Value, found = x, true
		}
		members = append(members, m)
	}
	if !found {
		members = append(members, value.Member{Name: name, Value: x})
	}
	return value.Object(members)
}

func without(v value.Value, name string) value.Value {
	var members []value.Member
	for m := range v.Members() {
		if m.Name != name {
			members = append(members, m)
		}
	}
	return value.Object(members)
}
