// Package canned is a server that answers like Cosmos DB at next to no cost: whole answers made in advance, over
// HTTP/1.1 read by hand. What a benchmark against it measures is the client.
package canned

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// Options say what the server has to offer.
type Options struct {
	Documents int // rows of a query of the whole container
	PageSize  int // of a page; what clients ask for is not looked at, so that all get the same
}

// Serve answers on the listener until it is closed.
func Serve(l net.Listener, o Options) error {
	s := &server{Options: o, answers: newAnswers("http://" + l.Addr().String() + "/"), page: chunked(page(o.PageSize))}
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go s.serve(conn)
	}
}

type server struct {
	Options
	answers
	page []byte
}

// request is what the server looks at in a request.
type request struct {
	method, path                      string
	body                              []byte
	continuation                      int
	query, plan, minimal, conditional bool
}

func (s *server) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 64<<10)
	var head []byte
	for r := (request{}); r.read(in) == nil; {
		if r.query && !r.plan && !s.single(&r) {
			head = s.pageHead(head[:0], r.continuation)
			if _, err := (&net.Buffers{head, s.page}).WriteTo(conn); err != nil {
				return
			}
			continue
		}
		if _, err := conn.Write(s.choose(&r)); err != nil {
			return
		}
	}
}

// single reports whether the query is for one document.
func (s *server) single(r *request) bool { return bytes.Contains(r.body, []byte("c.id")) }

func (s *server) choose(r *request) []byte {
	switch {
	case r.path == "/":
		return s.account
	case strings.HasSuffix(r.path, "/pkranges"):
		if r.conditional {
			return s.unchanged
		}
		return s.ranges
	case r.plan:
		return s.plan
	case r.query:
		return s.one
	case r.method == "POST" && r.minimal:
		return s.minimal
	case r.method == "POST":
		return s.create
	case strings.Contains(r.path, "/docs/"):
		return s.read
	default:
		return s.container
	}
}

// pageHead starts the answer with page number at of a query; the continuation token of a page is the number of the
// next.
func (s *server) pageHead(b []byte, at int) []byte {
	b = append(b, "HTTP/1.1 200 Ok\r\n"+common+metrics+"x-ms-request-charge: 5.71\r\nx-ms-item-count: "...)
	b = strconv.AppendInt(b, int64(s.PageSize), 10)
	if (at+1)*s.PageSize < s.Documents {
		b = fmt.Appendf(b, "\r\nx-ms-continuation: "+
			"+RID:~V1cKANXMGgBkAAAAAAAAAA==#RT:%d#TRC:100#ISV:2#IEO:65567#QCF:8#FPC:AgEAAAAMAGQAgAEA", at+1)
	}
	return append(b, "\r\nTransfer-Encoding: chunked\r\n\r\n"...)
}

// read reads the next request of a connection into r.
func (r *request) read(in *bufio.Reader) error {
	*r = request{body: r.body[:0]}
	line, err := in.ReadString('\n')
	if err != nil {
		return err
	}
	words := strings.SplitN(line, " ", 3)
	if len(words) != 3 {
		return fmt.Errorf("canned: no request: %q", line)
	}
	r.method = words[0]
	r.path = strings.ReplaceAll(words[1], "//", "/") // azcosmos writes them
	length := 0
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		name, value, ok := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(":"))
		if !ok {
			break
		}
		if err := r.header(name, bytes.TrimSpace(value), &length); err != nil {
			return err
		}
	}
	r.body = append(r.body, make([]byte, length)...)
	_, err = io.ReadFull(in, r.body)
	return err
}

func (r *request) header(name, value []byte, length *int) (err error) {
	is := func(s string) bool { return len(name) == len(s) && bytes.EqualFold(name, []byte(s)) }
	switch {
	case is("Content-Length"):
		*length, err = strconv.Atoi(string(value))
	case is("Content-Type"):
		r.query = bytes.HasPrefix(value, []byte("application/query"))
	case is("Prefer"):
		r.minimal = bytes.Equal(value, []byte("return=minimal"))
	case is("If-None-Match"):
		r.conditional = true
	case is("x-ms-cosmos-is-query-plan-request"):
		r.plan = true
	case is("x-ms-continuation"):
		_, rest, _ := bytes.Cut(value, []byte("#RT:"))
		page, _, _ := bytes.Cut(rest, []byte("#"))
		r.continuation, err = strconv.Atoi(string(page))
	}
	return err
}
