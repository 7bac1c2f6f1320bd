package gateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

func TestOffers(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(_ *gateway.Options, o *store.Options) { o.Partitions = 1 })
	create := func(path, id string, headers h) answer {
		return s.do("POST", path, headers,
			map[string]any{"id": id, "partitionKey": map[string]any{"paths": []any{"/pk"}, "version": 2}})
	}
	create("/dbs", "shared", h{"x-ms-offer-throughput": "20000"}).want(t, 201)
	create("/dbs", "d", nil).want(t, 201)
	create("/dbs/d/colls",
		"both", h{"x-ms-offer-throughput": "400", "x-ms-cosmos-offer-autopilot-settings": `{"maxThroughput":4000}`}).
		want(t, 400)
	for _, bad := range []h{{"x-ms-offer-throughput": "x"}, {"x-ms-offer-throughput": "350"},
		{"x-ms-offer-throughput": "450"}, {"x-ms-cosmos-offer-autopilot-settings": `{"maxThroughput":1500}`},
		{"x-ms-cosmos-offer-autopilot-settings": `{}`}} {
		create("/dbs/d/colls", "bad", bad).want(t, 400)
	}
	for _, test := range []struct {
		name, db string
		headers  h
		ranges   int
		content  any
	}{
		{"plain", "d", nil, 1, offer(400, 400)},
		{"manual", "d", h{"x-ms-offer-throughput": "40000"}, 7, offer(40000, 40000)},
		{"auto", "d", h{"x-ms-cosmos-offer-autopilot-settings": `{"maxThroughput":4000}`}, 1,
			offer(400, 4000, "offerAutopilotSettings", map[string]any{"maxThroughput": 4000.0})},
		{"none", "shared", nil, 2, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := create("/dbs/"+test.db+"/colls", test.name, test.headers).want(t, 201)
			require.Len(t, s.do("GET", "/dbs/"+test.db+"/colls/"+test.name+"/pkranges", nil, nil).
				rows("PartitionKeyRanges"), test.ranges)
			// Each SDK looks offers up in its own way.
			for _, q := range []string{"SELECT * from root where root.resource = \"" + a.text("_self") + "\"",
				"SELECT * FROM c WHERE c.offerResourceId = '" + a.text("_rid") + "'"} {
				rows := s.do("POST", "/offers", h{"content-type": "application/query+json"}, h{"query": q}).
					want(t, 200).rows("Offers")
				if test.content == nil {
					require.Empty(t, rows)
					continue
				}
				require.Equal(t, test.content, rows[0].(map[string]any)["content"])
			}
		})
	}

	find := func(rid string) answer {
		offer := s.do("POST", "/offers", h{"content-type": "application/query+json"},
			h{"query": "SELECT VALUE o.id FROM o WHERE o.offerResourceId = '" + rid + "'"})
		return s.do("GET", "/offers/"+offer.rows("Offers")[0].(string), nil, nil).want(t, 200)
	}
	o := find(s.do("GET", "/dbs/d/colls/plain", nil, nil).text("_rid"))
	path := "/" + strings.TrimSuffix(o.text("_self"), "/")
	body := func(content string) string {
		return `{"offerVersion":"V2","offerResourceId":"` + o.text("offerResourceId") + `","content":` + content + `}`
	}
	r := s.do("PUT", path, h{"if-match": o.text("_etag")}, body(`{"offerThroughput":500}`)).want(t, 200)
	require.Equal(t, 500.0, r.get("content", "offerThroughput"))
	require.Equal(t, []string{"false", "400"},
		[]string{r.header.Get("x-ms-offer-replace-pending"), r.header.Get("x-ms-cosmos-min-throughput")})
	s.do("PUT", path, h{"if-match": o.text("_etag")}, body(`{"offerThroughput":600}`)).want(t, 412)
	s.do("PUT", path, nil, body(`{"offerThroughput":450}`)).want(t, 400)
	s.do("PUT", path, nil, body(`{"offerAutopilotSettings":{"maxThroughput":4000}}`)).want(t, 400)
	s.do("PUT", path, nil, `{"offerResourceId":"other","content":{"offerThroughput":500}}`).want(t, 400)
	auto := s.do("PUT", path, h{"x-ms-cosmos-migrate-offer-to-autopilot": "true"},
		body(`{"offerThroughput":500}`)).want(t, 200)
	require.Equal(t, 1000.0, auto.get("content", "offerAutopilotSettings", "maxThroughput"))
	s.do("PUT", path, h{"x-ms-cosmos-migrate-offer-to-manual-throughput": "true"},
		body(`{"offerThroughput":700}`)).want(t, 200)
	s.do("PUT", path, nil, body(`{"offerThroughput":25000}`)).want(t, 200)
	require.Len(t, s.do("GET", "/dbs/d/colls/plain/pkranges", nil, nil).rows("PartitionKeyRanges"), 3)
	s.do("POST", "/dbs/d/colls/plain/docs",
		pk("p").and(h{"content-type": "application/query+json", "x-ms-documentdb-partitionkeyrangeid": "0"}),
		h{"query": "SELECT * FROM c"}).want(t, 410, "1002")
	s.do("GET", "/offers/none", nil, nil).want(t, 404)
	s.do("DELETE", "/dbs/shared", nil, nil).want(t, 204)
	require.Len(t, s.do("GET", "/offers", nil, nil).rows("Offers"), 3)
}

// While partitions are split for an offer, it is pending, and cannot be replaced.
func TestOfferPending(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	s := newServer(t, func(_ *gateway.Options, o *store.Options) {
		o.Partitions, o.Now, o.Phases = 1, func() time.Time { return now }, store.Phases{Copying: time.Minute}
	})
	s.container("/pk")
	rid := s.do("GET", "/offers", nil, nil).rows("Offers")[0].(map[string]any)["id"].(string)
	replace := func() answer {
		return s.do("PUT", "/offers/"+rid, nil, map[string]any{"content": map[string]any{"offerThroughput": 20_000}})
	}
	a := replace().want(t, 202)
	require.Equal(t, "true", a.header.Get("x-ms-offer-replace-pending"))
	require.Contains(t, a.body, `"isOfferReplacePending":true`)
	require.Contains(t, s.do("GET", "/offers", nil, nil).body, `"isOfferReplacePending":true`)
	require.Contains(t, replace().want(t, 423).body, "Locked")
	now = now.Add(time.Minute)
	a = s.do("GET", "/offers/"+rid, nil, nil).want(t, 200)
	require.Equal(t, "false", a.header.Get("x-ms-offer-replace-pending"))
	require.NotContains(t, a.body, "isOfferReplacePending")
	replace().want(t, 200)
}

// offer is the content of an offer: its rate, the highest that it ever had, and more members.
func offer(rate, highest float64, more ...any) map[string]any {
	content := map[string]any{
		"offerThroughput": rate, "offerIsRUPerMinuteThroughputEnabled": false,
		"offerMinimumThroughputParameters": map[string]any{"maxThroughputEverProvisioned": highest,
			"maxConsumedStorageEverInKB": 0.0},
	}
	for i := 0; i < len(more); i += 2 {
		content[more[i].(string)] = more[i+1]
	}
	return content
}
