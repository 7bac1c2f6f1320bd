package engine

import (
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/value"
)

func itoa(i int64) string { return strconv.FormatInt(i, 10) }

// collection gives a script its collection until the script ends: one that was left behind does nothing more.
type collection struct {
	script.Collection
	until time.Time // when no operation is begun any more
	mu    sync.Mutex
	ended bool
}

func (c *collection) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
}

// native are the functions under api.js. Each gives an object with value, or with error and number.
func (c *collection) native(m *machine) *goja.Object {
	o := m.NewObject()
	o.Set("selfLink", c.SelfLink())
	o.Set("altLink", c.AltLink())
	o.Set("accept", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return !c.ended && time.Now().Before(c.until) && c.Accept()
	})
	// do runs one operation.
	do := func(op func() (value.Value, error)) goja.Value {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.ended {
			return m.outcome(value.Undefined, &script.Error{Message: timedOut})
		}
		return m.outcome(op())
	}
	o.Set("create", func(doc goja.Value) goja.Value {
		v := m.document(doc)
		return do(func() (value.Value, error) { return c.Create(v) })
	})
	o.Set("upsert", func(doc goja.Value, etag string) goja.Value {
		v := m.document(doc)
		return do(func() (value.Value, error) { return c.Upsert(v, etag) })
	})
	o.Set("read", func(link string) goja.Value {
		return do(func() (value.Value, error) { return c.Read(link) })
	})
	o.Set("replace", func(link string, doc goja.Value, etag string) goja.Value {
		v := m.document(doc)
		return do(func() (value.Value, error) { return c.Replace(link, v, etag) })
	})
	o.Set("remove", func(link, etag string) goja.Value {
		return do(func() (value.Value, error) { return value.Undefined, c.Delete(link, etag) })
	})
	o.Set("query", func(text string, params goja.Value, size int, continuation string) goja.Value {
		q := script.Query{Text: text, PageSize: size, Continuation: continuation, Params: map[string]value.Value{}}
		for p := range m.document(params).Elems() {
			q.Params[p.Get("name").AsString()] = p.Get("value")
		}
		return do(func() (value.Value, error) {
			page, err := c.Query(q)
			return value.Object([]value.Member{
				{Name: "rows", Value: value.Array(page.Rows)}, {Name: "next", Value: value.String(page.Next)}}), err
		})
	})
	return o
}

// document takes a value out for an operation; one that JSON cannot say is an exception.
func (m *machine) document(v goja.Value) value.Value {
	out, err := m.fromJS(v)
	if err != nil {
		panic(err)
	}
	return out
}

func (m *machine) outcome(v value.Value, err error) goja.Value {
	o := m.NewObject()
	var e *script.Error
	switch {
	case err == nil:
		o.Set("value", m.toJS(v))
	case errors.As(err, &e):
		o.Set("error", e.Message)
		o.Set("number", e.Number)
	default:
		o.Set("error", err.Error())
		o.Set("number", 500)
	}
	return o
}
