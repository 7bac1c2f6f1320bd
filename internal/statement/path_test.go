package statement

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestElementsByNumber: an element is named by a whole number in its plainest form; any other number would become a
// property of that name.
func TestElementsByNumber(t *testing.T) {
	t.Parallel()
	for text, column := range map[string]string{
		"UPDATE t SET a[1.5] = 1 WHERE id = '1'":                         "16",
		"UPDATE t SET a[1e0] = 1 WHERE id = '1'":                         "16",
		"UPDATE t SET a.b[0x1] = 1 WHERE id = '1'":                       "18",
		"UPDATE t SET a[99999999999999999999] = undefined WHERE true":    "16",
		"UPDATE t SET a = 1 WHERE id = '1' RETURNING b[1e0]":             "47",
		"INSERT INTO t (id) VALUES ('1') RETURNING id, tags[.5]":         "52",
		"DELETE FROM t WHERE true RETURNING tags[0], tags[12.] AS tag12": "50",
	} {
		_, err := Parse(text, database)
		require.EqualError(t, err, "cosmos: An element of an array is named by a whole number, as in a[0]. "+
			"(SC1001, line 1, column "+column+")", text)
	}
	_, err := Parse("UPDATE t SET a[1] = 1, a[01] = undefined WHERE id = '1'", database)
	require.ErrorContains(t, err, "UPDATE sets a.1 and a.1: one is the other or a part of it")
}
