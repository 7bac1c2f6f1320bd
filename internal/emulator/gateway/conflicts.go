package gateway

import (
	"net/http"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// listConflicts replies with a page of the conflicts of a container, or of what a query makes of them: where several
// regions write and the policy leaves it to the users, the writes that did not happen. The list of an account with
// one write region is empty and costs 1 (recorded exchange 162).
func (c *call) listConflicts(x *store.Container) (reply, error) {
	if c.op.body && c.header(headerKey) == "" && c.header(headerRange) == "" {
		if err := c.acrossPartitions(); err != nil {
			return reply{}, err
		}
	}
	t, err := c.target(x)
	if err != nil {
		return reply{}, err
	}
	all, err := x.Conflicts(t.Scope)
	if err != nil {
		return reply{}, err
	}
	c.quota("conflicts", 0, 0)
	c.answered(x.Mark())
	res, err := listMetadata(c, x.RID(), "Conflicts", all)
	res.charge = chargeOne
	return res, err
}

// The key in the header is that of the document in conflict.
func (c *call) readConflict(x *store.Container) (reply, error) {
	epk, err := c.key(x)
	if err != nil {
		return reply{}, err
	}
	conflict, err := x.Conflict(epk, c.path[5])
	if err != nil {
		return reply{}, err
	}
	c.set(headerETag, conflict.ETag())
	return reply{status: http.StatusOK, body: conflict.JSON(), charge: chargeOne}, nil
}

// Which is how a user says that a conflict is resolved (PROTOCOL.md 10.5).
func (c *call) deleteConflict(x *store.Container) (reply, error) {
	epk, err := c.key(x)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent, charge: chargeWrite}, x.DeleteConflict(epk, c.path[5])
}
