package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, ""))
	require.Regexp(t, `^place order
  sql.conn.exec
    read_container orders, status_code 200, request_charge [\d.]+
    create_item orders, status_code 201, request_charge [\d.]+
      an attempt was answered 429
  sql.conn.query
    query_items orders, status_code 200, request_charge [\d.]+
create_item: 1, [\d.]+ RU
query_items: 1, [\d.]+ RU
read_container: 1, [\d.]+ RU
$`, out.String())
}
