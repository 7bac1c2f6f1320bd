package queryplan

import (
	"math"
	"strconv"
)

// Doubles are numbers that are written with a fraction, whole ones too: Java's client casts them to doubles.
type Doubles []float64

// MarshalJSON writes the list.
func (d Doubles) MarshalJSON() ([]byte, error) {
	b := []byte{'['}
	for i, f := range d {
		if i > 0 {
			b = append(b, ',')
		}
		if f == math.Trunc(f) && math.Abs(f) < 1e15 {
			b = strconv.AppendFloat(b, f, 'f', 1, 64)
		} else {
			b = strconv.AppendFloat(b, f, 'g', -1, 64)
		}
	}
	return append(b, ']'), nil
}
