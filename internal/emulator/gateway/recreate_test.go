package gateway_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A container is deleted and made again, split and given throughput, while others write, query and follow it: each
// request is answered, by the container that was there when it came, and nothing of the old ones is left.
func TestContainersComeAndGo(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	made := map[string]any{"id": "c", "partitionKey": map[string]any{"paths": []string{"/pk"}, "version": 2}}
	var busy, others sync.WaitGroup
	stop := make(chan struct{})
	for i, work := range []func(n int) answer{
		func(n int) answer {
			return s.do("POST", coll+"/docs", pk(fmt.Sprint(n)), h{"id": "a", "pk": fmt.Sprint(n)})
		},
		func(int) answer { return s.post(coll, "SELECT * FROM c", cross) },
		func(int) answer {
			return s.post(coll, "SELECT VALUE COUNT(1) FROM c", h{"x-ms-documentdb-partitionkeyrangeid": "1"})
		},
		func(int) answer { return s.do("GET", coll+"/docs", h{"a-im": "Incremental Feed"}, nil) },
		func(int) answer { return s.do("GET", coll+"/pkranges", nil, nil) },
		func(n int) answer {
			body := fmt.Sprintf(`{"content":{"offerThroughput":%d}}`, 40_000+10_000*(n%5))
			offers := s.do("GET", "/offers", nil, nil).rows("Offers")
			if len(offers) == 0 {
				return answer{status: http.StatusOK}
			}
			return s.do("PUT", "/offers/"+offers[0].(map[string]any)["id"].(string), nil, body)
		},
	} {
		busy.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				a := work(n)
				if !slices.Contains([]int{200, 201, 304, 404, 409, 410}, a.status) {
					t.Errorf("work %d: %d %s", i, a.status, a.body)
					return
				}
			}
		})
	}
	others.Go(func() {
		defer close(stop)
		for range 40 {
			if x, err := s.account.Container("d", "c"); err == nil {
				x.Split(x.Ranges()[0].ID)
			}
			s.do("DELETE", coll, nil, nil).want(t, 204)
			s.do("POST", "/dbs/d/colls", nil, made).want(t, 201)
		}
	})
	others.Wait()
	busy.Wait()
	require.Len(t, s.do("GET", "/offers", nil, nil).rows("Offers"), 1, "offers go with their containers")
	old := s.do("GET", coll, nil, nil).text("_rid")
	s.do("DELETE", coll, nil, nil).want(t, 204)
	s.do("POST", "/dbs/d/colls", nil, made).want(t, 201)
	require.Empty(t, s.query(coll, "SELECT * FROM c", cross))
	s.do("GET", coll+"/docs", h{"x-ms-cosmos-intended-collection-rid": old}, nil).want(t, 400, "1024")
}
