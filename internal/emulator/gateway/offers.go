package gateway

import (
	"net/http"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// Clients find the offer of a container by a query over this list, since no path leads from one to the other.
func (c *call) listOffers() (reply, error) {
	return listMetadata(c, "", "Offers", c.g.account.Offers())
}

// By its resource id alone: azcosmos goes to the _self that a query of offers gave it, with a slash at the end.
func (c *call) readOffer() (reply, error) {
	o, err := c.g.account.Offer(c.path[1])
	if err != nil {
		return reply{}, err
	}
	return c.offer(o, http.StatusOK), nil
}

func (c *call) replaceOffer() (reply, error) {
	// Between manual and automatic throughput only with one of these headers: the service refuses it otherwise
	// (PROTOCOL.md 3.5).
	migrate := c.flag("x-ms-cosmos-migrate-offer-to-autopilot") ||
		c.flag("x-ms-cosmos-migrate-offer-to-manual-throughput")
	o, err := c.g.account.ReplaceOffer(c.path[1], c.body, migrate, c.header(headerIfMatch))
	if err != nil {
		return reply{}, err
	}
	// 202, or 200 with the header; clients must understand both, and this server gives both at once.
	if o.Pending {
		return c.offer(o, http.StatusAccepted), nil
	}
	return c.offer(o, http.StatusOK), nil
}

// The two headers tell whether a change is under way and how low the throughput may be set (PROTOCOL.md 3.5).
func (c *call) offer(o *store.Offer, status int) reply {
	c.set("x-ms-offer-replace-pending", strconv.FormatBool(o.Pending))
	c.set("x-ms-cosmos-min-throughput", o.MinThroughput())
	return c.resource(status, o.Resource, chargeRead)
}
