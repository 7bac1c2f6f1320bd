package gateway

import (
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/nosql"
)

// queryError is the refusal of a query text, with the places of the errors in characters. All findings stand in one
// message, as the service reports them, and places count characters from 0 (FACTS.md 19).
func queryError(text string, err error) error {
	type location struct {
		Start int `json:"start"`
		End   int `json:"end"`
	}
	type finding struct {
		Severity string    `json:"severity"`
		Location *location `json:"location,omitempty"`
		// 4001 (recorded exchange 169) and 2206 are numbers, the others texts that begin with SC.
		Code    any    `json:"code,omitempty"`
		Message string `json:"message"`
	}
	var list nosql.ErrorList
	var one *nosql.Error
	switch {
	case errors.As(err, &list):
	case errors.As(err, &one):
		list = nosql.ErrorList{one}
	default:
		return refuseList(400, 0, "%v", err)
	}
	findings := make([]finding, len(list))
	for i, e := range list {
		findings[i] = finding{Severity: "Error", Message: e.Message}
		if n, err := strconv.Atoi(e.Code); err == nil {
			findings[i].Code = n
		} else if e.Code != "" {
			findings[i].Code = e.Code
		}
		// The end of the text is an empty place, 0-0 for the empty text (recorded exchange 168); findings of other
		// kinds without a place have none.
		if (e.End > e.Start || nosql.IsSyntax(e.Code)) && e.End <= len(text) {
			findings[i].Location = &location{utf8.RuneCountInString(text[:e.Start]),
				utf8.RuneCountInString(text[:e.End])}
		}
	}
	body, _ := json.Marshal(map[string]any{"errors": findings}) // plain data
	// It has the substatus, a charge and the form of a replica; all others come from the gateway, which reads the
	// text before it asks one.
	if list[0].Code == eval.CodeNotFinite { // found where the rows are
		return store.Errorf(400, store.SubNotFinite, "%s", body)
	}
	return refuse(400, 0, "%s", body)
}

// hold counts n bytes of the call against the bound of all queries.
func (c *call) hold(n int) error { return asQueryError("", c.share.Add(n)) }

// asQueryError keeps refusals as they are and makes the others, which are the evaluator's, refusals of the query.
func asQueryError(text string, err error) error {
	var e *store.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	if errors.Is(err, eval.ErrMemoryInUse) {
		// A status that clients repeat by themselves, which a 500 is not.
		return store.Errorf(429, store.SubNoResources,
			"The memory of the server's queries is in use. Please retry this request later.")
	}
	return queryError(text, err)
}
