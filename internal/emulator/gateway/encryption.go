package gateway

import (
	"net/http"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// Client encryption keys are wrapped by their client; the server stores and returns them, and understands nothing of
// them.
func (c *call) listEncryptionKeys(d *store.Database) (reply, error) {
	return listMetadata(c, d.RID(), "ClientEncryptionKeys", d.EncryptionKeys())
}

func (c *call) createEncryptionKey(d *store.Database) (reply, error) {
	r, err := d.PutEncryptionKey(nil, c.body, "")
	if err != nil {
		return reply{}, err
	}
	return c.resource(http.StatusCreated, r, chargeWrite), nil
}

func (c *call) readEncryptionKey(d *store.Database) (reply, error) {
	r, err := d.EncryptionKey(c.path[3])
	if err != nil {
		return reply{}, err
	}
	return c.resource(http.StatusOK, r, chargeRead), nil
}

func (c *call) replaceEncryptionKey(d *store.Database) (reply, error) {
	old, err := d.EncryptionKey(c.path[3])
	if err != nil {
		return reply{}, err
	}
	r, err := d.PutEncryptionKey(old, c.body, c.header(headerIfMatch))
	if err != nil {
		return reply{}, err
	}
	return c.resource(http.StatusOK, r, chargeReplace), nil
}

// listAttachments replies with none: documents have no attachments any more, and old clients ask.
func (c *call) listAttachments(x *store.Container, n itemName) (reply, error) {
	it, mark, err := x.Read(n.epk, n.id)
	c.answered(mark)
	if err != nil {
		return reply{}, err
	}
	return c.feed(it.RID, "Attachments", nil, chargeOne), nil
}
