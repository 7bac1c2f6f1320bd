package gateway

import (
	"net/http"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// scriptKind reads the kind of script off the path. The second is the name of the list in a feed (PROTOCOL.md 3.1).
func (c *call) scriptKind() (store.ScriptKind, string) {
	switch c.path[4] {
	case "sprocs":
		return store.Procedure, "StoredProcedures"
	case "triggers":
		return store.Trigger, "Triggers"
	}
	return store.Function, "UserDefinedFunctions"
}

func (c *call) listScripts(x *store.Container) (reply, error) {
	kind, name := c.scriptKind()
	c.scriptQuota(x, kind)
	return listMetadata(c, x.RID(), name, x.Scripts.List(kind))
}

// scriptQuota writes how many scripts of a kind there may be, and are. Bounds and names are recorded (157, 159 and
// 161). The bounds are not enforced.
func (c *call) scriptQuota(x *store.Container, kind store.ScriptKind) {
	name, most := "functions", 50
	switch kind {
	case store.Procedure:
		name, most = "storedProcedures", 100
	case store.Trigger:
		name, most = "triggers", 25
	}
	c.quota(name, most, len(x.Scripts.List(kind)))
}

// The body is stored whatever it is: the service takes "something" for a procedure (o65).
func (c *call) createScript(x *store.Container) (reply, error) {
	kind, _ := c.scriptKind()
	r, err := x.Scripts.Create(kind, c.body)
	if err != nil {
		return reply{}, err
	}
	c.scriptQuota(x, kind)
	return c.resource(http.StatusCreated, r, chargeWrite), nil
}

func (c *call) readScript(x *store.Container) (reply, error) {
	kind, _ := c.scriptKind()
	r, err := x.Scripts.Find(kind, c.path[5])
	if err != nil {
		return reply{}, err
	}
	return c.resource(http.StatusOK, r, chargeOne), nil
}

func (c *call) replaceScript(x *store.Container) (reply, error) {
	kind, _ := c.scriptKind()
	r, err := x.Scripts.Replace(kind, c.path[5], c.body, c.header(headerIfMatch))
	if err != nil {
		return reply{}, err
	}
	return c.resource(http.StatusOK, r, chargeReplace), nil
}

func (c *call) deleteScript(x *store.Container) (reply, error) {
	kind, _ := c.scriptKind()
	err := x.Scripts.Delete(kind, c.path[5], c.header(headerIfMatch))
	return reply{status: http.StatusNoContent, charge: chargeWrite}, err
}
