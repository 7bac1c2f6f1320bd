package store

import "github.com/cosmossql/cosmossql/internal/value"

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
	in, id, err := parseResource(body)
	if err != nil {
		return nil, err
	}
	for name, kind := range map[string]value.Kind{
		"encryptionAlgorithm": value.KindString, "wrappedDataEncryptionKey": value.KindString,
		"keyWrapMetadata": value.KindObject,
	} {
		if in.Get(name).Kind() != kind {
			return nil, Errorf(400, 0,
				"The input content is invalid because the required properties - '%s; ' - are missing", name)
		}
	}
	a := d.account
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.databases.has(d) {
		return nil, notFound() // deleted since the caller found it
	}
	if old == nil {
		if d.keys.taken(id) {
			return nil, taken()
		}
		rid := ridText(newUserRID(d.ridBytes))
		r := a.newResource(in, id, rid, "dbs/"+d.RID()+"/clientencryptionkeys/"+rid+"/")
		d.keys.add(r)
		return r, nil
	}
	if err := Match(ifMatch, old.ETag()); err != nil {
		return nil, err
	}
	if id != old.ID() {
		return nil, Errorf(400, 0, "The id of a client encryption key cannot be changed.")
	}
	r := a.newResource(in, id, old.RID(), old.Self())
	if !d.keys.replace(old, r) {
		return nil, notFound()
	}
	return r, nil
}
