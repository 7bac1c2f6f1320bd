package cosmos

import (
	"context"
	"net/http"
	"testing"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/stretchr/testify/require"
)

// Changing between manual and automatic throughput, the service picks a number of its own first.
func TestThroughputIsToldTwice(t *testing.T) {
	t.Parallel()
	answers := []string{
		`{"_rid":"Hu+t","offerResourceId":"r","keep":1,"content":{"offerThroughput":100,` +
			`"offerAutopilotSettings":{"maxThroughput":1000}}}`,
		`{"_rid":"Hu+t","offerResourceId":"r","keep":1,"content":{"offerThroughput":600,` +
			`"offerAutopilotSettings":{"maxThroughput":6000}}}`,
	}
	var puts []call
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if c.method == http.MethodPost {
			reply(w, 200, feedOf("Offers", map[string]any{"_rid": "Hu+t", "offerResourceId": "r", "keep": 1,
				"content": map[string]any{"offerThroughput": 400}}))
			return
		}
		puts = append(puts, c)
		reply(w, 200, answers[len(puts)-1])
	})
	p, err := f.orders().ReplaceThroughput(t.Context(), AutoscaleThroughput(6000))
	require.NoError(t, err)
	p.Response = nil
	require.Equal(t, ThroughputProperties{Autoscale: 6000, Current: 600}, *p)
	require.Len(t, puts, 2)
	require.Equal(t, "true", puts[0].header.Get("x-ms-cosmos-migrate-offer-to-autopilot"))
	require.Empty(t, puts[1].header.Get("x-ms-cosmos-migrate-offer-to-autopilot"))
	for _, put := range puts {
		require.Equal(t, "/offers/Hu+t", put.path)
		require.Contains(t, put.body, `"keep":1`, "what is not understood goes back as it was")
		require.Contains(t, put.body, `"maxThroughput":6000`)
	}
}

func TestThroughputPending(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if c.method == http.MethodPost {
			require.JSONEq(t, `{"query":"SELECT * FROM root r `+
				`WHERE r.offerResourceId = @rid","parameters":[{"name":"@rid","value":"DPZtAKyOj5g="}]}`, c.body)
			reply(w, 200, `{"Offers":[]}`, "x-ms-continuation", "more")
			return
		}
		reply(w, 202, `{"_rid":"Hu+t","content":{"offerThroughput":400}}`, "x-ms-offer-replace-pending", "True",
			"x-ms-cosmos-min-throughput", "400")
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.orders().ReadThroughput(ctx)
	require.ErrorIs(t, err, context.Canceled)
	o, err := parseOffer([]byte(`{"_rid":"Hu+t","content":{"offerThroughput":500}}`))
	require.NoError(t, err)
	set, err := f.resolve(t.Context(), option.ReplaceThroughput, []Option{Throughput(400)})
	require.NoError(t, err)
	p, err := f.replaceOffer(t.Context(), set, o)
	require.NoError(t, err)
	p.Response = nil
	require.Equal(t, ThroughputProperties{Manual: 400, Current: 400, Minimum: 400, Pending: true}, *p)
	_, err = parseOffer([]byte(`[]`))
	require.ErrorContains(t, err, "offer cannot be read")
}

// A service that answers with the other kind of throughput, which it was told to leave, is not told again and again.
func TestThroughputThatStaysOfItsKind(t *testing.T) {
	t.Parallel()
	for kind, content := range map[string]string{
		"manual":    `{"offerThroughput":400}`,
		"autoscale": `{"offerThroughput":100,"offerAutopilotSettings":{"maxThroughput":1000}}`,
	} {
		puts := 0
		f := newFake(t, func(w http.ResponseWriter, c call) {
			if c.method == http.MethodPost {
				reply(w, 200, `{"Offers":[{"_rid":"Hu+t","content":`+content+`}]}`)
				return
			}
			if puts++; puts > 3 {
				refuse(500, "")(w, c)
				return
			}
			reply(w, 200, `{"_rid":"Hu+t","content":`+content+`}`)
		})
		other := AutoscaleThroughput(6000)
		if kind == "autoscale" {
			other = Throughput(600)
		}
		p, err := f.orders().ReplaceThroughput(t.Context(), other)
		require.ErrorContains(t, err, "has not made it", kind)
		require.Equal(t, kind == "manual", p.Manual == 400, kind)
		require.Equal(t, 1, puts, kind)
	}
}

// What the client refuses is not taken for the answer of an account that has no throughput to tell of.
func TestThroughputOfAMisspeltRegion(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, _ call) { reply(w, 200, `{"Offers":[]}`) })
	cred, err := KeyCredential(testKey)
	require.NoError(t, err)
	client, err := NewClient(f.endpoint, cred, &ClientOptions{PreferredRegions: []string{"Atlantis"}})
	require.NoError(t, err)
	defer client.Close()
	_, err = client.findOffer(t.Context(), &option.Set{}, "r", "database")
	require.ErrorIs(t, err, ErrBadRequest)
	require.ErrorContains(t, err, `no region "Atlantis"`)
	require.NotErrorIs(t, err, ErrNotFound)

	// Nor for the service's of a text that it does not understand.
	err = drain(client.Database("shop").Container("orders").NewPager("SELEC * FROM c"), t.Context())
	require.ErrorContains(t, err, `no region "Atlantis"`)
	require.NotContains(t, err.Error(), "database/sql")
}
