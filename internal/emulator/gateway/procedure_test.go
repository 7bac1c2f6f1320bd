package gateway_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// engine runs Go in the place of JavaScript: the body of a script names what it does.
type engine struct {
	scripts   map[string]func(script.Invocation) (script.Result, error)
	functions map[string]eval.Function
}

func (e *engine) Run(_ context.Context, in script.Invocation) (script.Result, error) {
	return e.scripts[in.Body](in)
}

func (e *engine) Function(s script.Source, _ func() time.Time) (eval.Function, error) {
	if f, ok := e.functions[s.Body]; ok {
		return f, nil
	}
	return nil, fmt.Errorf("the body %q does not compile", s.Body)
}

// scriptServer runs the scripts of an engine; each is there under the name of its body.
func scriptServer(t *testing.T, e *engine, operations int) (s *server, coll string) {
	t.Helper()
	s = newServer(t, func(o *gateway.Options, so *store.Options) {
		o.Scripts, o.ScriptOperations, so.Partitions = e, operations, 1
	})
	coll = s.container("/pk")
	for name := range e.scripts {
		s.do("POST", coll+"/sprocs", nil, h{"id": name, "body": name}).want(t, 201)
	}
	return s, coll
}

// done is a script that ends well with what it answers.
func done(v value.Value) (script.Result, error) { return script.Result{Response: v}, nil }

func TestProcedureAnswers(t *testing.T) {
	t.Parallel()
	doc := parseValue(`{"id":"a","pk":"p"}`)
	s, coll := scriptServer(t, &engine{scripts: map[string]func(script.Invocation) (script.Result, error){
		"args":  func(in script.Invocation) (script.Result, error) { return done(value.Array(in.Args)) },
		"what":  func(in script.Invocation) (script.Result, error) { return done(value.String(in.Operation + in.ID)) },
		"mute":  func(script.Invocation) (script.Result, error) { return script.Result{}, nil },
		"clock": func(in script.Invocation) (script.Result, error) { return done(value.Int(in.Now().Unix())) },
		"log": func(script.Invocation) (script.Result, error) {
			return script.Result{Response: value.True, Log: "a b+c"}, nil
		},
		"throws": func(in script.Invocation) (script.Result, error) {
			_, err := in.Collection.Create(doc)
			if err != nil {
				return script.Result{}, err
			}
			return script.Result{}, &script.Error{Number: 4711, Message: "thrown", Log: "last words"}
		},
		"slow": func(script.Invocation) (script.Result, error) {
			return script.Result{}, &script.Error{Timeout: true, Number: 7, Message: "it ran too long"}
		},
		"dies": func(script.Invocation) (script.Result, error) { panic("a bug of the engine") },
	}}, 0)
	logs := h{"x-ms-documentdb-script-enable-logging": "True"}
	for _, test := range []struct {
		name, body string
		headers    h
		status     int
		sub, want  string
		log        string
	}{
		{"args", `[1,{"a":"<"},null]`, pk("p"), 200, "", `[1,{"a":"<"},null]`, ""},
		{"args", "", pk("p"), 200, "", `[]`, ""},
		{"args", `{"a":1}`, pk("p"), 400, "", "must be a JSON array", ""},
		{"args", `[1`, pk("p"), 400, "", "must be a JSON array", ""},
		{"args", `[]`, nil, 400, "1001", "fewer components", ""},
		{"args", `[]`, pk("p", "q"), 400, "", "more components", ""},
		{"what", `[]`, pk("p"), 200, "", `"Executewhat"`, ""},
		{"mute", `[]`, pk("p"), 200, "", "", ""},
		{"log", `[]`, pk("p"), 200, "", "true", ""},
		{"log", `[]`, pk("p").and(logs), 200, "", "true", "a b+c"},
		{"throws", `[]`, pk("p"), 400, "4711", "thrown", ""},
		{"throws", `[]`, pk("p").and(logs), 400, "4711", "thrown", "last words"},
		{"slow", `[]`, pk("p"), 408, "", "it ran too long", ""},
		{"dies", `[]`, pk("p"), 500, "", "a bug of the engine", ""},
		{"none", `[]`, pk("p"), 404, "", "", ""},
	} {
		t.Run(fmt.Sprint(test.name, " ", test.body, test.headers), func(t *testing.T) {
			a := s.do("POST", coll+"/sprocs/"+test.name, test.headers, test.body).want(t, test.status, test.sub)
			if test.status == 200 {
				require.Equal(t, test.want, a.body)
				require.Equal(t, "4.27", a.header.Get("x-ms-request-charge"))
				require.Equal(t, "dbs/d/colls/c/sprocs/"+test.name, a.header.Get("x-ms-alt-content-path"))
				require.NotEmpty(t, a.header.Get("x-ms-session-token"))
			} else {
				require.Contains(t, a.text("message"), test.want)
			}
			log := a.header.Get("x-ms-documentdb-script-log-results")
			require.NotContains(t, log, "+", "decodeURIComponent leaves it as it is")
			text, err := url.QueryUnescape(log)
			require.NoError(t, err)
			require.Equal(t, test.log, text)
		})
	}
	s.do("GET", coll+"/docs/a", pk("p"), nil).want(t, 404) // nothing of a script that failed stays
}

// A script costs what it does, and one that failed what it had done.
func TestChargesOfProcedures(t *testing.T) {
	t.Parallel()
	doc := parseValue(`{"id":"a","pk":"p"}`)
	s, coll := scriptServer(t, &engine{scripts: map[string]func(script.Invocation) (script.Result, error){
		"writes": func(in script.Invocation) (script.Result, error) {
			_, err := in.Collection.Upsert(doc, "")
			return script.Result{}, err
		},
		"reads": func(in script.Invocation) (script.Result, error) {
			_, err := in.Collection.Read(in.Collection.AltLink() + "/docs/a")
			return script.Result{}, err
		},
		"asks": func(in script.Invocation) (script.Result, error) {
			_, err := in.Collection.Query(script.Query{})
			return script.Result{}, err
		},
		"writes and throws": func(in script.Invocation) (script.Result, error) {
			_, err := in.Collection.Upsert(doc, "")
			if err != nil {
				return script.Result{}, err
			}
			return script.Result{}, &script.Error{Message: "no"}
		},
	}}, 0)
	failed := s.do("POST", coll+"/sprocs/writes and throws", pk("p"), "[]").want(t, 400)
	worked := s.do("POST", coll+"/sprocs/writes", pk("p"), "[]").want(t, 200)
	require.Equal(t, worked.header.Get("x-ms-request-charge"), failed.header.Get("x-ms-request-charge"))
	require.NotEqual(t, "4.27", worked.header.Get("x-ms-request-charge"))
	for name, want := range map[string]string{"reads": "5.27", "asks": "6.52"} {
		require.Equal(t, want, s.do("POST", coll+"/sprocs/"+name, pk("p"), "[]").want(t, 200).
			header.Get("x-ms-request-charge"), name)
	}
}

// A script reaches the documents of its own partition key, by links of names and of resource ids, and is told by
// number what went wrong.
func TestDocumentsOfAProcedure(t *testing.T) {
	t.Parallel()
	var self, alt string
	type step struct {
		name string
		do   func(c script.Collection) (value.Value, error)
		want string // of the document, or the number of the error
	}
	steps := []step{
		{"create", func(c script.Collection) (value.Value, error) {
			return c.Create(parseValue(`{"id":"b","pk":"p"}`))
		}, "b"},
		{"create it again", func(c script.Collection) (value.Value, error) {
			return c.Create(parseValue(`{"id":"b","pk":"p"}`))
		}, "409"},
		{"create elsewhere", func(c script.Collection) (value.Value, error) {
			return c.Create(parseValue(`{"id":"z","pk":"q"}`))
		}, "400"},
		{"create what is not a document", func(c script.Collection) (value.Value, error) {
			return c.Create(value.Null)
		}, "400"},
		{"upsert", func(c script.Collection) (value.Value, error) {
			return c.Upsert(parseValue(`{"id":"b","pk":"p","n":1}`), "")
		}, "b"},
		{"upsert with an old etag", func(c script.Collection) (value.Value, error) {
			return c.Upsert(parseValue(`{"id":"b","pk":"p"}`), `"old"`)
		}, "412"},
		{"upsert elsewhere", func(c script.Collection) (value.Value, error) {
			return c.Upsert(parseValue(`{"id":"b","pk":"q"}`), "")
		}, "400"},
		{"read", func(c script.Collection) (value.Value, error) { return c.Read(alt + "/docs/b") }, "b"},
		{"read by the link of rids and a name", func(c script.Collection) (value.Value, error) {
			return c.Read(self + "docs/b")
		}, "b"},
		{"read by its own link", func(c script.Collection) (value.Value, error) {
			it, err := c.Read(alt + "/docs/b")
			if err != nil {
				return it, err
			}
			return c.Read(it.Get("_self").AsString())
		}, "b"},
		{"read nothing", func(c script.Collection) (value.Value, error) { return c.Read(alt + "/docs/none") }, "404"},
		{"read another key's", func(c script.Collection) (value.Value, error) {
			return c.Read(alt + "/docs/foreign")
		}, "404"},
		{"read another container's", func(c script.Collection) (value.Value, error) {
			return c.Read("dbs/d/colls/other/docs/b")
		}, "400"},
		{"read a container", func(c script.Collection) (value.Value, error) { return c.Read(alt) }, "400"},
		{"read a trigger", func(c script.Collection) (value.Value, error) {
			return c.Read(alt + "/triggers/b")
		}, "400"},
		{"replace", func(c script.Collection) (value.Value, error) {
			return c.Replace(alt+"/docs/b", parseValue(`{"id":"b","pk":"p","n":2}`), "")
		}, "b"},
		{"replace with an old etag", func(c script.Collection) (value.Value, error) {
			return c.Replace(alt+"/docs/b", parseValue(`{"id":"b","pk":"p"}`), `"old"`)
		}, "412"},
		{"replace nothing", func(c script.Collection) (value.Value, error) {
			return c.Replace(alt+"/docs/none", parseValue(`{"id":"none","pk":"p"}`), "")
		}, "404"},
		{"replace by a wrong link", func(c script.Collection) (value.Value, error) {
			return c.Replace("b", parseValue(`{"id":"b","pk":"p"}`), "")
		}, "400"},
		{"delete with an old etag", func(c script.Collection) (value.Value, error) {
			return value.Undefined, c.Delete(alt+"/docs/b", `"old"`)
		}, "412"},
		{"delete by a wrong link", func(c script.Collection) (value.Value, error) {
			return value.Undefined, c.Delete("b", "")
		}, "400"},
		{"delete", func(c script.Collection) (value.Value, error) {
			return value.Undefined, c.Delete(alt+"/docs/b", "")
		}, ""},
		{"delete it again", func(c script.Collection) (value.Value, error) {
			return value.Undefined, c.Delete(alt+"/docs/b", "")
		}, "404"},
	}
	got := map[string]string{}
	s, coll := scriptServer(t, &engine{scripts: map[string]func(script.Invocation) (script.Result, error){
		"steps": func(in script.Invocation) (script.Result, error) {
			self, alt = in.Collection.SelfLink(), in.Collection.AltLink()
			for _, st := range steps {
				v, err := st.do(in.Collection)
				got[st.name] = v.Get("id").AsString()
				if e, ok := err.(*script.Error); ok {
					got[st.name] = fmt.Sprint(e.Number)
					require.Contains(t, e.Message, `{"Errors":["`, st.name)
				} else {
					require.NoError(t, err, st.name)
				}
			}
			return done(value.True)
		},
	}}, 0)
	s.do("POST", coll+"/docs", pk("q"), h{"id": "foreign", "pk": "q"}).want(t, 201)
	s.do("POST", coll+"/sprocs/steps", pk("p"), "[]").want(t, 200)
	for _, st := range steps {
		require.Equal(t, st.want, got[st.name], st.name)
	}
	require.Equal(t, "dbs/d/colls/c", alt)
}

// The server tells a script to stop after as many operations as it was started with.
func TestProceduresAreToldToStop(t *testing.T) {
	t.Parallel()
	accepted := func(in script.Invocation) (script.Result, error) {
		n := int64(0)
		for n < 100 && in.Collection.Accept() {
			n++
		}
		return done(value.Int(n))
	}
	for most, want := range map[int]string{0: "100", 1: "1", 7: "7"} {
		s, coll := scriptServer(t, &engine{scripts: map[string]func(script.Invocation) (script.Result, error){
			"many": accepted}}, most)
		for range 2 { // of each run, not of all
			require.Equal(t, want, s.do("POST", coll+"/sprocs/many", pk("p"), "[]").want(t, 200).body)
		}
	}
}
