package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// row is a line of the report: a figure, or how two of the same round compare.
type row struct {
	what, mine, unit string
	base             string // "" where the figure itself is bound
	how              how
	bound            float64
	scale            float64 // of a figure
}

// how a figure is held against its base.
type how int

const (
	times  how = iota // mine is so many times the base, at most
	faster            // the base is so many times mine, at least
	beyond            // mine less the base, at most
	figure            // mine, at most
)

const (
	read, create = "Read/c=64/", "Create/c=64/"
	page         = "Query/page=1000/"
	eight        = "Results/partitions=8/"
	hundred      = "Results/partitions=100/"
)

var rows = []row{
	{"point read, 64 at once: `cosmos` against signed net/http", read + "cosmos", "cpu-ns/op", read + "net_http", times,
		1.10, 1},
	{"create, 64 at once, raw JSON: `cosmos`", create + "cosmos", "cpu-ns/op", create + "net_http", times, 1.15, 1},
	{"SELECT of 8 properties by id and key, `database/sql`", "Columns/c=64/cosmos_sql", "cpu-ns/op", read + "net_http",
		times, 1.40, 1},
	{"SELECT * by id and key, `database/sql`", read + "cosmos_sql", "cpu-ns/op", read + "net_http", times, 1.40, 1},
	{"INSERT of 13 columns", create + "cosmos_sql", "cpu-ns/op", create + "net_http", times, 1.5, 1},
	{"a page of 1,000 × 1 KB into 8 fields by `sql.Rows`, against a loop of jsontext", page + "cosmos_sql_8_fields",
		"cpu-ns/doc", page + "jsontext_loop", times, 1.0, 1},
	{"the same, against azcosmos decoded", page + "cosmos_sql_8_fields", "cpu-ns/doc",
		page + "azcosmos_decoded", faster,
		12, 1},
	{"the same into a struct of 18 fields, `cosmos.Query[T]`, against azcosmos decoded", page + "cosmos_decoded",
		"cpu-ns/doc", page + "azcosmos_decoded", faster, 5, 1},
	{"both built with GOEXPERIMENT=jsonv2: 8 fields", "v2:" + page + "cosmos_sql_8_fields", "cpu-ns/doc", "v2:" + page +
		"azcosmos_decoded", faster, 6, 1},
	{"both built with GOEXPERIMENT=jsonv2: struct", "v2:" + page + "cosmos_decoded", "cpu-ns/doc", "v2:" + page +
		"azcosmos_decoded", faster, 3, 1},
	{"raw pages, µs a document", page + "cosmos", "cpu-ns/doc", "", figure, 1.8, 1e-3},
	{"10 partitions × 5 ms a page of 100, wall: `cosmos` against a fan-out by hand", "TenPartitions/cosmos", "ns/doc",
		"TenPartitions/by_hand", times, 1.1, 1},
	{"the same: `database/sql`", "TenPartitions/cosmos_sql", "ns/doc", "TenPartitions/by_hand", times, 1.1, 1},
	{"pages of 1,000 over 8 partitions, `database/sql`: most heap, MB", eight + "all/database_sql", "peak-MB", "",
		figure, 25, 1},
	{"bulk create, small documents: 1,000 partitions against 8", "BulkPartitions/1000", "cpu-ns/doc",
		"BulkPartitions/8",
		times, 1.3, 1},
	{"bulk create, 1 KB, 2 ms an answer, wall: against azcosmos at its best of 64 and 256 goroutines", "Bulk/cosmos",
		"ns/doc", "Bulk/azcosmos_c=64|Bulk/azcosmos_c=256", faster, 8, 1},
	{"the same, µs of the client a document", "Bulk/cosmos", "cpu-ns/doc", "", figure, 8, 1e-3},
	{"allocations of a point read", read + "cosmos", "allocs/op", "", figure, 112, 1},
	{"allocations a row of 8 fields, `sql.Rows`", page + "cosmos_sql_8_fields", "allocs/doc", "", figure, 4, 1},
	{"allocations a raw document", page + "cosmos", "allocs/doc", "", figure, 0.2, 1},

	{"100,000 × 1 KB into maps, wall: against aio-cosmos in Python", "Seed/map", "ns/row", "Seed/aio_cosmos",
		times, 0.4,
		1},
	{"1 KB over 8 partitions into a struct, against net/http that throws the pages away", eight + "all/struct",
		"cpu-ns/row", eight + "all/floor", times, 10.5, 1},
	{"the same into maps", eight + "all/map", "cpu-ns/row", eight + "all/floor", times, 10.5, 1},
	{"the same, `database/sql`", eight + "all/database_sql", "cpu-ns/row", eight + "all/floor", times, 7, 1},
	{"ORDER BY, into a struct", eight + "sorted/struct", "cpu-ns/row", eight + "sorted/floor", times, 6, 1},
	{"ORDER BY, `database/sql`", eight + "sorted/database_sql", "cpu-ns/row", eight + "sorted/floor", times, 5, 1},
	{"ORDER BY over 100 partitions, pages of 1,000: most heap, MB", hundred + "sorted/struct", "peak-MB", "",
		figure, 60,
		1},
	{"TOP 100 ORDER BY over 100 partitions, ms of the client", hundred + "top100/struct", "cpu-ns/row", "", figure, 20,
		1e-4},
	{"1,000,000 documents against 10,000, `sql.Rows`: processor time of one", "ClientDocuments/1000000", "cpu-ns/doc",
		"ClientDocuments/10000", times, 1.1, 1},
	{"1,000,000 documents, `sql.Rows`: most heap, MB", "ClientDocuments/1000000", "peak-MB", "", figure, 8, 1},
	{"token of a change feed over 1,000 ranges, KB", "ClientPartitions/1000/token", "token-KB", "", figure, 32, 1},
	{"change feed over 8 ranges, 5 ms an answer, wall: against one range at a time", "ChangeFeed/side_by_side",
		"ns/change", "ChangeFeed/one_range_at_a_time", times, 0.27, 1},

	{"server: create, µs beyond a handler of net/http", "Server/create", "server-cpu-ns/op", "Server/net_http", beyond,
		10, 1e-3},
	{"the same, beyond one that is sent the same request and answers the same", "Server/create", "server-cpu-ns/op",
		"Server/create_by_net_http", beyond, 10, 1e-3},
	{"server: point read, µs beyond a handler of net/http", "Server/read", "server-cpu-ns/op",
		"Server/net_http", beyond,
		15, 1e-3},
	{"the same, beyond one that is sent the same request and answers the same", "Server/read", "server-cpu-ns/op",
		"Server/read_by_net_http", beyond, 15, 1e-3},
	{"server: equality at 1,000,000 documents, ms", "Growth/docs=1000000/equality", "ms/op", "", figure, 2, 1},
	{"server: an id without its key at 1,000,000 documents, ms", "Growth/docs=1000000/id_without_key", "ms/op", "",
		figure, 2, 1},
	{"server: TOP 10 of 100,000 documents by ORDER BY with a filter, ms of processor time",
		"Growth/docs=100000/ORDER_BY_scan", "server-cpu-ms/op", "", figure, 200, 1},
	{"server: TOP 10 of 100,000 documents by ORDER BY of two keys, all looked at, ms of processor time",
		"Growth/docs=100000/two_keys", "server-cpu-ms/op", "", figure, 200, 1},
	{"server: 100,000 ids by ORDER BY of two keys, ms of processor time", "Growth/docs=100000/two_keys_all",
		"server-cpu-ms/op", "", figure, 200, 1},
	{"server: GROUP BY of 100,000 documents, 1,009 groups, ms of processor time", "Growth/docs=100000/GROUP_BY_scan",
		"server-cpu-ms/op", "", figure, 200, 1},
	{"server: full text, top 10 of 20,000 texts, ms of processor time", "Search/full_text_top_10", "server-cpu-ms/op",
		"", figure, 130, 1},
	{"server: vectors, top 10 of 20,000 of 128 dimensions, ms of processor time", "Search/vector_top_10",
		"server-cpu-ms/op", "", figure, 75, 1},
}

// bounds is the table of all rows.
func (got results) bounds() string {
	var b strings.Builder
	b.WriteString("Processor time of the client, unless something else is said; × compares two figures of the same " +
		"round. Median (least to most of the rounds).\n\n")
	b.WriteString("| work | is | bound | |\n| --- | --- | --- | --- |\n")
	for _, r := range rows {
		v := got.values(r)
		if len(v) == 0 {
			fmt.Fprintf(&b, "| %s | not measured in this run | %s | |\n", r.what, r.limit())
			continue
		}
		met := "met"
		if m := median(v); r.how == faster && m < r.bound || r.how != faster && m > r.bound {
			met = "**not met**"
		}
		fmt.Fprintf(&b, "| %s | %s (%s to %s) | %s | %s |\n", r.what, r.text(median(v)), number(slices.Min(v)),
			number(slices.Max(v)), r.limit(), met)
	}
	return b.String()
}

func (r row) text(v float64) string {
	if r.how == times || r.how == faster {
		return number(v) + " ×"
	}
	return number(v)
}

func (r row) limit() string {
	if r.how == faster {
		return "≥ " + r.text(r.bound)
	}
	return "≤ " + r.text(r.bound)
}

// values are those of the rounds.
func (got results) values(r row) (out []float64) {
	base := got.best(r.base, r.unit)
	for i, v := range got[r.mine][r.unit] {
		switch {
		case r.base == "":
			out = append(out, v*r.scale)
		case i >= len(base) || base[i] == 0 || v == 0:
		case r.how == faster:
			out = append(out, base[i]/v)
		case r.how == beyond:
			out = append(out, (v-base[i])*r.scale)
		default:
			out = append(out, v/base[i])
		}
	}
	return out
}

// best are the least values, round by round, of benchmarks whose names a | separates.
func (got results) best(names, unit string) (out []float64) {
	for name := range strings.SplitSeq(names, "|") {
		for i, v := range got[name][unit] {
			if i == len(out) {
				out = append(out, v)
			}
			out[i] = min(out[i], v)
		}
	}
	return out
}

// partitioned are the benchmarks over more and more partitions.
var partitioned = []struct{ name, what string }{
	{"all", "`SELECT *` by `sql.Rows`"}, {"sorted", "ORDER BY by `sql.Rows`"}, {"changes", "change feed"},
}

// client is how the client's costs grow with documents and partitions.
func (got results) client() string {
	var b strings.Builder
	b.WriteString("| documents of 1 KB into 8 variables by `sql.Rows` | 1,000 | 10,000 | 100,000 | 1,000,000 |\n" +
		"| --- | --- | --- | --- | --- |\n")
	got.line(&b, "µs of the client a document", "ClientDocuments/%s", "cpu-ns/doc", 1e-3, "1000", "10000",
		"100000", "1000000")
	got.line(&b, "most heap, MB", "ClientDocuments/%s", "peak-MB", 1, "1000", "10000", "100000", "1000000")
	b.WriteString(
		"\n| 20,000 documents of 1 KB over partitions | 1 | 10 | 100 | 1,000 |\n| --- | --- | --- | --- | --- |\n")
	for _, q := range partitioned {
		got.line(&b, q.what+", µs of the client a document", "ClientPartitions/%s/"+q.name, "cpu-ns/doc", 1e-3, "1",
			"10", "100", "1000")
		got.line(&b, q.what+", most heap, MB", "ClientPartitions/%s/"+q.name, "peak-MB", 1, "1", "10", "100", "1000")
	}
	got.line(&b, "token of the change feed, KB", "ClientPartitions/%s/token", "token-KB", 1, "1", "10", "100", "1000")
	return b.String()
}

// line writes what benchmarks that differ in one thing say.
func (got results) line(b *strings.Builder, what, name, unit string, scale float64, of ...string) {
	fmt.Fprintf(b, "| %s |", what)
	for _, n := range of {
		fmt.Fprintf(b, " %s |", number(median(got[fmt.Sprintf(name, n)][unit])*scale))
	}
	b.WriteString("\n")
}

// server is the tables of the in-process server.
func (got results) server() string {
	var b strings.Builder
	sizes := []string{"1000", "10000", "100000", "1000000"}
	b.WriteString("| documents of 200 bytes, 4 partitions | 1,000 | 10,000 | 100,000 | 1,000,000 |\n" +
		"| --- | --- | --- | --- | --- |\n")
	for _, line := range []struct{ what, name, unit string }{
		{"load, s", "load", "ms/op"}, {"load, µs of the server a document", "load",
			"server-cpu-µs/doc"}, {"memory after it (RSS), MB", "load", "RSS-MB"},
		{"point read, ms", "point_read", "ms/op"}, {"`c.x = k`, ms", "equality",
			"ms/op"}, {"`c.id = k` without the key, ms", "id_without_key", "ms/op"},
		{"`c.x > k AND c.x < l`, ms", "range", "ms/op"}, {"`TOP 10 … ORDER BY c.x`, ms", "TOP_10_ORDER_BY",
			"ms/op"}, {"`COUNT(1)`, ms", "COUNT", "ms/op"},
		{"a filter that no index serves, ms", "no_index", "ms/op"},
		{"`TOP 10 … WHERE … ORDER BY c.x`, ms of the server", "ORDER_BY_scan", "server-cpu-ms/op"},
		{"`TOP 10 … ORDER BY c.x, c.id`, sorted without an index, ms of the server", "two_keys", "server-cpu-ms/op"},
		{"all ids by `ORDER BY c.x, c.id`, ms of the server", "two_keys_all", "server-cpu-ms/op"},
		{"GROUP BY, 1,009 groups, ms of the server", "GROUP_BY_scan", "server-cpu-ms/op"},
	} {
		fmt.Fprintf(&b, "| %s |", line.what)
		for _, n := range sizes {
			v := median(got["Growth/docs="+n+"/"+line.name][line.unit])
			if line.what == "load, s" {
				v /= 1000
			}
			fmt.Fprintf(&b, " %s |", number(v))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n| 20,000 documents: a text of 200 bytes, a vector of 128 dimensions | ms | ms of the server |\n" +
		"| --- | --- | --- |\n")
	for _, line := range []struct{ what, name string }{
		{"full text, top 10", "full_text_top_10"}, {"vectors, top 10", "vector_top_10"}, {"both by RRF, top 10",
			"hybrid_top_10"}, {"GROUP BY, 100 groups", "GROUP_BY"},
	} {
		v := got["Search/"+line.name]
		fmt.Fprintf(&b, "| %s | %s | %s |\n", line.what, number(median(v["ms/op"])),
			number(median(v["server-cpu-ms/op"])))
	}
	b.WriteString(
		"\n| 20,000 documents of 1 KB over partitions, µs of the server a document | 1 | 10 | 100 | 1,000 |\n" +
			"| --- | --- | --- | --- | --- |\n")
	for _, q := range partitioned {
		got.line(&b, q.what, "ClientPartitions/%s/"+q.name, "server-cpu-ns/doc", 1e-3, "1", "10", "100", "1000")
	}
	b.WriteString("\n| a request, 64 at once | µs of the server |\n| --- | --- |\n")
	for _, line := range []struct{ what, name string }{{"a handler of net/http that reads and writes 1 KB", "net_http"},
		{"one that is sent the point read below and answers the same", "read_by_net_http"},
		{"point read of 1 KB", "read"},
		{"one that is sent the create below and answers the same", "create_by_net_http"},
		{"create of 1 KB", "create"}} {
		fmt.Fprintf(&b, "| %s | %s |\n", line.what, number(median(got["Server/"+line.name]["server-cpu-ns/op"])/1000))
	}
	return b.String()
}

// median is not a number where nothing was measured.
func median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// number writes three digits.
func number(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case v >= 100 || v <= -100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10 || v <= -10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
