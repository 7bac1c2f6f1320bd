package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/cosmos"
)

// Order is what the API is about. Orders are partitioned by customer.
type Order struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Item     string `json:"item"`
	Count    int    `json:"count"`
}

// api serves orders. It keeps no state of its own: any number of processes can serve the same container.
type api struct {
	orders *cosmos.Container
}

func (a api) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /customers/{customer}/orders", handler(a.list))
	mux.Handle("POST /customers/{customer}/orders", handler(a.create))
	mux.Handle("GET /customers/{customer}/orders/{id}", handler(a.read))
	mux.Handle("PUT /customers/{customer}/orders/{id}", handler(a.replace))
	mux.Handle("DELETE /customers/{customer}/orders/{id}", handler(a.remove))
	return mux
}

// list answers a page of orders and, as "more", the token of the next one, which anybody can ask for at any time.
func (a api) list(w http.ResponseWriter, r *http.Request) error {
	limit := 20
	if text := r.FormValue("limit"); text != "" {
		var err error
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > 100 {
			return refuse(http.StatusBadRequest, "limit is a number from 1 to 100")
		}
	}
	pager := a.orders.NewPager(
		"SELECT o.id, o.customer, o.item, o.count FROM o WHERE o.customer = @p1 ORDER BY o.item",
		r.PathValue("customer"),
		cosmos.PageSize(limit), cosmos.Continuation(r.FormValue("more")),
	)
	defer pager.Close()
	page, err := pager.Next(r.Context())
	if err == io.EOF { // there are none
		page, err = &cosmos.Page{Items: []json.RawMessage{}}, nil
	}
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, struct {
		Orders []json.RawMessage `json:"orders"`
		More   string            `json:"more,omitempty"`
	}{page.Items, page.Continuation})
}

func (a api) read(w http.ResponseWriter, r *http.Request) error {
	order, resp, err := cosmos.ReadItem[Order](r.Context(), a.orders, r.PathValue("id"),
		cosmos.PartitionKey(r.PathValue("customer")), cosmos.IfNoneMatch(r.Header.Get("If-None-Match")))
	if err != nil {
		return err
	}
	w.Header().Set("ETag", resp.ETag)
	if resp.StatusCode == http.StatusNotModified {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return answer(w, http.StatusOK, order)
}

func (a api) create(w http.ResponseWriter, r *http.Request) error {
	order, err := body(w, r)
	if err != nil {
		return err
	}
	resp, err := a.orders.CreateItem(r.Context(), order)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", resp.ETag)
	w.Header().Set("Location", r.URL.JoinPath(url.PathEscape(order.ID)).EscapedPath())
	return answer(w, http.StatusCreated, order)
}

// replace changes an order only as its caller has read it: of two who change the same one, the second is told.
func (a api) replace(w http.ResponseWriter, r *http.Request) error {
	order, err := body(w, r)
	if err != nil {
		return err
	}
	etag := r.Header.Get("If-Match")
	if etag == "" {
		return refuse(http.StatusPreconditionRequired, "read the order, and send its ETag as If-Match")
	}
	resp, err := a.orders.ReplaceItem(r.Context(), order.ID, order, cosmos.IfMatch(etag))
	if err != nil {
		return err
	}
	w.Header().Set("ETag", resp.ETag)
	return answer(w, http.StatusOK, order)
}

func (a api) remove(w http.ResponseWriter, r *http.Request) error {
	_, err := a.orders.DeleteItem(r.Context(), r.PathValue("id"), cosmos.PartitionKey(r.PathValue("customer")))
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// body reads an order. Its customer is that of the path, and so is its id where the path has one.
func body(w http.ResponseWriter, r *http.Request) (Order, error) {
	var order Order
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&order); err != nil {
		return order, refuse(http.StatusBadRequest, "not an order: "+err.Error())
	}
	order.Customer = r.PathValue("customer")
	if r.Method == http.MethodPut {
		order.ID = r.PathValue("id")
	}
	if order.ID == "" || strings.ContainsAny(order.ID, `/\?#`) {
		return order, refuse(http.StatusBadRequest, `an order has an id, without / \ ? and #`)
	}
	return order, nil
}

func answer(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(v)
}

// refusal is an error that the caller has made.
type refusal struct {
	status int
	reason string
}

func (r refusal) Error() string { return r.reason }

func refuse(status int, reason string) error { return refusal{status, reason} }

// handler is a handler that may fail.
type handler func(http.ResponseWriter, *http.Request) error

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := h(w, r)
	if err == nil || r.Context().Err() != nil { // done, or the caller has gone
		return
	}
	status, reason := judge(err)
	if status >= 500 {
		slog.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	var throttled *cosmos.Error
	if status == http.StatusServiceUnavailable && errors.As(err, &throttled) && throttled.RetryAfter > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(int(throttled.RetryAfter.Seconds())+1))
	}
	http.Error(w, reason, status)
}

// judge says what to tell the caller of an error. The error itself, with names and requests in it, is for the log.
func judge(err error) (status int, reason string) {
	var r refusal
	switch {
	case errors.As(err, &r):
		return r.status, r.reason
	case errors.Is(err, cosmos.ErrUnknownOutcome): // stands beside others, so that it comes first
		return http.StatusBadGateway, "the change may have been made: read before trying again"
	case errors.Is(err, cosmos.ErrBadContinuation):
		return http.StatusBadRequest, "more is not a token of this list: begin without it"
	case errors.Is(err, cosmos.ErrNotFound):
		return http.StatusNotFound, "no such order"
	case errors.Is(err, cosmos.ErrConflict):
		return http.StatusConflict, "there is an order with this id"
	case errors.Is(err, cosmos.ErrPreconditionFailed):
		return http.StatusPreconditionFailed, "the order has changed since it was read"
	case errors.Is(err, cosmos.ErrThrottled), errors.Is(err, cosmos.ErrUnavailable):
		return http.StatusServiceUnavailable, "busy: try again later"
	}
	return http.StatusInternalServerError, "internal error"
}
