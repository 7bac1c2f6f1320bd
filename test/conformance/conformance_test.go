package conformance_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/script"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// account is a server with a container for every data set.
type account struct {
	server     *cosmostest.Server
	partitions int
	client     *cosmos.Client
	dbs        map[string]*sql.DB
}

// composites are the indexes that ORDER BY of several keys wants.
const composites = `{"includedPaths":[{"path":"/*"}],"compositeIndexes":[
	[{"path":"/age","order":"ascending"},{"path":"/id","order":"descending"}],
	[{"path":"/pk","order":"ascending"},{"path":"/id","order":"descending"}],
	[{"path":"/pk","order":"ascending"},{"path":"/f","order":"ascending"}],
	[{"path":"/pk","order":"descending"},{"path":"/f","order":"ascending"}],
	[{"path":"/kind","order":"ascending"},{"path":"/f","order":"descending"}],
	[{"path":"/pk","order":"ascending"},{"path":"/kind","order":"descending"},{"path":"/f","order":"ascending"}]]}`

// newAccount serves the gateway as the service has it, or, with serveAll, one that also answers what a client has to
// merge.
func newAccount(t *testing.T, partitions int, serveAll bool) *account {
	options := []cosmostest.Option{cosmostest.Partitions(partitions), script.JavaScript()}
	if serveAll {
		options = append(options, cosmostest.ServeAll())
	}
	a := &account{server: cosmostest.NewServer(options...), partitions: partitions, dbs: map[string]*sql.DB{}}
	t.Cleanup(a.server.Close)
	var err error
	a.client, err = cosmos.NewClientFromConnectionString(a.server.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.client.Close()) })
	_, err = a.client.CreateDatabase(t.Context(), "db")
	require.NoError(t, err)
	files, err := filepath.Glob("data*.jsonl")
	require.NoError(t, err)
	for _, file := range files {
		name := strings.TrimSuffix(file, ".jsonl")
		var policy cosmos.IndexingPolicy
		require.NoError(t, json.Unmarshal([]byte(composites), &policy))
		_, err := a.client.Database("db").CreateContainer(t.Context(),
			cosmos.ContainerProperties{ID: name, PartitionKey: cosmos.PartitionKeyPaths("/pk"),
				IndexingPolicy: &policy})
		require.NoError(t, err)
		_, err = a.client.Database("db").Container(name).UserDefinedFunctions().Create(t.Context(),
			cosmos.UserDefinedFunction{ID: "twice", Body: "function twice(x) { return 2 * x; }"})
		require.NoError(t, err)
		for _, doc := range readLines[json.RawMessage](t, file) {
			_, err := a.client.Database("db").Container(name).CreateItem(t.Context(), doc)
			require.NoError(t, err, "%s", doc)
		}
		a.dbs[name], err = sql.Open("cosmos", a.server.DSN("db")+";Container="+name)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, a.dbs[name].Close()) })
	}
	return a
}

func (k kase) container() string {
	if k.Data == "" {
		return "data"
	}
	return k.Data
}

// way is how a query is asked; it gives the rows as JSON.
type way func(ctx context.Context, a *account, k kase) ([]value.Value, error)

// TestConformance runs every case over one partition and several, in every way that can ask it.
func TestConformance(t *testing.T) {
	t.Parallel()
	cases := readCases(t)
	for _, partitions := range []int{1, 4, 8} {
		strict, lenient := newAccount(t, partitions, false), newAccount(t, partitions, true)
		for _, w := range []struct {
			name string
			on   *account
			ask  way
		}{{"cosmos", strict, throughClient}, {"database/sql", strict, throughSQL}, {"REST", lenient, overREST}} {
			t.Run(fmt.Sprintf("%d %s", partitions, w.name), func(t *testing.T) {
				t.Parallel()
				ran := 0
				for _, k := range cases {
					if strings.HasPrefix(k.Only, "rest") && w.name != "REST" ||
						strings.HasPrefix(k.Only, "sql") && w.name == "database/sql" {
						continue
					}
					ran++
					check(t, w.name, w.on, k, w.ask)
				}
				require.Greater(t, ran, 750)
			})
		}
	}
}

func check(t *testing.T, name string, a *account, k kase, ask way) {
	t.Helper()
	got, err := ask(t.Context(), a, k)
	about := fmt.Sprintf("case %s, %d partitions, %s", k, a.partitions, name)
	if k.Merged != "" && a.partitions > 1 && name != "REST" {
		if err == nil || !strings.Contains(err.Error(), k.Merged) {
			t.Errorf("%s: %v, want the error %q", about, err, k.Merged)
		}
		return
	}
	if k.Error != "" {
		if err == nil {
			t.Errorf("%s: rows %s, want the error %s", about, write(got), k.Error)
			return
		}
		code, at := codeOf(err)
		if k.Error != "?" && name == "REST" && code != k.Error {
			t.Errorf("%s: error %s (%v), want %s", about, code, err, k.Error)
		}
		if k.Error != "?" && !strings.Contains(err.Error(), k.Error) {
			t.Errorf("%s: error %v, want %s", about, err, k.Error)
		}
		if k.At != nil && name == "REST" && !slices.Equal(at, k.At) {
			t.Errorf("%s: error at %v (%v), want %v", about, at, err, k.At)
		}
		return
	}
	if err != nil {
		t.Errorf("%s: %v", about, err)
		return
	}
	want := make([]value.Value, len(k.Rows))
	for i, row := range k.Rows {
		want[i] = parse(t, row)
		if name == "database/sql" {
			want[i] = withoutNulls(want[i])
		}
	}
	if !sameRows(got, want, k) {
		t.Errorf("%s: %s, want %s", about, write(got), write(want))
	}
}

func (k kase) parameters() []any {
	var args []any
	for name, v := range k.Params {
		args = append(args, cosmos.Parameter{Name: name, Value: v})
	}
	return args
}

func throughClient(ctx context.Context, a *account, k kase) (rows []value.Value, err error) {
	for row, err := range cosmos.Query[json.RawMessage](ctx, a.client.Database("db").Container(k.container()), k.Query,
		append(k.parameters(), cosmos.PageSize(2))...) {
		if err != nil {
			return nil, err
		}
		v, err := value.Parse(slices.Clone(row))
		if err != nil {
			return nil, err
		}
		rows = append(rows, withoutSystem(v))
	}
	return rows, nil
}

func throughSQL(ctx context.Context, a *account, k kase) (all []value.Value, err error) {
	rows, err := a.dbs[k.container()].QueryContext(ctx, k.Query, k.parameters()...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		values, pointers := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			pointers[i] = &values[i]
		}
		if err := rows.Scan(pointers...); err != nil {
			return nil, err
		}
		if len(columns) == 1 && columns[0] == "value" && !listed(k.Query) {
			all = append(all, withoutNulls(scanned(values[0])))
			continue
		}
		var members []value.Member
		for i, name := range columns {
			members = append(members, value.Member{Name: name, Value: scanned(values[i])})
		}
		all = append(all, withoutNulls(value.Object(append(members, value.Member{Name: "_rid", Value: value.Null}))))
	}
	return all, rows.Err()
}

// listed reports whether a query names its columns.
func listed(text string) bool {
	q, err := nosql.Parse(text, nosql.Cosmos)
	if err != nil {
		return false
	}
	_, list := q.Columns()
	return list
}

// scanned is a value as the driver gives it: objects and arrays are JSON.
func scanned(v any) value.Value {
	switch v := v.(type) {
	case nil:
		return value.Null
	case []byte:
		if parsed, err := value.Parse(slices.Clone(v)); err == nil {
			return parsed
		}
	case json.RawMessage:
		if parsed, err := value.Parse(slices.Clone(v)); err == nil {
			return parsed
		}
	case string:
		return value.String(v)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return value.String(err.Error())
	}
	parsed, err := value.Parse(text)
	if err != nil {
		return value.String(err.Error())
	}
	return parsed
}

// withoutNulls takes the null members from a row, which SQL cannot tell from those that are not there.
func withoutNulls(v value.Value) value.Value {
	if v.Kind() != value.KindObject {
		return v
	}
	var members []value.Member
	for m := range withoutSystem(v).Members() {
		if m.Value.Kind() != value.KindNull && m.Name != "_rid" {
			members = append(members, m)
		}
	}
	return value.Object(members)
}

// refusal is an error as the REST protocol has it.
type refusal struct {
	status int
	body   string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d: %s", r.status, r.body) }

// codeOf reads code and place of the first query error in a body.
func codeOf(err error) (code string, at []int) {
	var r *refusal
	if !errors.As(err, &r) {
		return "", nil
	}
	var body struct{ Message string }
	_ = json.Unmarshal([]byte(r.body), &body)
	text, _, _ := strings.Cut(strings.TrimPrefix(body.Message, "Message: "), "\r\n")
	var list struct {
		Errors []struct {
			Code     any
			Location *struct{ Start, End int }
		}
	}
	if json.Unmarshal([]byte(text), &list) != nil || len(list.Errors) == 0 {
		return "", nil
	}
	if l := list.Errors[0].Location; l != nil {
		at = []int{l.Start, l.End}
	}
	return fmt.Sprint(list.Errors[0].Code), at
}

// overREST asks without any client of ours, page by page.
func overREST(ctx context.Context, a *account, k kase) (rows []value.Value, err error) {
	query := map[string]any{"query": k.Query}
	list := []any{}
	for name, v := range k.Params {
		list = append(list, map[string]any{"name": name, "value": v})
	}
	query["parameters"] = list
	body, err := json.Marshal(query)
	if err != nil {
		return nil, err
	}
	for continuation := ""; ; {
		link := "dbs/db/colls/" + k.container()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.server.Endpoint()+link+"/docs",
			bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		date := time.Now().UTC().Format(http.TimeFormat)
		req.Header.Set("authorization", signature(a.server.Key(), "post", "docs", link, date))
		req.Header.Set("x-ms-date", date)
		req.Header.Set("x-ms-version", "2020-07-15")
		req.Header.Set("content-type", "application/query+json")
		req.Header.Set("x-ms-documentdb-isquery", "True")
		req.Header.Set("x-ms-documentdb-query-enablecrosspartition", "True")
		req.Header.Set("x-ms-max-item-count", "3")
		if continuation != "" {
			req.Header.Set("x-ms-continuation", continuation)
		}
		res, err := a.server.HTTPClient().Do(req)
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			return nil, err
		}
		if res.StatusCode != http.StatusOK {
			return nil, &refusal{res.StatusCode, string(text)}
		}
		page, err := value.Parse(text)
		if err != nil {
			return nil, err
		}
		for row := range page.Get("Documents").Elems() {
			rows = append(rows, withoutSystem(row))
		}
		if continuation = res.Header.Get("x-ms-continuation"); continuation == "" {
			return rows, nil
		}
	}
}

// signature is the authorization of a request by the account's key.
func signature(key, verb, resource, link, date string) string {
	secret, _ := base64.StdEncoding.DecodeString(key)
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s\n%s\n%s\n%s\n\n", verb, resource, link, strings.ToLower(date))
	return url.QueryEscape("type=master&ver=1.0&sig=" + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
