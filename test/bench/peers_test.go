package bench

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/cosmossql/cosmossql/test/bench/canned"
)

// client is one of those under comparison. A nil function is something it cannot do.
type client struct {
	name    string
	read    func(context.Context) error        // one document by id and partition key
	create  func(context.Context) error        // one document
	columns func(context.Context) error        // eight properties of one document
	query   func(context.Context) (int, error) // every document; returns how many
}

const selectAll = "SELECT * FROM c"

var (
	document = canned.NewDocument(1)
	encoded  = document.JSON()
)

// clients opens every client on the server. The first is the floor: net/http with nothing around it.
func clients(tb testing.TB, p *process) []client {
	all := []client{bare(tb, p), ours(tb, p), oursDecoding(tb, p), driver(tb, p), driverTyped(tb, p), azure(tb, p),
		azureDecoding(tb, p)}
	return append(all, gocosmosClients(tb, p)...)
}

// bare is what net/http costs alone: the headers without which no server answers, their signature, and nobody who reads
// the answer.
func bare(tb testing.TB, p *process) client {
	hc := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	send := func(ctx context.Context, verb, path, link string, body []byte, more ...string) error {
		req, err := http.NewRequestWithContext(ctx, verb, p.endpoint+path, bytes.NewReader(body))
		if err != nil {
			return err
		}
		signed(req, verb, link)
		for i := 0; i < len(more); i += 2 {
			req.Header.Set(more[i], more[i+1])
		}
		resp, err := hc.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	key := `["` + document.PK + `"]`
	const feed = "dbs/db/colls/c/docs"
	return client{
		name: "net_http",
		read: func(ctx context.Context) error {
			return send(ctx, http.MethodGet, feed+"/"+document.ID, feed+"/"+document.ID, nil,
				"x-ms-documentdb-partitionkey",
				key)
		},
		create: func(ctx context.Context) error {
			return send(ctx, http.MethodPost, feed, "dbs/db/colls/c", encoded, "content-type",
				"application/json", "prefer",
				"return=minimal",
				"x-ms-documentdb-partitionkey", key)
		},
	}
}

var secret, _ = base64.StdEncoding.DecodeString(cosmostest.DefaultKey)

// signed adds what every request about documents has.
func signed(req *http.Request, verb, link string) {
	date := time.Now().UTC().Format(http.TimeFormat)
	mac := hmac.New(sha256.New, secret)
	io.WriteString(mac, strings.ToLower(verb)+"\ndocs\n"+link+"\n"+strings.ToLower(date)+"\n\n")
	req.Header.Set("x-ms-date", date)
	req.Header.Set("x-ms-version", "2020-07-15")
	req.Header.Set("authorization",
		url.QueryEscape("type=master&ver=1.0&sig="+base64.StdEncoding.EncodeToString(mac.Sum(nil))))
}

func ours(tb testing.TB, p *process) client {
	c := container(tb, p)
	key := cosmos.PartitionKey(document.PK)
	return client{
		name: "cosmos",
		read: func(ctx context.Context) error {
			_, err := c.ReadItem(ctx, document.ID, key)
			return err
		},
		create: func(ctx context.Context) error {
			_, err := c.CreateItem(ctx, json.RawMessage(encoded), cosmos.ContentResponse(false))
			return err
		},
		query: func(ctx context.Context) (int, error) {
			pager := c.NewPager(selectAll)
			defer pager.Close()
			for n := 0; ; {
				page, err := pager.Next(ctx)
				if err == io.EOF {
					return n, nil
				}
				if err != nil {
					return n, err
				}
				n += len(page.Items)
				page.Release()
			}
		},
	}
}

// oursDecoding does what a program does next: it wants values, not JSON.
func oursDecoding(tb testing.TB, p *process) client {
	c := container(tb, p)
	key := cosmos.PartitionKey(document.PK)
	return client{
		name: "cosmos_decoded",
		read: func(ctx context.Context) error {
			resp, err := c.ReadItem(ctx, document.ID, key)
			if err != nil {
				return err
			}
			var d canned.Document
			return resp.Decode(&d)
		},
		create: func(ctx context.Context) error {
			_, err := c.CreateItem(ctx, &document, cosmos.ContentResponse(false))
			return err
		},
		query: func(ctx context.Context) (n int, err error) {
			for _, err := range cosmos.Query[canned.Document](ctx, c, selectAll) {
				if err != nil {
					return n, err
				}
				n++
			}
			return n, nil
		},
	}
}

func container(tb testing.TB, p *process) *cosmos.Container {
	c, err := cosmos.NewClientFromConnectionString(p.connectionString(), nil)
	must(tb, err)
	tb.Cleanup(func() { must(tb, c.Close()) })
	return c.Database("db").Container("c")
}

func driver(tb testing.TB, p *process) client {
	db, err := sql.Open("cosmos", p.connectionString()+"Database=db")
	must(tb, err)
	tb.Cleanup(func() { must(tb, db.Close()) })
	db.SetMaxIdleConns(100)
	d := document
	const columns = "c.id, c.pk, c.seq, c.total, c.paid, c.customer, c.email, c.createdAt"
	return client{
		name: "cosmos_sql",
		columns: func(ctx context.Context) error {
			return one(
				scan(db.QueryContext(ctx, "SELECT "+columns+" FROM c WHERE c.id = @p1 AND c.pk = @p2", d.ID, d.PK)))
		},
		read: func(ctx context.Context) error {
			return one(scan(db.QueryContext(ctx, "SELECT * FROM c WHERE c.id = @p1 AND c.pk = @p2", d.ID, d.PK)))
		},
		create: func(ctx context.Context) error {
			_, err := db.ExecContext(ctx,
				`INSERT INTO c
				(id, pk, seq, total, paid, note, customer, email, createdAt, tags, address, lines, description)
				VALUES (@p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, @p13)`,
				d.ID, d.PK, d.Seq, d.Total, d.Paid, nil, d.Customer, d.Email, d.CreatedAt, d.Tags, d.Address, d.Lines,
				d.Description)
			return err
		},
		query: func(ctx context.Context) (int, error) { return scan(db.QueryContext(ctx, selectAll)) },
	}
}

// driverTyped reads eight columns into variables of their types, as most programs do.
func driverTyped(tb testing.TB, p *process) client {
	db, err := sql.Open("cosmos", p.connectionString()+"Database=db;Container=c")
	must(tb, err)
	tb.Cleanup(func() { must(tb, db.Close()) })
	return client{
		name: "cosmos_sql_8_fields",
		query: func(ctx context.Context) (n int, err error) {
			rows, err := db.QueryContext(ctx,
				"SELECT x.id, x.pk, x.seq, x.total, x.paid, x.customer, x.email, x.createdAt FROM x")
			if err != nil {
				return 0, err
			}
			defer rows.Close()
			var id, pk, customer, email, created string
			var seq int64
			var total float64
			var paid bool
			for ; rows.Next(); n++ {
				if err := rows.Scan(&id, &pk, &seq, &total, &paid, &customer, &email, &created); err != nil {
					return n, err
				}
			}
			return n, rows.Err()
		},
	}
}

func azure(tb testing.TB, p *process) client {
	c := azureContainer(tb, p)
	key := azcosmos.NewPartitionKeyString(document.PK)
	return client{
		name: "azcosmos",
		read: func(ctx context.Context) error {
			_, err := c.ReadItem(ctx, key, document.ID, nil)
			return err
		},
		create: func(ctx context.Context) error {
			_, err := c.CreateItem(ctx, key, encoded, nil)
			return err
		},
		query: func(ctx context.Context) (n int, err error) {
			for pager := c.NewQueryItemsPager(selectAll, azcosmos.NewPartitionKey(), nil); pager.More(); {
				page, err := pager.NextPage(ctx)
				if err != nil {
					return n, err
				}
				n += len(page.Items)
			}
			return n, nil
		},
	}
}

func azureDecoding(tb testing.TB, p *process) client {
	c := azureContainer(tb, p)
	key := azcosmos.NewPartitionKeyString(document.PK)
	return client{
		name: "azcosmos_decoded",
		read: func(ctx context.Context) error {
			resp, err := c.ReadItem(ctx, key, document.ID, nil)
			if err != nil {
				return err
			}
			var d canned.Document
			return json.Unmarshal(resp.Value, &d)
		},
		create: func(ctx context.Context) error {
			doc, err := json.Marshal(&document)
			if err != nil {
				return err
			}
			_, err = c.CreateItem(ctx, key, doc, nil)
			return err
		},
		query: func(ctx context.Context) (n int, err error) {
			for pager := c.NewQueryItemsPager(selectAll, azcosmos.NewPartitionKey(), nil); pager.More(); {
				page, err := pager.NextPage(ctx)
				if err != nil {
					return n, err
				}
				for _, item := range page.Items {
					var d canned.Document
					if err := json.Unmarshal(item, &d); err != nil {
						return n, err
					}
					n++
				}
			}
			return n, nil
		},
	}
}

func azureContainer(tb testing.TB, p *process) *azcosmos.ContainerClient {
	key, err := azcosmos.NewKeyCredential(cosmostest.DefaultKey)
	must(tb, err)
	c, err := azcosmos.NewClientWithKey(p.endpoint, key, nil)
	must(tb, err)
	tb.Cleanup(c.Close)
	cc, err := c.NewContainer("db", "c")
	must(tb, err)
	return cc
}

// scan reads every row of a query into values and counts them.
func scan(rows *sql.Rows, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	n := 0
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

func one(n int, err error) error {
	if err == nil && n != 1 {
		return fmt.Errorf("%d rows instead of one", n)
	}
	return err
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
