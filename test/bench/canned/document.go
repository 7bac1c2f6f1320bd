package canned

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// Document is an order of about 1 KB, with the properties that the service adds.
type Document struct {
	ID          string   `json:"id"`
	PK          string   `json:"pk"`
	Seq         int64    `json:"seq"` // beyond 2^53
	Total       float64  `json:"total"`
	Paid        bool     `json:"paid"`
	Note        *string  `json:"note"`
	Customer    string   `json:"customer"`
	Email       string   `json:"email"`
	CreatedAt   string   `json:"createdAt"`
	Tags        []string `json:"tags"`
	Address     Address  `json:"address"`
	Lines       []Line   `json:"lines"`
	Description string   `json:"description"`

	Rid         string `json:"_rid,omitempty"`
	Self        string `json:"_self,omitempty"`
	ETag        string `json:"_etag,omitempty"`
	Attachments string `json:"_attachments,omitempty"`
	TS          int64  `json:"_ts,omitempty"`
}

// Address is where a [Document] goes.
type Address struct {
	Street string    `json:"street"`
	City   string    `json:"city"`
	Zip    string    `json:"zip"`
	Geo    []float64 `json:"geo"`
}

// Line is one line of a [Document].
type Line struct {
	SKU   string  `json:"sku"`
	Qty   int     `json:"qty"`
	Price float64 `json:"price"`
}

// NewDocument returns document number i, the same every time.
func NewDocument(i int) Document {
	r := rand.New(rand.NewPCG(1, uint64(i)))
	words := strings.Fields(
		"alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec")
	word := func() string { return words[r.IntN(len(words))] }
	d := Document{
		ID: fmt.Sprintf("%08x-%04x-4%03x-9%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12),
			r.IntN(1<<12), i),
		PK:        fmt.Sprintf("tenant-%05d", i%997),
		Seq:       9007199254740993 + int64(i),
		Total:     float64(r.IntN(1e6)) / 100,
		Paid:      i%2 == 0,
		Customer:  word() + " " + word(),
		Email:     word() + "@example.com",
		CreatedAt: "2026-11-24T01:37:07.1234567Z",
		Tags:      []string{word(), word(), "café"},
		Address: Address{fmt.Sprintf("%d %s street", r.IntN(999), word()), word(), fmt.Sprint(10000 + r.IntN(89999)),
			[]float64{-122.123456, 47.654321}},
	}
	for range 4 {
		d.Lines = append(d.Lines,
			Line{fmt.Sprintf("%08x-%04x", r.Uint32(), r.IntN(1<<16)), r.IntN(9) + 1, float64(r.IntN(10000)) / 100})
	}
	for len(d.Description) < 150 {
		d.Description += word() + " "
	}
	d.Description += `said "hi" \ done`
	return d
}

// Stored is the document with what the service adds.
func (d Document) Stored() Document {
	d.Rid = "V1cKANXMGgABAAAAAAAAAA=="
	d.Self = "dbs/V1cKAA==/colls/V1cKANXMGgA=/docs/V1cKANXMGgABAAAAAAAAAA==/"
	d.ETag = `"0000d826-0000-0700-0000-673f1d0e0000"`
	d.Attachments = "attachments/"
	d.TS = 1795484227
	return d
}

// JSON encodes the document.
func (d Document) JSON() []byte {
	b, err := json.Marshal(d)
	if err != nil {
		panic(err) // a struct of plain values
	}
	return b
}

// page is the body of a query's answer with n documents.
func page(n int) []byte {
	b := []byte(`{"_rid":"V1cKANXMGgA=","Documents":[`)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, NewDocument(i).Stored().JSON()...)
	}
	return fmt.Appendf(b, `],"_count":%d}`, n)
}
