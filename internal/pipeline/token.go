package pipeline

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// tokenPrefix marks the continuations of this package and the version of what follows. A token of another version, or
// of another client, is told as such instead of as damaged.
const tokenPrefix = "c1."

// token is what a continuation says: which ranges are left, and where the stages stand. Short names, as tokens go
// into URLs and headers.
type token struct {
	Query  string          `json:"q"` // fingerprint
	Ranges []savedRange    `json:"c"`
	Order  []savedPosition `json:"o,omitempty"`
	Skip   *int64          `json:"s,omitempty"` // rows that OFFSET still drops
	Takes  []int64         `json:"t,omitempty"` // rows that LIMIT and TOP still let through, in the order of the stages
	Last   []byte          `json:"d,omitempty"` // hash of the last row, of ordered DISTINCT
}

// savedRange is a range of the container that has rows left: the EPKs [Min, Max), the continuation of the next page,
// and how many rows at its head have been handed out: a hint for its size, it is the positions that tell which.
type savedRange struct {
	Min          string  `json:"a"`
	Max          string  `json:"b"`
	Point        *string `json:"p,omitempty"` // see cursor
	Continuation string  `json:"t,omitempty"`
	Taken        int     `json:"n,omitempty"`
}

// savedPosition is a position of a merge. A key is a list of one value, or of none if it is undefined.
type savedPosition struct {
	Keys  [][]json.RawMessage `json:"k"`
	RID   string              `json:"r"`
	Min   string              `json:"a"`
	Max   string              `json:"b"`
	Count int                 `json:"n,omitempty"`
}

func (t *token) addRange(c *cursor, continuation string, taken int) {
	t.Ranges = append(t.Ranges, savedRange{c.min, c.max, c.point, continuation, taken})
}

func (t *token) sort() {
	slices.SortFunc(t.Ranges, func(a, b savedRange) int { return partition.Compare(a.Min, b.Min) })
}

func (t *token) addPosition(p *position, count int) {
	s := savedPosition{RID: string(p.rid), Min: p.min, Max: p.max, Count: count}
	for _, key := range p.keys {
		list := []json.RawMessage{}
		if key.IsDefined() {
			list = append(list, value.AppendJSON(nil, key))
		}
		s.Keys = append(s.Keys, list)
	}
	t.Order = append(t.Order, s)
}

// positions returns those that a merge goes on from. The checksum has been right, so a key that is not JSON was made
// by another program.
func (t *token) positions() ([]*position, error) {
	var list []*position
	for _, s := range t.Order {
		p := &position{rid: []byte(s.RID), min: s.Min, max: s.Max, given: s.Count, left: s.Count}
		for _, key := range s.Keys {
			v := value.Undefined
			if len(key) > 0 {
				var err error
				if v, err = value.Parse(key[0]); err != nil {
					return nil, fmt.Errorf("%w: it holds a sort key that is not JSON", ErrContinuation)
				}
			}
			p.keys = append(p.keys, v)
		}
		list = append(list, p)
	}
	return list, nil
}

// fingerprint tells queries apart: by text, by what else makes the query, and by the way it is answered. A token
// of another query would give wrong rows in silence. Nine bytes, twelve characters, do not agree by accident; they are
// no secret, and guard against mistakes only.
func fingerprint(o Options) string {
	feed := ""
	if o.Access.Feed != nil {
		feed = o.Access.Feed.Min + "," + o.Access.Feed.Max
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s\x00%s\x00%s", o.Access.Kind, o.Access.Key, feed, o.Identity,
		o.Query))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// The checksum finds a token that was cut or changed on its way through a form or a URL.
func (t *token) encode() (string, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("cosmos: continuation: %w", err)
	}
	text = binary.BigEndian.AppendUint32(text, crc32.ChecksumIEEE(text))
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(text), nil
}

// decode reads a continuation that is to resume the query with a fingerprint. Tokens come back from browsers:
// whatever is in them must end in an error and never in a panic or a foreign range.
func decode(text, query string) (*token, error) {
	body, ok := strings.CutPrefix(text, tokenPrefix)
	if !ok {
		return nil, fmt.Errorf("%w: it was not made by this version of cosmossql; "+
			"pass the Continuation of a page that this client returned", ErrContinuation)
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || len(raw) < 4 {
		return nil, fmt.Errorf("%w: it is damaged; pass it exactly as it was returned", ErrContinuation)
	}
	raw, sum := raw[:len(raw)-4], binary.BigEndian.Uint32(raw[len(raw)-4:])
	t := &token{}
	if crc32.ChecksumIEEE(raw) != sum || json.Unmarshal(raw, t) != nil || len(t.Ranges) == 0 {
		return nil, fmt.Errorf("%w: it is damaged; pass it exactly as it was returned", ErrContinuation)
	}
	if t.Query != query {
		return nil, fmt.Errorf("%w: it belongs to another query, "+
			"or to the same with other parameters, partition key, feed range or container", ErrContinuation)
	}
	return t, nil
}
