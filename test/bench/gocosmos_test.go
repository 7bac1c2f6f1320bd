//go:build !race

package bench

import (
	"context"
	"database/sql"
	"encoding/json"
	"testing"

	"github.com/microsoft/gocosmos"
)

// gocosmosClients are not there under the race detector: gocosmos reads every answer in two goroutines without
// synchronisation (restclient.go, ensureResponseData), and the detector says so at each document.
func gocosmosClients(tb testing.TB, p *process) []client {
	return []client{goREST(tb, p), goSQL(tb, p)}
}

func goREST(tb testing.TB, p *process) client {
	c, err := gocosmos.NewRestClient(nil, p.connectionString()+"TimeoutMs=600000")
	must(tb, err)
	var fields gocosmos.DocInfo
	must(tb, json.Unmarshal(encoded, &fields))
	return client{
		name: "gocosmos_rest",
		read: func(context.Context) error {
			return c.GetDocument(gocosmos.DocReq{DbName: "db", CollName: "c", DocId: document.ID,
				PartitionKeyValues: []any{document.PK}}).Error()
		},
		create: func(context.Context) error {
			return c.CreateDocument(gocosmos.DocumentSpec{DbName: "db", CollName: "c",
				PartitionKeyValues: []any{document.PK}, DocumentData: fields}).Error()
		},
		query: func(context.Context) (n int, err error) {
			q := gocosmos.QueryReq{DbName: "db", CollName: "c", Query: selectAll, CrossPartitionEnabled: true}
			for {
				r := c.QueryDocuments(q)
				if r.Error() != nil {
					return n, r.Error()
				}
				n += len(r.Documents)
				if q.ContinuationToken = r.ContinuationToken; q.ContinuationToken == "" {
					return n, nil
				}
			}
		},
	}
}

func goSQL(tb testing.TB, p *process) client {
	db, err := sql.Open("gocosmos", p.connectionString()+"DefaultDb=db;TimeoutMs=600000")
	must(tb, err)
	tb.Cleanup(func() { must(tb, db.Close()) })
	db.SetMaxIdleConns(100)
	d := document
	return client{
		name: "gocosmos_sql",
		read: func(ctx context.Context) error {
			return one(scan(db.QueryContext(ctx,
				"SELECT * FROM c WHERE c.id=@1 AND c.pk=@2 WITH db=db WITH collection=c", d.ID, d.PK)))
		},
		create: func(ctx context.Context) error {
			_, err := db.ExecContext(ctx,
				`INSERT INTO db.c (id,pk,seq,total,paid,note,customer,email,createdAt,tags,address,lines,description)
				VALUES (:1,:2,:3,:4,:5,:6,:7,:8,:9,:10,:11,:12,:13) WITH PK=/pk`,
				d.ID, d.PK, d.Seq, d.Total, d.Paid, nil, d.Customer, d.Email, d.CreatedAt, d.Tags, d.Address, d.Lines,
				d.Description)
			return err
		},
		query: func(ctx context.Context) (int, error) {
			return scan(db.QueryContext(ctx, "SELECT CROSS PARTITION * FROM c WITH db=db WITH collection=c"))
		},
	}
}
