package rest

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// bare makes a step that answers without a header of the service.
func bare(status int, body string) step {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"text/html"}},
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}, nil
	}
}

// A stranger's answer is a lost answer: reads are repeated, writes are of unknown outcome.
func TestStrangers(t *testing.T) {
	t.Parallel()
	const page = "<html><body>Please log in</body></html>"
	for _, tt := range []struct {
		name    string
		known   bool // the server has sent x-ms- headers before
		step    step
		foreign bool
	}{
		{"a login page", true, bare(200, page), true},
		{"a login page, first of all", false, bare(200, page), true},
		{"nothing with 204", true, bare(204, ""), true},
		{"nothing with 204, first of all", false, bare(204, ""), false},
		{"another service's JSON", true, bare(200, `{"ok":true}`), true},
		{"an emulator's JSON", false, bare(201, `{"id":"1"}`), false},
		{"an emulator's JSON behind blanks", false, bare(200, "\r\n\t {}"), false},
		{"nothing but blanks", false, bare(200, " \r\n"), true},
		{"a number", false, bare(200, "404"), true},
		{"a proxy's refusal", true, bare(403, page), true},
		{"a gateway's 404", true, bare(404, `{"message":"no route"}`), true},
		{"a gateway's 409", true, bare(409, ``), true},
		{"a redirect", true, bare(302, ""), true},
	} {
		synctest.Test(t, func(t *testing.T) {
			begin := func(steps ...step) *Client {
				if tt.known {
					steps = append([]step{fine}, steps...)
				}
				c, _ := scripted(t, nil, steps...)
				if tt.known {
					_, err := c.Do(t.Context(), readReq())
					require.NoError(t, err)
				}
				return c
			}
			resp, err := begin(tt.step).Do(t.Context(), writeReq())
			require.Equal(t, tt.foreign, errors.Is(err, ErrUnknownOutcome), "%s: %v", tt.name, err)
			require.Equal(t, 1, resp.Attempts)
			if !tt.foreign {
				return
			}
			require.ErrorContains(t, err, "does not come from Cosmos DB", tt.name)
			resp, err = begin(tt.step, tt.step, fine).Do(t.Context(), readReq())
			require.NoError(t, err, tt.name)
			require.Equal(t, 3, resp.Attempts, "a read is repeated")
		})
	}
}

// A success whose body is damaged or breaks off is a broken connection.
func TestDamagedAnswers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body  string
		shape Shape
	}{
		"truncated":                         {`{"id":"1"`, Object},
		"nothing":                           {``, Object},
		"another value":                     {`[]`, Object},
		"HTML of the service's own gateway": {`<html>`, Object},
		"two values":                        {`{}{}`, Object},
		"no array":                          {`{}`, Array},
		"an array that breaks off":          {`[{"statusCode":200},`, Array},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, s := scripted(t, nil, answers(200, tt.body), answers(200, `{}`))
			read := readReq()
			read.Shape = tt.shape
			if tt.shape == Array {
				s.play(answers(200, tt.body), answers(200, `[]`))
			}
			resp, err := c.Do(t.Context(), read)
			require.NoError(t, err, name)
			require.Equal(t, 2, resp.Attempts, name)
			if tt.body == "" {
				return
			}
			s.play(answers(200, tt.body))
			write := writeReq()
			write.Shape = tt.shape
			_, err = c.Do(t.Context(), write)
			require.ErrorIs(t, err, ErrUnknownOutcome, name)
		})
	}
	c, _ := scripted(t, nil, answers(201, ``))
	_, err := c.Do(t.Context(), writeReq())
	require.NoError(t, err, "a write that asks for no content")
	c, _ = scripted(t, nil, answers(200, `plain text`))
	script := writeReq()
	script.Shape = Anything
	_, err = c.Do(t.Context(), script)
	require.NoError(t, err, "a script answers what it likes")

	// Who knows more of the answer than its shape judges it alone.
	own := writeReq()
	own.Shape, own.Accept = Object, func(body []byte) error { return nil }
	_, err = c.Do(t.Context(), own)
	require.NoError(t, err)
	bad := errors.New("it is about another document")
	own.Accept = func([]byte) error { return bad }
	_, err = c.Do(t.Context(), own)
	require.ErrorIs(t, err, bad)
	require.ErrorIs(t, err, ErrUnknownOutcome)
}

// An answer is not read beyond the limit, however large it says it is.
func TestBounds(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, nil, answers(200, `{"a":"`+strings.Repeat("x", 2000)+`"}`))
	c.maxAnswer = 1000
	resp, err := c.Do(t.Context(), readReq())
	require.ErrorIs(t, err, errTooMuch)
	require.ErrorContains(t, err, "more than 1000 bytes; MaxResponseBytes")
	require.Equal(t, 1, resp.Attempts, "it would be as large again")
	_, err = c.Do(t.Context(), writeReq())
	require.ErrorIs(t, err, ErrUnknownOutcome)

	read := 0
	s.play(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 400, Header: http.Header{HeaderRequestCharge: {"1"}}, ContentLength: -1,
			Body: io.NopCloser(readerFunc(func(p []byte) (int, error) {
				read += len(p)
				return len(p), nil
			}))}, nil
	})
	_, err = c.Do(t.Context(), readReq())
	var f *Failure
	require.ErrorAs(t, err, &f)
	require.Less(t, read, 4<<20, "the body of an error ends at 1 MB")
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// What a header cannot carry is refused before anything is sent.
func TestHeadersThatCannotBeSent(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Request, string){
		"x-ms-session-token":         func(r *Request, v string) { r.SessionToken = v },
		"x-ms-consistency-level":     func(r *Request, v string) { r.Consistency = v },
		"if-match":                   func(r *Request, v string) { r.Set(HeaderIfMatch, v) },
		"x-ms-continuation":          func(r *Request, v string) { r.Set(HeaderContinuation, v) },
		"x-ms-cosmos-priority-level": func(r *Request, v string) { r.Set(HeaderPriority, v) },
	} {
		for _, value := range []string{"a\r\nX: y", "a\nb", "a\x00", "\x7f"} {
			c, s := scripted(t, nil, fine)
			req := readReq()
			change(req, value)
			_, err := c.Do(t.Context(), req)
			require.ErrorContains(t, err, "header "+name)
			require.NotContains(t, err.Error(), "X: y")
			require.Empty(t, s.seen)
		}
		c, _ := scripted(t, nil, fine)
		req := readReq()
		change(req, "é\tü")
		_, err := c.Do(t.Context(), req)
		require.NoError(t, err)
	}
	auth, err := NewMasterKey(sampleKey)
	require.NoError(t, err)
	_, err = New(Config{Endpoint: "https://a.test", Auth: auth, UserAgent: "a\nb"})
	require.ErrorContains(t, err, "user agent")
}
