package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cosmossql/cosmossql/test/bench/canned"
	"github.com/go-json-experiment/json/jsontext"
)

// Every client really gets what the benchmarks believe it gets.
func TestClients(t *testing.T) {
	p := start(t, service{Canned: &canned.Options{Documents: 250, PageSize: 50}})
	for _, c := range clients(t, p) {
		t.Run(c.name, func(t *testing.T) {
			for _, f := range []func(context.Context) error{c.read, c.create} {
				if f != nil {
					must(t, f(t.Context()))
				}
			}
			if c.query == nil {
				return
			}
			n, err := c.query(t.Context())
			must(t, err)
			if n != 250 {
				t.Errorf("%d documents instead of 250", n)
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	points(b, []int{1, 64}, func(c client) func(context.Context) error { return c.read })
}

func BenchmarkCreate(b *testing.B) {
	points(b, []int{64}, func(c client) func(context.Context) error { return c.create })
}

// points measures an operation on one document, several at a time.
func points(b *testing.B, concurrency []int, operation func(client) func(context.Context) error) {
	p := start(b, service{Canned: &canned.Options{Documents: 100, PageSize: 100}})
	all := clients(b, p)
	for _, c := range concurrency {
		for _, client := range all {
			op := operation(client)
			if op == nil {
				continue
			}
			b.Run(fmt.Sprintf("c=%d/%s", c, client.name), func(b *testing.B) {
				each(b, c, 10*c, op) // connections are open and caches filled before it counts
				m := measure(b)
				each(b, c, b.N, op)
				m.report(b, b.N, "op")
			})
		}
	}
}

// each does n operations, c at a time.
func each(b *testing.B, c, n int, op func(context.Context) error) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range c {
		group.Go(func() {
			for next.Add(1) <= int64(n) {
				if err := op(b.Context()); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

// BenchmarkQuery reads 20,000 documents, to the end of a SELECT *.
func BenchmarkQuery(b *testing.B) {
	const documents = 20_000
	for _, size := range []int{100, 1000} {
		p := start(b, service{Canned: &canned.Options{Documents: documents, PageSize: size}})
		for _, client := range clients(b, p) {
			if client.query == nil {
				continue
			}
			b.Run(fmt.Sprintf("page=%d/%s", size, client.name), func(b *testing.B) {
				m := measure(b)
				for range b.N {
					n, err := client.query(b.Context())
					must(b, err)
					if n != documents {
						b.Fatalf("%d documents instead of %d", n, documents)
					}
				}
				m.report(b, b.N*documents, "doc")
			})
		}
		for _, loop := range []struct {
			name string
			read func(io.Reader) (int, error)
		}{{"discarded", nil}, {"jsontext_loop", eachDocument}} {
			b.Run(fmt.Sprintf("page=%d/%s", size, loop.name), func(b *testing.B) {
				m := measure(b)
				for range b.N {
					must(b, pages(b, p, documents/size, loop.read))
				}
				m.report(b, b.N*documents, "doc")
			})
		}
	}
}

// pages reads so many pages of a query, one after the other, with net/http; read counts what is in a page.
func pages(b *testing.B, p *process, n int, read func(io.Reader) (int, error)) error {
	for token := "first"; n > 0; n-- {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, p.endpoint+"dbs/db/colls/c/docs",
			strings.NewReader(`{"query":"SELECT * FROM c"}`))
		if err != nil {
			return err
		}
		signed(req, http.MethodPost, "dbs/db/colls/c")
		req.Header.Set("content-type", "application/query+json")
		if token != "first" {
			req.Header.Set("x-ms-continuation", token)
		}
		resp, err := bareClient.Do(req)
		if err != nil {
			return err
		}
		if read != nil {
			_, err = read(resp.Body)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil {
			return err
		}
		token = resp.Header.Get("x-ms-continuation")
	}
	return nil
}

// eachDocument reads the documents of a page one by one, as a program would that parses the stream by itself.
func eachDocument(r io.Reader) (n int, err error) {
	d := jsontext.NewDecoder(r)
	for {
		t, err := d.ReadToken()
		if err != nil {
			return n, err
		}
		if t.Kind() == '[' {
			break
		}
	}
	for d.PeekKind() != ']' {
		if _, err := d.ReadValue(); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// BenchmarkColumns reads eight properties of one document by its id and key through database/sql.
func BenchmarkColumns(b *testing.B) {
	points(b, []int{64}, func(c client) func(context.Context) error { return c.columns })
}
