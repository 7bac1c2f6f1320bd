package store

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A request that has found its container finishes as if nothing had happened when the container is deleted and the
// account's regions change under it.
func TestDeletedContainerWhileRegionsChange(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(g *globe, d *Database) error{
		"container": func(g *globe, d *Database) error { return d.DeleteContainer(g.c) },
		"database":  func(g *globe, d *Database) error { return g.DeleteDatabase(d) },
	} {
		for _, regions := range []int{1, 2} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				g := newGlobe(t, regions)
				g.put(0, "a", 1)
				d, err := g.Database("d")
				require.NoError(t, err)
				require.NoError(t, remove(g, d))
				id, err := g.AddRegion("UK South")
				require.NoError(t, err)
				for range 2 { // once more when the new region writes
					for region := range id + 1 {
						c := g.c.In(region)
						n, m := g.get(region, "a")
						require.Equal(t, 1, n)
						require.NotEmpty(t, m.Token().String())
						require.NotEmpty(t, c.Mark().Token().String())
						require.Len(t, c.Statistics(), 2)
						require.Len(t, items(t, c, Scope{}), 1)
					}
					g.put(-1, "a", 1)
					_, err = g.c.Split(g.c.Ranges()[0].ID)
					require.NoError(t, err)
					r := g.c.Ranges()
					_, err = g.c.Merge(r[0].ID, r[1].ID)
					require.NoError(t, err)
					if g.Topology().Write != id {
						require.NoError(t, g.MoveWrites(id))
					}
				}
			})
		}
	}
}
