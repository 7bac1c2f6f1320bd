package eval

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnalyse shows what the analysis of text leaves.
func TestAnalyse(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ language, text, want string }{
		{"en-US", "The quick brown foxes were JUMPING over it", "quick brown fox jump"},
		{"en-US", "e-mail: a.b@c.de, 42%!", "mail de 42"},
		{"en-US", "", ""},
		{"en-US", "naïve café", "naïv café"},
		{"en-US", "It isn't well-known, 5 of 12", "isn 5 12"},
		{"de-DE", "Die Häuser und die Gärten", "die haus und die gart"},
		{"fr-FR", "le chat et la souris", "le chat et la sour"},
		{"es-ES", "los gatos de la casa", "los gat de la cas"},
		{"it-IT", "i gatti della casa", "i gatt dell cas"},
		{"pt-BR", "os meninos e as meninas", "os menin e as menin"},
	} {
		require.Equal(t, tc.want,
			strings.Join(new(analyser).analyse(languageFor(tc.language), tc.text).words, " "), tc.text)
	}
}

func TestOccurrences(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		words, term string
		want        int
	}{
		{"a b a b a", "a", 3},
		{"a b a b a", "a b", 2},
		{"a a a", "a a", 2},
		{"a b", "b a", 0},
		{"a b", "a b c", 0},
		{"", "a", 0},
		{"a", "", 0},
	} {
		require.Equal(t, tc.want, term{words: strings.Fields(tc.term)}.occurrences(strings.Fields(tc.words)),
			"%s in %s", tc.term, tc.words)
	}
}

func TestEdits(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"red", "red", 0},
		{"red", "rad", 1},
		{"red", "reed", 1},
		{"red", "rd", 1},
		{"red", "rde", 2},
		{"bicycle", "bycycle", 1},
		{"bicycle", "bycylce", 3},
		{"größe", "grösse", 2},
		{"a", "", 1},
		{"", "abc", 3},
		{"abcd", "a", 3},
		{"abcdefgh", "a", 3},
	} {
		require.Equal(t, tc.want, edits(tc.a, tc.b), "%s to %s", tc.a, tc.b)
		require.Equal(t, tc.want, edits(tc.b, tc.a), "%s to %s", tc.b, tc.a)
	}
}
