package conformance_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

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
