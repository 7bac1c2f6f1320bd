package store

import (
	"github.com/cosmossql/cosmossql/internal/value"
)

// Request units of writes, as recorded: documents of up to 1 KB, every value indexed, one region.
const (
	writeUnits   = 36. / 7  // a document, without its values
	valueUnits   = 8. / 21  // each indexed value
	refusedWrite = 26. / 21 // a write that is refused before anything is done
	indexUnits   = 0.74     // each unique key, each composite index
	kilobyte     = 0.6      // each further KB; uncertain in the service
)

// charged is the refusal with what it costs; free costs nothing.
func charged(e *Error, units float64) *Error {
	e.Charge = units
	return e
}

func free(e *Error) *Error {
	e.Free = true
	return e
}

// weight counts the indexed values of a value at a depth: a value counts once, deeper ones more, what is empty half.
// The weights of depths fit the recordings, which have few.
func weight(v value.Value, depth int) float64 {
	sum := 0.
	switch v.Kind() {
	case value.KindObject:
		for m := range v.Members() {
			sum += weight(m.Value, depth+1)
		}
	case value.KindArray:
		for e := range v.Elems() {
			sum += weight(e, depth+1)
		}
	default:
		return scalarWeight(depth)
	}
	if sum == 0 && depth > 0 {
		return 0.5
	}
	return sum
}

func scalarWeight(depth int) float64 {
	if depth <= 2 {
		return 1
	}
	return 1 + 1.5*float64(depth-2)
}

// difference counts the values that were changed, added or removed.
func difference(a, b value.Value, depth int) float64 {
	switch {
	case a.Kind() == value.KindObject && b.Kind() == value.KindObject:
		sum := 0.
		for m := range a.Members() {
			if depth == 0 && isSystem(m.Name) {
				continue
			}
			if other := b.Get(m.Name); other.IsDefined() {
				sum += difference(m.Value, other, depth+1)
			} else {
				sum += weight(m.Value, depth+1)
			}
		}
		for m := range b.Members() {
			if !(depth == 0 && isSystem(m.Name)) && !a.Get(m.Name).IsDefined() {
				sum += weight(m.Value, depth+1)
			}
		}
		return sum
	case a.Kind() == value.KindArray && b.Kind() == value.KindArray:
		sum := 0.
		for i := range max(a.Len(), b.Len()) {
			switch x, y := a.At(i), b.At(i); {
			case !x.IsDefined():
				sum += weight(y, depth+1)
			case !y.IsDefined():
				sum += weight(x, depth+1)
			default:
				sum += difference(x, y, depth+1)
			}
		}
		return sum
	case value.Equal(a, b):
		return 0
	}
	return max(weight(a, depth), weight(b, depth))
}

// units is what a write of a document costs that changes so many indexed values: doubled where one is replaced.
func (d *Definition) units(values float64, bytes int, replaced bool) float64 {
	units := writeUnits
	if replaced {
		units *= 2
	}
	if d.IndexingPolicy.IndexingMode != "none" {
		units += valueUnits * values
		units += indexUnits * float64(len(d.uniquePaths)+len(d.IndexingPolicy.CompositeIndexes))
	}
	return units + kilobyte*float64((bytes-1)/1024)
}

// Units is what creating the document costs.
func (c *Container) Units(d *Document) float64 {
	return c.Definition().units(weight(d.own(), 0), d.size, false)
}
