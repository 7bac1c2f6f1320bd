package bulk

import (
	"context"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/value"
)

// verify corrects the outcome of an operation that is not sent again although an earlier attempt may have been
// executed, if the document proves that it was: 409 of a create, 412 of a replace or upsert under an ETag, and a
// lost answer may stand for a success. What it cannot prove remains unknown, also if the document cannot be read. A
// delete of a document that is gone has done what it should, whoever deleted it; not so under an ETag. It returns
// the RU that it cost.
func (s sender) verify(ctx context.Context, o *Operation, out *outcome) (charge float64) {
	if out.Succeeded() || ctx.Err() != nil {
		return 0
	}
	missing := out.StatusCode == http.StatusNotFound && out.SubStatus == 0
	switch {
	case o.Kind == batch.Delete && !guarded(o) && missing:
		out.Result = batch.Result{StatusCode: http.StatusNoContent, RequestCharge: out.RequestCharge}
		return 0
	case o.Document() == nil:
		return 0
	case o.Kind == batch.Create && (out.StatusCode == 0 || out.StatusCode == http.StatusConflict):
	case o.IfMatch != "" && (out.StatusCode == 0 || out.StatusCode == http.StatusPreconditionFailed):
	case o.Renames && (out.StatusCode == 0 || missing):
	default:
		return 0
	}
	a := s.Backend.ReadBack(ctx, o, documentID(o))
	out.RequestCharge += a.Charge
	// A document that still has the ETag of the condition was not written, even if it says the same.
	if a.Results == nil || a.Results[0].ETag == o.IfMatch || !SameDocument(o.Body, a.Results[0].Body) {
		return a.Charge
	}
	status := http.StatusOK
	if o.Kind == batch.Create {
		status = http.StatusCreated
	}
	out.Result = batch.Result{StatusCode: status, ETag: a.Results[0].ETag, RequestCharge: out.RequestCharge}
	out.verified = true
	if a.SessionToken != "" {
		out.session = a.SessionToken
	}
	return a.Charge
}

// documentID is the id of the document that an operation writes.
func documentID(o *Operation) string {
	if raw, ok := rawjson.Get(o.Body, "id"); ok {
		if id, ok := rawjson.String(raw); ok {
			return id
		}
	}
	return o.ID
}

// SameDocument reports whether stored equals written but for the system properties.
func SameDocument(written, stored []byte) bool {
	count := 0
	for name, text := range rawjson.Members(written) {
		plain := rawjson.Unquote(name)
		if rawjson.IsSystemProperty(plain) {
			continue
		}
		count++
		other, ok := rawjson.Get(stored, plain)
		if !ok {
			return false
		}
		a, errA := value.Parse(text)
		b, errB := value.Parse(other)
		if errA != nil || errB != nil || !value.Equal(a, b) {
			return false
		}
	}
	for name := range rawjson.Members(stored) {
		if !rawjson.IsSystemProperty(rawjson.Unquote(name)) {
			count--
		}
	}
	return count == 0
}
