package gateway

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/partition"
)

// grant is what a resource token says: which permission it is of, and until when. Resource ids, so that a token does
// not pass to a database or user that takes the name later.
type grant struct {
	Database   string `json:"d"` // rids
	User       string `json:"u"`
	Permission string `json:"p"`
	Expires    int64  `json:"e"`
}

// mint makes the token of a permission. The form is that of real tokens: sixteen bytes of a signature, then what it
// signs (PROTOCOL.md 1.6).
func (g *Gateway) mint(d *store.Database, u *store.User, p *store.Permission, life time.Duration) string {
	payload, _ := json.Marshal(grant{d.RID(), u.RID(), p.RID(), time.Now().Add(life).Unix()})
	text := base64.StdEncoding.EncodeToString(payload)
	return "type=resource&ver=1&sig=" + base64.StdEncoding.EncodeToString(g.key.sign(text)[:16]) + ";" + text + ";"
}

// checkResourceToken verifies a token and that its permission covers the request. The permission is looked up with
// every request: one that was deleted or narrowed ends its tokens.
func (c *call) checkResourceToken(sig string) error {
	mac, rest, _ := strings.Cut(sig, ";")
	text, _, _ := strings.Cut(rest, ";")
	payload, err := base64.StdEncoding.DecodeString(text)
	var t grant
	if err != nil || mac != base64.StdEncoding.EncodeToString(c.g.key.sign(text)[:16]) ||
		json.Unmarshal(payload, &t) != nil {
		return refuse(401, subBadToken,
			"The input authorization token can't serve the request. The resource token is not one of this server's.")
	}
	// By the real clock, like signatures.
	if time.Now().Unix() >= t.Expires {
		return refuse(403, 0,
			"The authorization token is not valid at the current time. Please create another token and retry "+
				"(token expiry time: %s).", time.Unix(t.Expires, 0).UTC().Format(time.RFC1123))
	}
	p, err := c.g.permission(t)
	if err != nil {
		return refuse(403, 0, "The permission of the resource token does not exist any more.")
	}
	if !c.covers(p) {
		return insufficient()
	}
	return nil
}

// checkEntraToken verifies an access token of the kind that emulators accept: an unsigned JWT whose third part is the
// text of the master key. Nothing can be asked of Entra ID by a server without a network. Programs must be testable
// with a credential all the same.
func (c *call) checkEntraToken(jwt string) error {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 || strings.TrimRight(parts[2],
		"=") != base64.RawURLEncoding.EncodeToString([]byte(c.g.opts.Key)) {
		return refuse(401, subEntra,
			"The access token is not valid: this server takes a JWT whose signature is its master key.")
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	var claims struct {
		Expires int64 `json:"exp"`
	}
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return refuse(401, subEntra, "The access token is not valid: its claims cannot be read.")
	}
	if time.Now().Unix() >= claims.Expires {
		return refuse(401, subEntra, "The access token has expired.")
	}
	if !inDataPlane(c.op.name) {
		// Word by word as the service says it (PROTOCOL.md, appendix A).
		return refuse(403, subNotByEntra, "Request blocked by Auth ACCOUNT : The given request [%s %s] cannot be "+
			"authorized by AAD token in data plane. "+
			"Learn more: https://aka.ms/cosmos-native-rbac.", c.r.Method, c.r.URL.Path)
	}
	return nil
}

// inDataPlane reports whether an identity of Entra ID may be allowed to do it with the data. What manages databases,
// containers, throughput, users and scripts it may not, whatever its roles. Documents, queries, feeds, ranges and
// reading a container are allowed (PROTOCOL.md 1.6, AAD).
func inDataPlane(op Operation) bool {
	switch op {
	case CreateDatabase, DeleteDatabase, CreateContainer, ReplaceContainer, DeleteContainer, ListOffers,
		ReadOffer, ReplaceOffer,
		ManageUsers, ManagePermissions, ManageScripts, ManageEncryptionKeys:
		return false
	}
	return true
}

func (g *Gateway) permission(t grant) (*store.Permission, error) {
	d, err := g.account.Database(t.Database)
	if err != nil {
		return nil, err
	}
	u, err := d.User(t.User)
	if err != nil {
		return nil, err
	}
	return u.Permission(t.Permission)
}

// covers reports whether the permission is for what the request is about. Everybody may read the account; who may do
// something in a container may read its definition and its ranges, without which no client finds its way. A
// permission on a document covers reading its container's definition, as every SDK asks for the key first. Ranges are
// read by every client that fans out (PROTOCOL.md 1.6).
func (c *call) covers(p *store.Permission) bool {
	switch c.op.name {
	case ReadAccount:
		return true
	// Else whoever has a token could make better ones.
	case ManageUsers, ManagePermissions:
		return false
	}
	if c.op.writes && !p.All {
		return false
	}
	target, path := c.g.rids(strings.Split(p.Target, "/")), c.g.rids(c.path)
	if c.op.name == ReadContainer || c.op.name == ReadRanges {
		return within(path[:4], target) || within(target, path)
	}
	if !within(target, path) {
		return false
	}
	return p.Key == nil || c.stays(p.Key)
}

// within reports whether path is the target or below it. Name by name and not by the text of the path: dbs/a is not
// below dbs/ab.
func within(target, path []string) bool {
	return len(path) >= len(target) && slices.Equal(target, path[:len(target)])
}

// stays reports whether the request touches nothing but one logical partition: its header names the key, or, in a
// bulk request, each of its operations does. Plans touch nothing. A query without the header could read other keys,
// whatever its filter says.
func (c *call) stays(key partition.Key) bool {
	same := func(text string) bool {
		k, err := partition.ParseKey(text)
		return err == nil && k.Header() == key.Header()
	}
	switch c.op.name {
	case QueryPlan:
		return true
	case Bulk:
		if c.header(headerKey) != "" {
			return same(c.header(headerKey))
		}
		var ops []batchOperation
		if json.Unmarshal(c.body, &ops) != nil {
			return false
		}
		return !slices.ContainsFunc(ops, func(o batchOperation) bool { return !same(keyText(o.PartitionKey)) })
	case List, ChangeFeed, Query, Create, Upsert, Read, Replace, Patch, Delete, Batch, DeletePartitionKey,
		ExecuteScript:
		return same(c.header(headerKey))
	}
	return false
}

// rids replaces the names of a database and a container in a path by their rids, so that paths of either form
// compare. What cannot be found stays as it is, and then equals nothing.
func (g *Gateway) rids(path []string) []string {
	out := append([]string(nil), path...)
	if len(out) < 2 {
		return out
	}
	d, err := g.account.Database(out[1])
	if err != nil {
		return out
	}
	out[1] = d.RID()
	if len(out) >= 4 && out[2] == "colls" {
		if c, err := d.Container(out[3]); err == nil {
			out[3] = c.RID()
			if len(out) == 6 && out[4] == "docs" {
				if it, err := c.ByRID(out[5]); err == nil {
					out[5] = it.ID
				}
			}
		}
	}
	return out
}
