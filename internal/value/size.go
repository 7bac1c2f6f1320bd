package value

// Size returns about how many bytes v takes as JSON. Beyond limit it stops counting and returns any number above it,
// so that a value which contains the same part very many times costs no more than one of that size.
func Size(v Value, limit int) int {
	switch v.kind {
	case KindUndefined:
		return 0
	case KindString:
		return int(v.num) + len(`""`)
	case KindArray:
		if raw := v.text(); raw != "" {
			return len(raw)
		}
		n, elems := len(`[]`), v.elems()
		for i := 0; i < len(elems) && n <= limit; i++ {
			n += Size(elems[i], limit-n) + len(`,`)
		}
		return n
	case KindObject:
		o := (*object)(v.ptr)
		if o.raw != "" {
			return len(o.raw)
		}
		n := len(`{}`)
		for i := 0; i < len(o.members) && n <= limit; i++ {
			n += len(o.members[i].Name) + Size(o.members[i].Value, limit-n) + len(`"":,`)
		}
		return n
	default:
		return len(`null`)
	}
}
