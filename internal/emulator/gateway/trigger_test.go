package gateway_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/value"
)

// withMember is a document with one more member.
func withMember(doc value.Value, name string, v value.Value) value.Value {
	var members []value.Member
	for m := range doc.Members() {
		if m.Name != name {
			members = append(members, m)
		}
	}
	return value.Object(append(members, value.Member{Name: name, Value: v}))
}

// triggerServer has triggers of all types and operations, named by both.
func triggerServer(t *testing.T) (s *server, coll string) {
	t.Helper()
	s, coll = scriptServer(t, &engine{scripts: map[string]func(script.Invocation) (script.Result, error){
		"stamp": func(in script.Invocation) (script.Result, error) {
			if !in.Request.IsDefined() {
				return script.Result{}, nil
			}
			return script.Result{Request: withMember(in.Request, "stamp", value.String(in.Operation))}, nil
		},
		"moves": func(in script.Invocation) (script.Result, error) {
			return script.Result{Request: withMember(in.Request, "pk", value.String("q"))}, nil
		},
		"shows": func(in script.Invocation) (script.Result, error) {
			shown := withMember(in.Response, "shown", value.String(in.Operation))
			return done(withMember(shown, "sent", in.Request.Get("id")))
		},
		"logs": func(in script.Invocation) (script.Result, error) {
			_, err := in.Collection.Upsert(parseValue(`{"id":"log","pk":"p"}`), "")
			return script.Result{Response: in.Response}, err
		},
		"refuses": func(in script.Invocation) (script.Result, error) {
			if _, err := in.Collection.Upsert(parseValue(`{"id":"log","pk":"p"}`), ""); err != nil {
				return script.Result{}, err
			}
			return script.Result{}, &script.Error{Number: 77, Message: "not today"}
		},
	}}, 0)
	for _, tr := range []struct{ id, body, kind, operation string }{
		{"stamp", "stamp", "Pre", "All"}, {"on create", "stamp", "Pre", "Create"},
		{"on update", "stamp", "pre", "update"}, {"on replace", "stamp", "Pre", "Replace"},
		{"on delete", "stamp", "Pre", "Delete"}, {"moves", "moves", "Pre", "All"},
		{"pre refuses", "refuses", "Pre", "All"}, {"post refuses", "refuses", "Post", "All"},
		{"shows", "shows", "Post", "All"}, {"logs", "logs", "Post", "All"},
	} {
		s.do("POST", coll+"/triggers", nil,
			h{"id": tr.id, "body": tr.body, "triggerType": tr.kind, "triggerOperation": tr.operation}).want(t, 201)
	}
	return s, coll
}

func pre(id string) h  { return pk("p").and(h{"x-ms-documentdb-pre-trigger-include": id}) }
func post(id string) h { return pk("p").and(h{"x-ms-documentdb-post-trigger-include": id}) }

// A trigger runs for the operations that it is for, and for no others.
func TestTriggersOfOperations(t *testing.T) {
	t.Parallel()
	s, coll := triggerServer(t)
	doc := h{"id": "a", "pk": "p"}
	create := func(x h) answer { return s.do("POST", coll+"/docs", x, h{"id": "new", "pk": "p"}) }
	upsert := func(x h) answer {
		return s.do("POST", coll+"/docs", x.and(h{"x-ms-documentdb-is-upsert": "True"}), doc)
	}
	replace := func(x h) answer { return s.do("PUT", coll+"/docs/a", x, doc) }
	patch := func(x h) answer {
		return s.do("PATCH", coll+"/docs/a", x, `[{"op":"set","path":"/n","value":1}]`)
	}
	remove := func(x h) answer { return s.do("DELETE", coll+"/docs/new", x, nil) }
	for _, test := range []struct {
		name    string
		do      func(h) answer
		trigger h
		status  int
		want    string // the member that the trigger has written, or the message
	}{
		{"create, all", create, pre("stamp"), 201, "Create"},
		{"delete, all", remove, pre("stamp"), 204, ""},
		{"create, create", create, pre("on create"), 201, "Create"},
		{"delete, delete", remove, pre("on delete"), 204, ""},
		{"create, update", create, pre("on update"), 400, "is for the operation update, not for Create"},
		{"upsert, create", upsert, pre("on create"), 201, "Upsert"},
		{"upsert, update", upsert, pre("on update"), 200, "Upsert"},
		{"upsert, replace", upsert, pre("on replace"), 200, "Upsert"},
		{"upsert, delete", upsert, pre("on delete"), 400, "not for Upsert"},
		{"replace, update", replace, pre("on update"), 200, "Replace"},
		{"replace, replace", replace, pre("on replace"), 200, "Replace"},
		{"replace, create", replace, pre("on create"), 400, "not for Replace"},
		{"replace, blanks", replace, pre(" stamp "), 200, "Replace"},
		{"patch, update", patch, pre("on update"), 200, "Replace"}, // a patch has no document to be changed
		{"patch, replace", patch, pre("on replace"), 400, "not for Patch"},
		{"delete, create", remove, pre("on create"), 400, "not for Delete"},
		{"two", replace, pre("stamp,moves"), 400, "Only one trigger can be named"},
		{"none", replace, pre("nobody"), 400, "does not exist"},
		{"post in the place of pre", replace, pre("shows"), 400, "is not a pre-trigger"},
		{"pre in the place of post", replace, post("stamp"), 400, "is not a post-trigger"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := test.do(test.trigger).want(t, test.status)
			if test.status >= 400 {
				require.Contains(t, a.text("message"), test.want)
			} else {
				require.Equal(t, test.want, a.text("stamp"))
			}
		})
	}
}

// Triggers share the transaction of their write: what one refuses is not written, nor is what it wrote itself.
func TestTriggersShareTheTransaction(t *testing.T) {
	t.Parallel()
	s, coll := triggerServer(t)
	doc := h{"id": "a", "pk": "p"}
	gone := func(ids ...string) {
		t.Helper()
		for _, id := range ids {
			s.do("GET", coll+"/docs/"+id, pk("p"), nil).want(t, 404)
		}
	}
	for _, trigger := range []h{pre("pre refuses"), post("post refuses")} {
		a := s.do("POST", coll+"/docs", trigger, doc).want(t, 400, "77")
		require.Contains(t, a.text("message"), "not today")
		gone("a", "log")
	}
	a := s.do("POST", coll+"/docs", pre("moves"), doc).want(t, 400, "1001")
	require.Contains(t, a.text("message"), "PartitionKey extracted from document doesn't match")
	gone("a")
	s.do("POST", coll+"/docs", pre("stamp"), `{"id":`).want(t, 400)

	a = s.do("POST", coll+"/docs", pre("stamp").and(post("shows")), doc).want(t, 201)
	require.Equal(t, []string{"Create", "Create", "a"}, []string{a.text("stamp"), a.text("shown"), a.text("sent")})
	a = s.do("GET", coll+"/docs/a", pk("p"), nil).want(t, 200)
	require.Equal(t, []string{"Create", ""}, []string{a.text("stamp"), a.text("shown")},
		"what a post-trigger makes of the answer is not stored")
	// A write that fails runs no post-trigger, and one whose trigger leaves the answer alone keeps to Prefer.
	s.do("POST", coll+"/docs", post("logs"), doc).want(t, 409)
	gone("log")
	a = s.do("PUT", coll+"/docs/a", post("logs").and(h{"prefer": "return=minimal"}), doc).want(t, 200)
	require.Empty(t, a.body)
	s.do("GET", coll+"/docs/log", pk("p"), nil).want(t, 200)
	s.do("DELETE", coll+"/docs/a", post("logs"), nil).want(t, 204)
	gone("a")
}
