package queryplan_test

import (
	"encoding/json"
	"testing"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
	"github.com/stretchr/testify/require"
)

func TestDocument(t *testing.T) {
	t.Parallel()
	def := partition.Definition{Paths: []string{"/tenant", "/user"}, Kind: "MultiHash", Version: 2}
	for text, want := range map[string]bool{
		"SELECT * FROM c WHERE c.id = 'a' AND c.tenant = 't' AND c.user = @u":              true,
		"SELECT * FROM c WHERE c.id = 'a' AND c.tenant = 't'":                              false,
		"SELECT * FROM c WHERE c.tenant = 't' AND c.user = 'u'":                            false,
		"SELECT * FROM c WHERE c.id = 'a' AND c.tenant = 't' AND c.user = 'u' AND c.n = 1": false,
		"SELECT * FROM c WHERE c.id = 'a' AND c.tenant = 't' AND c.user IN ('u', 'v')":     false,
		"SELECT * FROM c WHERE c.id = 'a?b' AND c.tenant = 't' AND c.user = 'u'":           false,
		"SELECT * FROM c": false,
	} {
		q, err := nosql.Parse(text, nosql.Cosmos)
		require.NoError(t, err, text)
		id, key, ok := queryplan.Document(q, map[string]value.Value{"@u": value.String("u")}, def)
		require.Equal(t, want, ok, text)
		if want {
			require.Equal(t, "a", id)
			require.Equal(t, `["t","u"]`, key.Header())
		}
	}
}

// Java's client casts the weights of a plan to doubles: whole ones have a fraction, too.
func TestDoublesHaveAFraction(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(queryplan.Doubles{1, -2, 0.5, 1e20})
	require.NoError(t, err)
	require.Equal(t, `[1.0,-2.0,0.5,1e+20]`, string(text))
	text, err = json.Marshal(queryplan.Doubles{})
	require.NoError(t, err)
	require.Equal(t, `[]`, string(text))
}
