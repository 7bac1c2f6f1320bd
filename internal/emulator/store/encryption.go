package store

import "github.com/cosmossql/cosmossql/internal/value"

// keysPath is the segment of a path that client encryption keys have, and their member of a saved database.
const keysPath = "clientencryptionkeys"

// EncryptionKeys lists the database's client encryption keys, oldest first: keys that clients have wrapped, which mean
// nothing to the server.
func (d *Database) EncryptionKeys() []*Resource { return list(d.account, &d.keys) }

// EncryptionKey finds a client encryption key by id or rid.
func (d *Database) EncryptionKey(name string) (*Resource, error) {
	return find(d.account, &d.keys, name)
}

// PutEncryptionKey adds a client encryption key from its JSON, or replaces old unless that is nil. A non-empty ifMatch
// must be the present etag of old.
func (d *Database) PutEncryptionKey(old *Resource, body []byte, ifMatch string) (*Resource, error) {
	if old == nil {
		return d.addEncryptionKey(body, false)
	}
	in, id, err := parseEncryptionKey(body)
	if err != nil {
		return nil, err
	}
	d.account.mu.Lock()
	defer d.account.mu.Unlock()
	if !d.account.databases.has(d) {
		return nil, notFound() // deleted since the caller found it
	}
	now, err := present(&d.keys, old)
	if err != nil {
		return nil, err
	}
	if err := Match(ifMatch, now.ETag()); err != nil {
		return nil, err
	}
	if id != now.ID() {
		return nil, Errorf(400, 0, "The id of a client encryption key cannot be changed.")
	}
	r := d.account.newResource(in, id, now.RID(), now.Self())
	d.keys.replace(now, r)
	return r, nil
}

// addEncryptionKey adds a key; one that is restored keeps the rid, etag and time of its JSON.
func (d *Database) addEncryptionKey(body []byte, restore bool) (*Resource, error) {
	in, id, err := parseEncryptionKey(body)
	if err != nil {
		return nil, err
	}
	d.account.mu.Lock()
	defer d.account.mu.Unlock()
	if !d.account.databases.has(d) {
		return nil, notFound() // deleted since the caller found it
	}
	if d.keys.taken(id) {
		return nil, taken()
	}
	raw := newUserRID(d.ridBytes)
	if restore {
		raw = savedRID(in, d.ridBytes, 8, raw)
	}
	for d.keys.taken(ridText(raw)) {
		raw = newUserRID(d.ridBytes)
	}
	rid := ridText(raw)
	r := d.account.newResource(in, id, rid, "dbs/"+d.RID()+"/"+keysPath+"/"+rid+"/")
	if restore {
		r = r.restored(d.account, in)
	}
	d.keys.add(r)
	return r, nil
}

func parseEncryptionKey(body []byte) (value.Value, string, error) {
	in, id, err := parseResource(body)
	if err != nil {
		return in, "", err
	}
	missing := ""
	for _, required := range []struct {
		name string
		kind value.Kind
	}{
		{"encryptionAlgorithm", value.KindString}, {"wrappedDataEncryptionKey", value.KindString},
		{"keyWrapMetadata", value.KindObject},
	} {
		if in.Get(required.name).Kind() != required.kind {
			missing += required.name + "; "
		}
	}
	if missing != "" {
		return in, "", Errorf(400, 0,
			"The input content is invalid because the required properties - '%s' - are missing", missing)
	}
	return in, id, nil
}
