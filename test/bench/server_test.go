package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
)

// processor is the processor time that the server has had.
func (p *process) processor(tb testing.TB) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	must(tb, err)
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / 100 // the clock's ticks
}

// resident is the memory of the server, in MB.
func (p *process) resident(tb testing.TB) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	must(tb, err)
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kb, _ := strconv.Atoi(strings.Fields(rest)[0])
	return float64(kb) / 1024
}

// BenchmarkServer tells what one request costs the in-process server, beside a handler of net/http that answers 1 KB,
// and beside one that is sent the same requests and gives the same answers without doing anything.
func BenchmarkServer(b *testing.B) {
	bare := start(b, service{Plain: &plain{}})
	p := start(b, service{Emulator: &emulator{Partitions: 4}})
	fill(b, p, 1000, 900)
	seen := &exchange{RoundTripper: bareClient.Transport}
	client, err := cosmos.NewClientFromConnectionString(p.connectionString(),
		&cosmos.ClientOptions{HTTPClient: &http.Client{Transport: seen}})
	must(b, err)
	defer client.Close()
	recorded, c := client.Database("db").Container("c"), container(b, p)
	body := strings.Repeat("x", 900)
	var ids atomic.Int64
	operations := map[string]func(context.Context, *cosmos.Container) error{
		"read": func(ctx context.Context, c *cosmos.Container) error {
			_, err := c.ReadItem(ctx, "i7", cosmos.PartitionKey("p7"))
			return err
		},
		"create": func(ctx context.Context, c *cosmos.Container) error {
			i := ids.Add(1)
			_, err := c.CreateItem(ctx,
				json.RawMessage(fmt.Sprintf(`{"id":"n%d","pk":"p%d","x":%d,"fill":%q}`, i, i%1009, i,
					body)), cosmos.ContentResponse(false))
			return err
		},
	}
	serverCost(b, "net_http", bare, (&exchange{method: http.MethodPost, url: bare.endpoint, sent: body}).again)
	for _, name := range []string{"read", "create"} {
		seen.recording.Store(true)
		must(b, operations[name](b.Context(), recorded))
		seen.recording.Store(false)
		same := start(b, service{Plain: &plain{seen.status, seen.answer, seen.given}})
		x := &exchange{method: seen.method, url: same.endpoint + seen.url, header: seen.header, sent: seen.sent}
		serverCost(b, name+"_by_net_http", same, x.again)
		serverCost(b, name, p, func(ctx context.Context) error { return operations[name](ctx, c) })
	}
}

// serverCost measures what a request costs the server.
func serverCost(b *testing.B, name string, p *process, op func(context.Context) error) {
	b.Run(name, func(b *testing.B) {
		each(b, 64, 640, op)
		b.ResetTimer()
		before := p.processor(b)
		each(b, 64, b.N, op)
		b.ReportMetric(float64((p.processor(b)-before).Nanoseconds())/float64(b.N), "server-cpu-ns/op")
	})
}

// exchange is a request with its answer. As a transport it keeps the last while it is recording, which is for one
// request at a time.
type exchange struct {
	http.RoundTripper
	recording atomic.Bool

	method, url, sent string
	header            http.Header
	status            int
	answer            http.Header
	given             string
}

func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	if !x.recording.Load() {
		return x.RoundTripper.RoundTrip(req)
	}
	x.method, x.url, x.header, x.sent = req.Method, strings.TrimPrefix(req.URL.Path, "/"), req.Header.Clone(), ""
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		sent, err := io.ReadAll(body)
		if err != nil {
			return nil, err
		}
		x.sent = string(sent)
	}
	resp, err := x.RoundTripper.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	given, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(given))
	x.status, x.answer, x.given = resp.StatusCode, resp.Header.Clone(), string(given)
	x.answer.Del("Date") // which net/http adds
	return resp, err
}

// again sends the request once more.
func (x *exchange) again(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, x.method, x.url, strings.NewReader(x.sent))
	if err != nil {
		return err
	}
	if x.header != nil {
		req.Header = x.header.Clone()
	}
	resp, err := bareClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// BenchmarkGrowth fills the server with more and more documents of 200 bytes over 4 partitions and asks it. The first
// time of a query, which makes the index, does not count.
func BenchmarkGrowth(b *testing.B) {
	for _, documents := range []int{1000, 10_000, 100_000, 1_000_000} {
		p := start(b, service{Emulator: &emulator{Partitions: 4}})
		begun := time.Now()
		fill(b, p, documents, 100)
		loaded, load := time.Since(begun), p.processor(b)
		c := container(b, p)
		b.Run(fmt.Sprintf("docs=%d/load", documents), func(b *testing.B) {
			for b.Loop() {
			}
			b.ReportMetric(loaded.Seconds()*1000, "ms/op")
			b.ReportMetric(float64(load.Microseconds())/float64(documents), "server-cpu-µs/doc")
			b.ReportMetric(p.resident(b), "RSS-MB")
		})
		for _, q := range []struct{ name, text string }{
			{"equality", "SELECT * FROM c WHERE c.x = 7919"},
			{"id_without_key", "SELECT * FROM c WHERE c.id = 'i77'"},
			{"range", "SELECT * FROM c WHERE c.x > 7900 AND c.x < 7940"},
			{"TOP_10_ORDER_BY", "SELECT TOP 10 * FROM c ORDER BY c.x"},
			{"COUNT", "SELECT VALUE COUNT(1) FROM c"},
			{"ORDER_BY_scan", "SELECT TOP 10 * FROM c WHERE c.x % 2 = 0 ORDER BY c.x"},
			{"two_keys", "SELECT TOP 10 * FROM c ORDER BY c.x, c.id"},
			{"GROUP_BY_scan", "SELECT c.pk, COUNT(1) AS n FROM c GROUP BY c.pk"},
			{"no_index", "SELECT VALUE COUNT(1) FROM c WHERE c.x % 1000 = 1"},
		} {
			query(b, fmt.Sprintf("docs=%d/%s", documents, q.name), p, c, q.text)
		}
		if documents <= 100_000 { // of which each is a row
			query(b, fmt.Sprintf("docs=%d/two_keys_all", documents), p, c,
				"SELECT VALUE c.id FROM c ORDER BY c.x, c.id")
		}
		b.Run(fmt.Sprintf("docs=%d/point_read", documents), func(b *testing.B) {
			each(b, 1, 20, func(ctx context.Context) error {
				_, err := c.ReadItem(ctx, "i7", cosmos.PartitionKey("p7"))
				return err
			})
			begun := time.Now()
			for range b.N {
				_, err := c.ReadItem(b.Context(), "i7", cosmos.PartitionKey("p7"))
				must(b, err)
			}
			b.ReportMetric(time.Since(begun).Seconds()*1000/float64(b.N), "ms/op")
		})
	}
}

func query(b *testing.B, name string, p *process, c *cosmos.Container, text string, args ...any) {
	b.Run(name, func(b *testing.B) {
		ask := func() {
			_, err := count[json.RawMessage](b, c, text, args...)
			must(b, err)
		}
		ask()
		// The clock of processor time ticks every 10 ms, and the collector is busy with what the load has left: what
		// is short is asked more often.
		once := time.Hour
		for range 5 {
			begun := time.Now()
			ask()
			once = min(once, time.Since(begun))
		}
		n := b.N * int(min(100, 1+100*time.Millisecond/once))
		begun, before := time.Now(), p.processor(b)
		for range n {
			ask()
		}
		b.ReportMetric(time.Since(begun).Seconds()*1000/float64(n), "ms/op")
		b.ReportMetric(float64((p.processor(b)-before).Microseconds())/1000/float64(n), "server-cpu-ms/op")
		b.ReportMetric(0, "ns/op")
	})
}

// BenchmarkSearch asks 20,000 documents with a text of 200 bytes and a vector of 128 dimensions, and scans and sorts
// 100,000 small ones.
func BenchmarkSearch(b *testing.B) {
	p := start(b, service{Emulator: &emulator{Partitions: 4}})
	fill(b, p, 1, 10)
	client, err := cosmos.NewClientFromConnectionString(p.connectionString(), nil)
	must(b, err)
	defer client.Close()
	db := client.Database("db")
	var properties cosmos.ContainerProperties
	must(b, json.Unmarshal([]byte(`{"id":"s","partitionKey":{"paths":["/pk"],"version":2},
		"indexingPolicy":{"indexingMode":"consistent","includedPaths":[{"path":"/*"}],"excludedPaths":[{"path":"/v/*"}],
			"fullTextIndexes":[{"path":"/t"}],"vectorIndexes":[{"path":"/v","type":"flat"}]},
		"fullTextPolicy":{"defaultLanguage":"en-US","fullTextPaths":[{"path":"/t","language":"en-US"}]},
		"vectorEmbeddingPolicy":{"vectorEmbeddings":[
			{"path":"/v","dataType":"float32","dimensions":128,"distanceFunction":"cosine"}]}}`), &properties))
	_, err = db.CreateContainer(b.Context(), properties)
	must(b, err)
	c := db.Container("s")
	random := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("river mountain the of walking trails lakes and boats sun a swim runner in forests " +
		"castle garden house bridges towers people")
	vector := func() []float32 {
		v := make([]float32, 128)
		for i := range v {
			v[i] = float32(random.IntN(2000)-1000) / 1000
		}
		return v
	}
	for r := range c.CreateMany(b.Context(), func(yield func(any) bool) {
		for i := range 20_000 {
			text := ""
			for len(text) < 200 {
				text += words[random.IntN(len(words))] + " w" + strconv.Itoa(random.IntN(5000)) + " "
			}
			if !yield(map[string]any{"id": fmt.Sprint("i", i), "pk": fmt.Sprint("p", i%997), "t": text, "v": vector(),
				"x": random.IntN(1000), "g": i % 100}) {
				return
			}
		}
	}) {
		must(b, r.Err)
	}
	v := vector()
	query(b, "full_text_top_10", p, c, "SELECT TOP 10 c.id FROM c ORDER BY RANK FullTextScore(c.t, 'castle', 'w77')")
	query(b, "vector_top_10", p, c, "SELECT TOP 10 c.id FROM c ORDER BY VectorDistance(c.v, @v)",
		cosmos.Parameter{Name: "v", Value: v})
	query(b, "hybrid_top_10", p, c,
		"SELECT TOP 10 c.id FROM c ORDER BY RANK RRF(FullTextScore(c.t, 'castle', 'w77'), VectorDistance(c.v, @v))",
		cosmos.Parameter{Name: "v", Value: v})
	query(b, "ORDER_BY_without_index", p, c, "SELECT TOP 10 c.id FROM c WHERE c.x % 2 = 0 ORDER BY c.x")
	query(b, "GROUP_BY", p, c, "SELECT c.g, COUNT(1) AS n FROM c GROUP BY c.g")
}
