package cosmos

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/option"
)

// TestNilTracerCostsNothing: without a tracer the hooks around operations and attempts allocate nothing, and neither
// does what stands where an operation ends.
func TestNilTracerCostsNothing(t *testing.T) {
	c := &Client{}
	ctx, failed := t.Context(), errors.New("failed")
	page := &Page{Response: &Response{}}
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		inner, o := c.begin(ctx, "read_item", "dbs/shop/colls/orders", 0)
		o.page(page, nil)
		o.ends(1, failed)
		if inner != ctx {
			t.Error("the context is another one")
		}
	}))
	require.Nil(t, attemptTracer(nil), "or the client would tell it of attempts")
}

// still answers every request at once and as cheaply as possible.
type still struct{ header http.Header }

func (s still) RoundTrip(r *http.Request) (*http.Response, error) {
	body := `{"id":"1","customer":"ada"}`
	if !strings.Contains(r.URL.Path, "/docs/") {
		body = `{"id":"orders","_rid":"DPZtAKyOj5g=","partitionKey":{"paths":["/customer"],"kind":"Hash","version":2}}`
	}
	return &http.Response{
		StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: s.header,
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)), Request: r,
	}, nil
}

// quiet is a tracer that keeps nothing.
type quiet struct{}

func (quiet) OperationBegins(ctx context.Context, _ OperationBegin) context.Context { return ctx }
func (quiet) OperationEnds(context.Context, OperationEnd)                           {}
func (quiet) AttemptBegins(ctx context.Context, _ AttemptBegin) context.Context     { return ctx }
func (quiet) AttemptEnds(context.Context, AttemptEnd)                               {}

// BenchmarkTracer is a point read without a tracer and with one that keeps nothing.
func BenchmarkTracer(b *testing.B) {
	for name, tracer := range map[string]Tracer{"none": nil, "quiet": quiet{}} {
		b.Run(name, func(b *testing.B) {
			cred, err := KeyCredential(testKey)
			require.NoError(b, err)
			header := http.Header{"X-Ms-Request-Charge": {"1"}, "X-Ms-Session-Token": {"0:-1#1"},
				"Content-Type": {"application/json"}}
			client, err := NewClient("http://127.0.0.1:1", cred,
				&ClientOptions{HTTPClient: &http.Client{Transport: still{header}}, Tracer: tracer})
			require.NoError(b, err)
			defer client.Close()
			orders, opts := client.Database("shop").Container("orders"), []Option{PartitionKey("ada"), option.Option{}}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := orders.ReadItem(b.Context(), "1", opts...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
