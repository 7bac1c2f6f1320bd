package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

func TestRun(t *testing.T) {
	srv := cosmostest.RunT(t)
	t.Setenv("COSMOS_ENDPOINT", srv.Endpoint())
	t.Setenv("COSMOS_KEY", srv.Key())
	const on = `"database":"d","container":"c",`
	tests := []struct{ name, request, answer string }{
		{"account", `{"op":"account"}`, `{}`},
		{"create a database", `{"op":"createDatabase","database":"d"}`, `{"status":201}`},
		{"create a container",
			`{"op":"createContainer","database":"d","properties":{"id":"c","partitionKey":{"paths":["/pk"]}}}`,
			`{"status":201}`},
		{"create", `{"op":"create",` + on + `"body":{"id":"1","pk":"p","n":1}}`,
			`{"status":201,"body":{"id":"1","pk":"p","n":1}}`},
		{"create again", `{"op":"create",` + on + `"body":{"id":"1","pk":"p"}}`, `{"status":409}`},
		{"read", `{"op":"read",` + on + `"id":"1","key":["p"]}`, `{"status":200,"body":{"id":"1","pk":"p","n":1}}`},
		{"patch", `{"op":"patch",` + on + `"id":"1","key":["p"],"patch":[{"op":"incr","path":"/n","value":2}]}`,
			`{"status":200,"body":{"id":"1","pk":"p","n":3}}`},
		{"upsert without a key", `{"op":"upsert",` + on + `"body":{"id":"2"}}`, `{"status":201,"body":{"id":"2"}}`},
		{"read without a key", `{"op":"read",` + on + `"id":"2","undefined":true}`, `{"status":200,"body":{"id":"2"}}`},
		{"query", `{"op":"query",` + on + `"query":"SELECT VALUE c.n FROM c WHERE c.n = @n","parameters":{"@n":3}}`,
			`{"rows":[3]}`},
		{"batch", `{"op":"batch",` + on +
			`"key":["p"],"operations":[{"op":"create","body":{"id":"3","pk":"p"}},{"op":"delete","id":"nobody"}]}`,
			`{"status":404,"outcomes":[{"status":424},{"status":404}],"failed":1}`},
		{"bulk", `{"op":"bulk",` + on +
			`"operations":[{"op":"create","body":{"id":"3","pk":"q"}},{"op":"delete","id":"1","key":["p"]}]}`,
			`{"outcomes":[{"status":201},{"status":204}]}`},
		{"items", `{"op":"items",` + on + `"key":["p"]}`, `{}`},
		{"an unknown operation", `{"op":"dance"}`, `{}`},
	}
	var in strings.Builder
	for _, tt := range tests {
		in.WriteString(tt.request + "\n")
	}
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), strings.NewReader(in.String()), &out))

	answers := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, answers, len(tests))
	for i, tt := range tests {
		var got answer
		require.NoError(t, json.Unmarshal([]byte(answers[i]), &got))
		failed := got.Status >= 400 || tt.name == "an unknown operation"
		require.Equal(t, failed, got.Error != "", "%s: %s", tt.name, answers[i])
		require.Subset(t, object(t, answers[i]), object(t, tt.answer), tt.name)
	}
}

// object decodes an answer without what differs from run to run.
func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var o map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &o))
	if body, ok := o["body"].(map[string]any); ok {
		for name := range body {
			if strings.HasPrefix(name, "_") {
				delete(body, name)
			}
		}
	}
	return o
}

func TestRunRefusesWhatIsNoRequest(t *testing.T) {
	t.Setenv("COSMOS_ENDPOINT", "http://127.0.0.1:1/")
	t.Setenv("COSMOS_KEY", cosmostest.DefaultKey)
	require.ErrorContains(t, run(t.Context(), strings.NewReader(`{"op":`), &bytes.Buffer{}), "reading a request")
	t.Setenv("COSMOS_KEY", "not base64!")
	require.Error(t, run(t.Context(), strings.NewReader(""), &bytes.Buffer{}))
}
