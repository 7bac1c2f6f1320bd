package store

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Documents of 1 KB take at most four bytes of live heap a byte, also once queries have read them.
func TestMemory(t *testing.T) {
	heap := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	for _, shape := range []struct{ name, members string }{
		{"few members", `"text":"` + strings.Repeat("x", 900) + `"`},
		{"many members", strings.TrimSuffix(strings.Repeat(`"member":{"a":1,"b":true},"list":[1,2,3],`, 25), ",")},
	} {
		c := newTestContainer(t, 4, "")
		before, size := heap(), 0
		for i := range 4000 {
			body := strings.NewReplacer("member", fmt.Sprint("member", i%7), "list", fmt.Sprint("list", i%7)).
				Replace(shape.members)
			doc := fmt.Sprintf(`{"id":"%d","pk":"p%d","n":%d,%s}`, i, i%100, i, body)
			size += len(doc)
			put(t, c, doc)
		}
		for range 2 {
			require.NoError(t, c.View(Scope{}, func(parts []*Slice) error {
				for it := range Merged(parts, nil) {
					require.True(t, it.Value().Get("n").IsDefined())
				}
				return nil
			}))
		}
		factor := (heap() - before) / float64(size)
		t.Logf("%s: %.2f bytes of heap a byte", shape.name, factor)
		require.Less(t, factor, 4.0, shape.name)
		runtime.KeepAlive(c)
	}
}

func BenchmarkCreate(b *testing.B) {
	c := newTestContainer(b, 4, "")
	text := strings.Repeat("x", 950)
	for i := range b.N {
		d, err := c.Parse(fmt.Appendf(nil, `{"id":"%d","pk":"p%d","n":%d,"text":"%s"}`, i, i%1000, i, text))
		require.NoError(b, err)
		_, err = c.Update(d.EPK, "", func(tx *Tx) error { _, err := tx.Create(d); return err })
		require.NoError(b, err)
	}
}
