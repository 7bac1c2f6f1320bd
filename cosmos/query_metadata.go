package cosmos

import (
	"context"
	"iter"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// QueryDatabases lists the databases that a query selects (POST dbs), with arguments as for [Query]:
//
//	client.QueryDatabases(ctx, "SELECT * FROM d WHERE STARTSWITH(d.id, @prefix)", sql.Named("prefix", "test-"))
//
// The sequence ends after the first error.
func (c *Client) QueryDatabases(ctx context.Context, query string, args ...any) iter.Seq2[*DatabaseProperties, error] {
	return queryMetadata[DatabaseProperties](ctx, c, option.QueryDatabases, address{path: "/dbs"}, rest.Databases,
		c.check(), query, args, "Databases")
}

// QueryContainers lists the database's containers that a query selects (POST colls), with arguments as for [Query]. The
// sequence ends after the first error.
func (d *Database) QueryContainers(ctx context.Context, query string,
	args ...any) iter.Seq2[*ContainerProperties, error] {
	return queryMetadata[ContainerProperties](ctx, d.Client(), option.QueryContainers, d.where().feed(rest.Containers),
		rest.Containers, d.check(), query, args,
		"DocumentCollections")
}

func queryMetadata[T any](ctx context.Context, c *Client, op *option.Operation, feed address, kind rest.Kind,
	fault error, query string, args []any, array string) iter.Seq2[*T, error] {
	var body []byte
	var opts []Option
	if fault == nil {
		list, err := c.format.Read(args)
		if err == nil {
			opts = list.Options
			var q *prepared
			if q, err = c.prepareQuery(query, list); err == nil {
				body, err = q.body(q.text)
			}
		}
		fault = err
	}
	return list[T](ctx, c, op, opts, fault, func() *rest.Request {
		req := feed.request(http.MethodPost, kind, rest.Read)
		req.Body = body
		req.Set(rest.HeaderContentType, rest.ContentQuery)
		req.Set(rest.HeaderIsQuery, "True")
		return req
	}, array)
}
