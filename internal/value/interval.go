package value

// Interval is the values of one kind between two bounds. A bound that is undefined is none.
type Interval struct {
	Kind              Kind
	Low, High         Value
	OpenLow, OpenHigh bool // the bound itself is not in the interval
}

// Only is the interval that has just v in it.
func Only(v Value) Interval { return Interval{Kind: v.Kind(), Low: v, High: v} }

// Before reports whether v comes before every value of the interval.
func (i Interval) Before(v Value) bool {
	if v.kind != i.Kind || !i.Low.IsDefined() {
		return v.kind < i.Kind
	}
	c := Compare(v, i.Low)
	return c < 0 || c == 0 && i.OpenLow
}

// Behind reports whether v comes after every value of the interval.
func (i Interval) Behind(v Value) bool {
	if v.kind != i.Kind || !i.High.IsDefined() {
		return v.kind > i.Kind
	}
	c := Compare(v, i.High)
	return c > 0 || c == 0 && i.OpenHigh
}

// And is the values that are in both intervals; false if there are none, as far as the bounds tell.
func (i Interval) And(o Interval) (Interval, bool) {
	if i.Kind != o.Kind {
		return i, false
	}
	if o.Low.IsDefined() && (!i.Low.IsDefined() || Compare(o.Low, i.Low) > 0) {
		i.Low, i.OpenLow = o.Low, o.OpenLow
	} else if o.Low.IsDefined() && Equal(o.Low, i.Low) {
		i.OpenLow = i.OpenLow || o.OpenLow
	}
	if o.High.IsDefined() && (!i.High.IsDefined() || Compare(o.High, i.High) < 0) {
		i.High, i.OpenHigh = o.High, o.OpenHigh
	} else if o.High.IsDefined() && Equal(o.High, i.High) {
		i.OpenHigh = i.OpenHigh || o.OpenHigh
	}
	if !i.Low.IsDefined() || !i.High.IsDefined() {
		return i, true
	}
	c := Compare(i.Low, i.High)
	return i, c < 0 || c == 0 && !i.OpenLow && !i.OpenHigh
}
