package gateway

import (
	"encoding/json"
	"net/url"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// hint is one piece of advice about a query. Its id stands for a text and a link of the documentation. The texts are
// in the clients, which look them up by the id (QA1000 to QA1009, PROTOCOL.md 6.2).
type hint struct {
	ID     string   `json:"Id"`
	Params []string `json:"Params"`
}

// advice is the header that says how the query could cost less, by the ten rules that are published.
func (q *query) advice() string {
	hints := []hint{}
	for _, id := range queryplan.Advice(q.tree) {
		hints = append(hints, hint{id, []string{}})
	}
	text, _ := json.Marshal(hints) // plain data
	return url.QueryEscape(string(text))
}
