package statements

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stored is the documents of people by city and id, without what the service adds.
func stored(t *testing.T, db *sql.DB) map[string]string {
	t.Helper()
	rows, err := query(t, db, "SELECT VALUE p FROM people p")
	require.NoError(t, err)
	all := make(map[string]string)
	for _, row := range rows {
		var doc map[string]any
		require.NoError(t, json.Unmarshal([]byte(row), &doc))
		maps.DeleteFunc(doc, func(name string, _ any) bool { return strings.HasPrefix(name, "_") })
		text, err := json.Marshal(doc)
		require.NoError(t, err)
		all[fmt.Sprint(doc["id"], " ", doc["city"])] = string(text)
	}
	return all
}

// difference is what became of documents: "- 1 Oslo" for one that is gone, the document itself for a new or changed
// one.
func difference(before, after map[string]string) []string {
	var all []string
	for name := range before {
		if after[name] == "" {
			all = append(all, "- "+name)
		}
	}
	for name, doc := range after {
		if before[name] != doc {
			all = append(all, doc)
		}
	}
	slices.Sort(all)
	return all
}

func TestWrite(t *testing.T) {
	t.Parallel()
	db := open(t)
	texts := 0
	cases(t, "write.txt", func(text string, below []string, _ string) {
		texts++
		for _, name := range []string{"DROP CONTAINER people", "CREATE CONTAINER people PARTITION KEY (/city)"} {
			_, err := db.Exec(name)
			require.NoError(t, err)
		}
		for _, d := range documents {
			_, err := db.Exec("INSERT INTO people VALUES (?)", []byte(d))
			require.NoError(t, err)
		}
		before := stored(t, db)
		require.NotEmpty(t, below, text)
		r, err := db.Exec(text)
		if want, ok := strings.CutPrefix(below[0], "ERR "); ok {
			require.ErrorContains(t, err, want, text)
			require.Empty(t, difference(before, stored(t, db)), "nothing was written: %s", text)
			return
		}
		require.NoError(t, err, text)
		n, err := r.RowsAffected()
		require.NoError(t, err)
		require.Equal(t, below[0], fmt.Sprint(n), text)
		want := below[1:]
		require.Equal(t, strings.Join(want, "\n"), strings.Join(difference(before, stored(t, db)), "\n"), text)
	})
	require.Greater(t, texts, 60)
}
