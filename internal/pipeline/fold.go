package pipeline

import (
	"github.com/cosmossql/cosmossql/internal/value"
)

// fold gathers the partial results of one aggregate. Parts come in the envelope {"item": …}, for MIN and MAX with
// "item2" beside it; an item that is missing is undefined. The partitions have computed their parts, and only those
// are here (PROTOCOL.md 6.7.5).
type fold interface {
	add(part value.Value)
	result() value.Value
}

// newFold returns the fold that a plan names; nil for a name that is not known. The names are those of plans.
func newFold(aggregate string) fold {
	switch aggregate {
	case "Count", "CountIf", "Sum":
		return &sumFold{}
	case "Average":
		return &averageFold{}
	case "Min":
		return &extremeFold{name: "min", sign: -1}
	case "Max":
		return &extremeFold{name: "max", sign: 1}
	case "MakeList":
		return &listFold{}
	case "MakeSet":
		return &listFold{seen: map[string]bool{}}
	}
	return nil
}

// sumFold adds up. Any part that is undefined, because something was summed that is not a number, makes the sum
// undefined. The sum of nothing is zero.
type sumFold struct {
	sum       float64
	undefined bool
}

// JavaScript's client passes undefined parts over and gives the sum of the rest; .NET's has the rule of the language
// (COSMOS_SQL.md 6).
func (f *sumFold) add(part value.Value) {
	item := part.Get("item")
	if item.Kind() != value.KindNumber {
		f.undefined = true
		return
	}
	f.sum += item.AsFloat()
}

func (f *sumFold) result() value.Value {
	if f.undefined {
		return value.Undefined
	}
	return number(f.sum)
}

// number returns a sum as an exact integer where it is one. The service writes whole doubles without a fraction, too.
func number(f float64) value.Value {
	if n := int64(f); float64(n) == f && n > -1<<53 && n < 1<<53 {
		return value.Int(n)
	}
	return value.Float(f)
}

// averageFold adds up {"sum", "count"}. The average of nothing is undefined.
type averageFold struct {
	sum, count float64
	undefined  bool
}

func (f *averageFold) add(part value.Value) {
	item := part.Get("item")
	sum := item.Get("sum")
	if sum.Kind() != value.KindNumber {
		f.undefined = true
		return
	}
	f.sum += sum.AsFloat()
	f.count += item.Get("count").AsFloat()
}

func (f *averageFold) result() value.Value {
	if f.undefined || f.count == 0 {
		return value.Undefined
	}
	return number(f.sum / f.count)
}

// extremeFold keeps the least or greatest value. Partitions that counted nothing have no say; one that has counted
// something and yet gives no value makes the result undefined, and so do arrays and objects. Where item2 stands
// beside item it wins, for it says whether there was anything to compare.
type extremeFold struct {
	name      string
	sign      int
	best      value.Value
	undefined bool
}

func (f *extremeFold) add(part value.Value) {
	item := part.Get("item")
	if exact := part.Get("item2"); exact.IsDefined() {
		if exact.Get("count").AsFloat() == 0 {
			return
		}
		item = exact.Get(f.name)
	}
	switch item.Kind() {
	case value.KindUndefined, value.KindArray, value.KindObject:
		f.undefined = true
		return
	}
	if !f.best.IsDefined() || f.sign*value.Compare(item, f.best) > 0 {
		f.best = item
	}
}

func (f *extremeFold) result() value.Value {
	if f.undefined {
		return value.Undefined
	}
	return f.best
}

// listFold puts arrays together, each value once if it has a set of those seen.
type listFold struct {
	items []value.Value
	seen  map[string]bool
	key   []byte
}

func (f *listFold) add(part value.Value) {
	for v := range part.Get("item").Elems() {
		if f.seen != nil {
			f.key = value.AppendKey(f.key[:0], v)
			if f.seen[string(f.key)] {
				continue
			}
			f.seen[string(f.key)] = true
		}
		f.items = append(f.items, v)
	}
}

func (f *listFold) result() value.Value { return value.Array(f.items) }
