package execute_test

import (
	"encoding/json"
	"testing"

	"github.com/cosmossql/cosmossql/internal/execute"
	"github.com/cosmossql/cosmossql/internal/statement"
	"github.com/stretchr/testify/require"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	terms := execute.Terms{
		Args:   []statement.Arg{{Ordinal: 1, Value: json.RawMessage(`"a"`)}},
		AutoID: true, IfMatch: "e", Answer: true, InFlight: 3,
	}
	for _, tt := range []struct {
		name, text string
		check      func(t *testing.T, w execute.Work)
	}{
		{"insert", "INSERT INTO db.c (id) VALUES (?) RETURNING *", func(t *testing.T, w execute.Work) {
			require.Equal(t, &execute.Insertion{Documents: raw(`{"id":"a"}`), AutoID: true, IfMatch: "e", Answer: true}, w)
		}},
		{"upsert", "UPSERT INTO db.c (id) VALUES (?)", func(t *testing.T, w execute.Work) {
			require.Equal(t, execute.Upsert, w.(*execute.Insertion).Kind)
			require.False(t, w.(*execute.Insertion).Answer, "without RETURNING nothing is to be answered")
		}},
		{"replace", "REPLACE INTO db.c (id) VALUES (?) WITH PK=/pk", func(t *testing.T, w execute.Work) {
			require.Equal(t, execute.Upsert, w.(*execute.Insertion).Kind)
			require.Equal(t, []string{"/pk"}, w.(*execute.Insertion).KeyPaths)
		}},
		{"update", "UPDATE db.c SET n = 1 WHERE id = ? RETURNING n", func(t *testing.T, w execute.Work) {
			ch := w.(*execute.Change)
			require.Equal(t, "UPDATE", ch.Verb)
			require.Equal(t, set(1), ch.Patch)
			require.Equal(t, 3, ch.InFlight)
			require.Equal(t, "e", ch.IfMatch)
			require.True(t, ch.Answer)
			require.NoError(t, ch.CheckKey([]string{"/pk"}))
			require.Error(t, ch.CheckKey([]string{"/n"}))
		}},
		{"delete", "DELETE FROM db.c WHERE id = ?", func(t *testing.T, w execute.Work) {
			require.Equal(t, "DELETE", w.(*execute.Change).Verb)
			require.Empty(t, w.(*execute.Change).Patch)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := statement.Parse(tt.text, statement.Options{})
			require.NoError(t, err)
			w, to, _, err := execute.Plan(s, terms)
			require.NoError(t, err)
			require.Equal(t, statement.Target{Database: "db", Container: "c"}, to)
			tt.check(t, w)
			if _, isDelete := s.(*statement.Delete); !isDelete {
				_, _, _, err = execute.Plan(s, execute.Terms{})
				require.ErrorContains(t, err, "no argument")
			}
		})
	}
	other, err := statement.Parse("CREATE DATABASE a", statement.Options{})
	require.NoError(t, err)
	w, _, _, err := execute.Plan(other, terms)
	require.NoError(t, err)
	require.Nil(t, w)
}
