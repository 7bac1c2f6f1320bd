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

// tokenPrefix marks the continuations of this package and the version of what follows.
const tokenPrefix = "c1."

// token is what a continuation says: which shares are left, and where the stages stand.
type token struct {
	Query  string          `json:"q"` // fingerprint
	Shares []share         `json:"c"`
	Order  []savedPosition `json:"o,omitempty"`
	Skip   *int64          `json:"s,omitempty"` // rows that OFFSET still drops
	Takes  []int64         `json:"t,omitempty"` // rows that LIMIT and TOP still let through, in the order of the stages
	Last   []byte          `json:"d,omitempty"` // hash of the last row, of ordered DISTINCT
}

// share is a part of the container that has rows left: the EPKs [Min, Max), and the continuation of the next page.
type share struct {
	Min          string `json:"a"`
	Max          string `json:"b"`
	Continuation string `json:"t,omitempty"`
}

// savedPosition is a position of a merge. A key is a list of one value, or of none if it is undefined.
type savedPosition struct {
	Keys  [][]json.RawMessage `json:"k"`
	RID   string              `json:"r"`
	Min   string              `json:"a"`
	Max   string              `json:"b"`
	Count int                 `json:"n,omitempty"`
}

func (t *token) addShare(c *cursor, continuation string) {
	t.Shares = append(t.Shares, share{c.min, c.max, continuation})
}

func (t *token) sort() {
	slices.SortFunc(t.Shares, func(a, b share) int { return partition.Compare(a.Min, b.Min) })
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

// positions returns those that a merge goes on from.
func (t *token) positions() ([]*position, error) {
	var list []*position
	for _, s := range t.Order {
		p := &position{rid: []byte(s.RID), min: s.Min, max: s.Max, given: s.Count, left: s.Count}
		for _, key := range s.Keys {
			v := value.Undefined
			if len(key) > 0 {
				var err error
				if v, err = value.Parse(key[0]); err != nil {
					return nil, fmt.Errorf("%w: it holds a sort key that is no JSON", ErrContinuation)
				}
			}
			p.keys = append(p.keys, v)
		}
		list = append(list, p)
	}
	return list, nil
}

// fingerprint tells queries apart: by text, by what else makes the query, and by the way it is answered.
func fingerprint(o Options) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s\x00%s", o.Road.Kind, o.Road.Key, o.Identity, o.Query))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

func (t *token) encode() (string, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("cosmos: continuation: %w", err)
	}
	text = binary.BigEndian.AppendUint32(text, crc32.ChecksumIEEE(text))
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(text), nil
}

// decode reads a continuation that is to resume the query with a fingerprint.
func decode(text, query string) (*token, error) {
	body, ok := strings.CutPrefix(text, tokenPrefix)
	if !ok {
		return nil, fmt.Errorf("%w: it was not made by this version of cosmossql; pass the Continuation of a page that this client returned", ErrContinuation)
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || len(raw) < 4 {
		return nil, fmt.Errorf("%w: it is damaged; pass it exactly as it was returned", ErrContinuation)
	}
	raw, sum := raw[:len(raw)-4], binary.BigEndian.Uint32(raw[len(raw)-4:])
	t := &token{}
	if crc32.ChecksumIEEE(raw) != sum || json.Unmarshal(raw, t) != nil || len(t.Shares) == 0 {
		return nil, fmt.Errorf("%w: it is damaged; pass it exactly as it was returned", ErrContinuation)
	}
	if t.Query != query {
		return nil, fmt.Errorf("%w: it belongs to another query, or to the same with other parameters, partition key or container", ErrContinuation)
	}
	return t, nil
}
