package azcosmosengine_test

import (
	"fmt"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/stretchr/testify/require"
)

// BenchmarkSorted reads 20,000 documents of 8 ranges in order, by azcosmos with the engine and by our own client: the
// ratio of the two is the figure.
func BenchmarkSorted(b *testing.B) {
	i := newItems(b, cosmos.ContainerProperties{})
	docs := make([]string, 20_000)
	for n := range docs {
		docs[n] = fmt.Sprintf(`{"id":"%d","pk":"p%d","n":%d,"name":"a name of some length, number %d"}`, n, n%500, n, n)
	}
	i.fill(b, docs...)
	const query = "SELECT * FROM c ORDER BY c.n"
	for name, read := range map[string]func() ([]string, error){
		"client": func() ([]string, error) { return i.client(b, query) },
		"engine": func() ([]string, error) { return i.engine(b, query) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rows, err := read()
				require.NoError(b, err)
				require.Len(b, rows, len(docs))
			}
		})
	}
}
