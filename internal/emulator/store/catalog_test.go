package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever is added, replaced under the same id or another, and removed: a catalog lists what is there in the order in
// which it came, and finds it by id and rid, and nothing else. What it lists is the caller's own.
func TestCatalog(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 7))
		var c catalog[*Resource]
		var model []*Resource
		rids := 0
		named := func(id string) *Resource {
			rids++
			return a.newResource(mustValue(t, `{}`), id, fmt.Sprint("rid", rids), "")
		}
		for range 100 {
			id := fmt.Sprint("id", random.IntN(8))
			at := slices.IndexFunc(model, func(r *Resource) bool { return r.ID() == id })
			switch n := random.IntN(3); {
			case at < 0 && n == 0 && len(model) > 0: // an id that is free for one that is there
				i := random.IntN(len(model))
				next := named(id)
				c.replace(model[i], next)
				model[i] = next
			case at < 0:
				r := named(id)
				require.False(t, c.taken(id))
				c.add(r)
				model = append(model, r)
			case n == 0:
				next := a.newResource(mustValue(t, `{}`), id, model[at].RID(), "")
				c.replace(model[at], next)
				model[at] = next
			case n == 1:
				gone := model[at]
				require.True(t, c.remove(gone))
				model = slices.Delete(model, at, at+1)
				require.False(t, c.remove(gone))
				require.False(t, c.taken(gone.RID()))
			}
			listed := c.all()
			require.ElementsMatch(t, model, listed)
			require.True(t, slices.Equal(model, listed), "in order")
			clear(listed)
			for id := range 8 {
				want := slices.IndexFunc(model, func(r *Resource) bool { return r.ID() == fmt.Sprint("id", id) })
				r, ok := c.find(fmt.Sprint("id", id))
				require.Equal(t, want >= 0, ok)
				if ok {
					require.Same(t, model[want], r)
				}
			}
			for _, r := range model {
				found, ok := c.find(r.RID())
				require.True(t, ok)
				require.Same(t, r, found)
				require.True(t, c.has(r))
			}
		}
	}
}

// An id goes before a rid: a resource that is called as another one's rid is found by its name.
func TestCatalogFindsNamesFirst(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	var c catalog[*Resource]
	first := a.newResource(mustValue(t, `{}`), "first", "second", "")
	second := a.newResource(mustValue(t, `{}`), "second", "first", "")
	c.add(first)
	c.add(second)
	for _, r := range []*Resource{first, second} {
		found, ok := c.find(r.ID())
		require.True(t, ok)
		require.Same(t, r, found)
	}
}
