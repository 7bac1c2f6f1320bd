package exec_test

import (
	"database/sql/driver"
	"encoding/json"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/exec"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/statement"
	"github.com/stretchr/testify/require"
)

func TestArguments(t *testing.T) {
	t.Parallel()
	values, opts, err := exec.Arguments([]driver.NamedValue{{Ordinal: 1, Value: cosmos.PageSize(7)},
		{Ordinal: 2, Value: "a"}, {Ordinal: 3, Value: nil}}, argument.Format{})
	require.NoError(t, err)
	require.Equal(t, []cosmos.Option{cosmos.PageSize(7)}, opts)
	require.Equal(t,
		[]statement.Arg{{Ordinal: 1, Value: json.RawMessage(`"a"`)}, {Ordinal: 2, Value: json.RawMessage(`null`)}},
		values)
	values, _, err = exec.Arguments([]driver.NamedValue{{Ordinal: 1, Name: "x", Value: 1},
		{Ordinal: 2, Value: []cosmos.Parameter{{Name: "y", Value: 2}}}}, argument.Format{})
	require.NoError(t, err)
	require.Equal(t, []statement.Arg{
		{Ordinal: 1, Name: "@x", Value: json.RawMessage(`1`)}, {Ordinal: 2, Name: "@y", Value: json.RawMessage(`2`)},
	}, values)
	_, _, err = exec.Arguments([]driver.NamedValue{{Ordinal: 1, Value: cosmos.OpDelete("1")}}, argument.Format{})
	require.ErrorContains(t, err, "cosmos.Operation cannot be sent")
}

func TestStatementsAsOptionsKnowThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]*option.Operation{
		"SELECT * FROM c":                       option.Select,
		"EXPLAIN SELECT * FROM c":               option.ExplainStmt,
		"INSERT INTO c (id) VALUES ('1')":       option.Insert,
		"UPSERT INTO c (id) VALUES ('1')":       option.Upsert,
		"REPLACE INTO c (id) VALUES ('1')":      option.Upsert,
		"UPDATE c SET n = 1 WHERE true":         option.Update,
		"DELETE FROM c WHERE true":              option.Delete,
		"LIST CONTAINERS":                       option.Metadata,
		"DESCRIBE c":                            option.Metadata,
		"DESCRIBE c SAMPLE 5":                   option.SampleStmt,
		"CREATE CONTAINER c PARTITION KEY (/a)": option.DDL,
	} {
		s, err := statement.Parse(text, statement.Options{Database: true, Container: true})
		require.NoError(t, err, text)
		op, writes := exec.Operation(s)
		require.Same(t, want, op, text)
		_, _, documents := exec.Target(s)
		require.Equal(t, documents, writes, text)
	}
}
