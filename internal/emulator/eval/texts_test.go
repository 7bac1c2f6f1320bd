package eval

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// Queries that share analysed texts give what each gives alone, at the same time too, and also where a text is changed.
func TestSharedTexts(t *testing.T) {
	t.Parallel()
	var docs []value.Value
	for i := range 200 {
		docs = append(docs,
			parse(t, fmt.Sprintf(`{"id":"%d","t":"Walking (by) %d riv%srs, the L\u0061kes","u":"rivers"}`,
				i, i%7, strings.Repeat("e", i%3))))
	}
	queries := []string{
		"SELECT VALUE c.id FROM c WHERE FullTextContains(c.t, 'lake 1') " +
			"OR FullTextContainsAll(c.t, 'river', 'walk', '3')",
		"SELECT TOP 20 VALUE c.id FROM c " +
			"ORDER BY RANK RRF(FullTextScore(c.t, 'river', '5'), FullTextScore(c.u, 'river'))",
		"SELECT VALUE SUM(_FullTextWordCount(c.t)) FROM c",
	}
	run := func(query string, texts *Texts) (rows []string) {
		p, err := compile(query, Options{Texts: texts})
		assert.NoError(t, err)
		for row, err := range p.Rows(t.Context(), slices.Values(docs)) {
			assert.NoError(t, err)
			rows = append(rows, string(value.AppendJSON(nil, row.Value)))
		}
		return rows
	}
	texts := new(Texts)
	var wg sync.WaitGroup
	for range 3 {
		for _, query := range queries {
			wg.Go(func() { assert.Equal(t, run(query, nil), run(query, texts), query) })
		}
	}
	wg.Wait()
	require.NotEmpty(t, texts.young)
}

func TestTextsAreBounded(t *testing.T) {
	t.Parallel()
	var texts Texts
	l := languageFor("en")
	list := make([]string, 1000)
	kept := func() (n int) {
		for _, generation := range []map[textKey]words{texts.young, texts.old} {
			for key, w := range generation {
				n += len(key.text) + 24*len(w.list)
			}
		}
		return n
	}
	for i := range 4000 {
		require.True(t, texts.put(l, fmt.Sprint(i), words{list, 1}))
		_, ok := texts.get(l, "7") // what is asked for stays
		require.Equal(t, i >= 7, ok)
	}
	require.Less(t, kept(), 2*maxTextBytes)
	_, ok := texts.get(l, "3999")
	require.True(t, ok)
	_, ok = texts.get(l, "9")
	require.False(t, ok)
	_, ok = texts.get(languageFor("de"), "7")
	require.False(t, ok, "of another language")
	require.False(t, texts.put(l, strings.Repeat("x", maxText+1), words{}), "not worth its room")
}
