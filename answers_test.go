package cosmossql_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
)

// forger replaces the bodies of the server's answers about single documents.
type forger struct {
	body atomic.Pointer[string]
}

func (f *forger) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	forged := f.body.Load()
	if err != nil || forged == nil || !strings.Contains(r.URL.Path, "/docs") ||
		r.Header.Get("x-ms-documentdb-isquery") != "" {
		return resp, err
	}
	resp.Body.Close()
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader([]byte(*forged))), int64(len(*forged))
	return resp, nil
}

// TestAnswersThatAreNoDocuments has a server, or a proxy before it, answer with success and something that is no
// document. That is an error, and neither a panic nor a row of nulls.
func TestAnswersThatAreNoDocuments(t *testing.T) {
	t.Parallel()
	s := open(t, "", ada)
	for _, body := range []string{"", " ", "<html>", "[1]", "null", `{"id":`, `{"id":"1"`, `{"id":"1"}}`,
		"{\"id\":\"1\",\x01}"} {
		t.Run(fmt.Sprintf("%q", body), func(t *testing.T) {
			t.Parallel()
			checkForged(t, s, body)
		})
	}
}

func checkForged(t *testing.T, s *shop, body string) {
	forger := &forger{}
	client, err := cosmos.NewClientFromConnectionString(s.ConnectionString(),
		&cosmos.ClientOptions{HTTPClient: &http.Client{Transport: forger}})
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	db := sql.OpenDB(driver.NewConnector(client, driver.Config{Database: "shop"}))
	t.Cleanup(func() { db.Close() })
	ask := func(text string) error {
		rows, err := db.QueryContext(t.Context(), text)
		if err != nil {
			return err
		}
		_, err = read(rows)
		return err
	}
	statements := []struct{ text, want string }{
		{"SELECT * FROM people p WHERE p.id = '1' AND p.city = 'London'", `the body of the answer is not`},
		{"UPSERT INTO people (id, city) VALUES ('1', 'London') RETURNING id",
			"the statement was executed, but what the server answered is not the document"},
		{"UPDATE people SET age = 37 WHERE id = '1' AND city = 'London' RETURNING *",
			"the statement was executed, but what the server answered is not the document"},
	}
	for _, st := range statements {
		require.NoError(t, ask(st.text))
	}
	forger.body.Store(&body)
	for i, st := range statements {
		err := ask(st.text)
		if i > 0 && body != "" {
			// Whoever damaged it: a write whose answer is not one may have been executed, or not.
			require.ErrorIs(t, err, cosmos.ErrUnknownOutcome, st.text)
			continue
		}
		require.ErrorContains(t, err, st.want, st.text)
	}
}
