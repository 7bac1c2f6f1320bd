package gateway

import (
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/partition"
)

// target is the part of a container that a feed or query is addressed to.
type target struct {
	store.Scope
	key partition.Key // of the header, whole or a prefix; nil without one
	// The service's rule is about the request, not about how many partitions there are.
	addressed bool // the request says where: the gateway need not spread it over partitions
}

// target reads where a feed or query is to look: at one logical partition, below a prefix of a hierarchical key, at
// one physical partition, at a stretch of effective keys, or everywhere. Uncertain in the service: a prefix in the
// header of the partition key, which its SDKs send as a stretch of effective keys. Several of them may come together,
// a range and a part of it; all of them hold.
func (c *call) target(x *store.Container) (t target, err error) {
	if t.Range, err = c.rangeID(x); err != nil {
		return t, err
	}
	t.addressed = t.Range != ""
	// The other types name documents by resource id or bounds in another form; no SDK in use sends them to a gateway.
	if bounds := c.header("x-ms-read-key-type"); bounds != "" &&
		!strings.EqualFold(bounds, "EffectivePartitionKeyRange") {
		return t, store.Errorf(400, 0,
			"The x-ms-read-key-type %s is not served here: send EffectivePartitionKeyRange with x-ms-start-epk and "+
				"x-ms-end-epk.", bounds)
	}
	if t.Min, err = c.effectiveKeyHeader(headerStartEPK); err != nil {
		return t, err
	}
	if t.Max, err = c.effectiveKeyHeader(headerEndEPK); err != nil {
		return t, err
	}
	text := c.header(headerKey)
	if text == "" {
		return t, nil
	}
	if t.key, err = partition.ParseKey(text); err != nil {
		return t, store.Errorf(400, 0, "Partition key %s is invalid.", text)
	}
	def := x.Definition().PartitionKey
	// Each component is hashed alone, so all documents below a prefix have keys that begin with its hashes
	// (PROTOCOL.md 7.4).
	if def.Hierarchical() && len(t.key) > 0 && len(t.key) < len(def.Paths) {
		t.Min, t.Max = def.PrefixRange(t.key)
		// Split within a prefix, the documents are on several partitions and the query needs its client again.
		t.addressed = t.addressed || together(x.Ranges(), t.Min)
		return t, nil
	}
	if t.Key, err = effectiveKey(x, text); err != nil {
		return t, err
	}
	t.HasKey, t.addressed = true, true
	return t, nil
}

// rangeID reads the physical partition that a request is addressed to; "" if it does not say. A list of digits only
// is checked here; whether there is such a range is the store's to say, with 410.
func (c *call) rangeID(x *store.Container) (string, error) {
	text := c.header(headerRange)
	if text == "" {
		return "", nil
	}
	// .NET puts the container's rid before the id, and learns by it that another container has taken the name.
	rid, id, both := strings.Cut(text, ",")
	switch {
	case !both:
		id = text
	case rid != x.RID():
		return "", store.Errorf(410, store.SubNameStale,
			"The collection rid %s of the request is not that of the collection, %s.", rid, x.RID())
	}
	if id = strings.TrimSpace(id); strings.Trim(id, "0123456789") != "" || id == "" {
		return "", store.Errorf(400, 0, "x-ms-documentdb-partitionkeyrangeid header contains invalid value '%s'.", text)
	}
	return id, nil
}

// effectiveKeyHeader reads a bound of effective keys; "" without one. Upper case, as bounds are compared as texts.
func (c *call) effectiveKeyHeader(name string) (string, error) {
	key := strings.ToUpper(c.header(name))
	if strings.Trim(key, "0123456789ABCDEF") != "" {
		return "", store.Errorf(400, 0, "%s header contains invalid value '%s'.", name, c.header(name))
	}
	return key, nil
}

// together reports whether all keys below a prefix are in one physical partition.
func together(ranges []partition.Range, prefix string) bool {
	for _, r := range ranges {
		if r.Contains(prefix) {
			return partition.Compare(prefix+partition.Max, r.Max) <= 0
		}
	}
	return false
}
