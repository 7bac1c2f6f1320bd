package gateway_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVersionsOfTheAPI(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for version, status := range map[string]int{
		"2014-08-21": 200, "2018-12-31": 200, "2020-07-15": 200, "2024-06-06": 200, "2031-02-03": 200, "": 200,
		"2000-01-01": 400, "2020-07-16": 400, "2031-02-30": 400, "latest": 400, "9999": 400,
	} {
		a := s.do("GET", "/dbs", h{"x-ms-version": version}, nil).want(t, status)
		if status == 400 {
			require.Contains(t, a.text("message"),
				"Invalid API version. Ensure a valid x-ms-version header value is passed.",
				version)
		}
	}
}

func TestIndexingDirectives(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for i, directive := range []string{"Default", "Include", "exclude"} {
		s.do("POST", coll+"/docs", pk("p").and(h{"x-ms-indexing-directive": directive}),
			h{"id": strconv.Itoa(i), "pk": "p"}).want(t, 201)
	}
	s.do("POST", coll+"/docs", pk("p").and(h{"x-ms-indexing-directive": "Sometimes"}), h{"id": "x", "pk": "p"}).
		want(t, 400)
}

func TestReadStrategies(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for strategy, status := range map[string]int{
		"Eventual":        200,
		"Session":         200,
		"LatestCommitted": 200,
		"GlobalStrong":    400,
		"session":         400,
		"x":               400,
	} {
		s.do("GET", "/dbs", h{"x-ms-cosmos-read-consistency-strategy": strategy}, nil).want(t, status)
	}
	s.do("GET", "/dbs", h{"x-ms-cosmos-read-consistency-strategy": "Session", "x-ms-consistency-level": "Session"},
		nil).want(t, 400)
	s.do("GET", "/", h{"x-ms-consistency-level": "Strong"}, nil).want(t, 200)
}
