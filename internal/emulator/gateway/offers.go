package gateway

import (
	"net/http"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

func (c *call) listOffers() (reply, error) {
	return listMetadata(c, "", "Offers", c.g.account.Offers())
}

func (c *call) readOffer() (reply, error) {
	o, err := c.g.account.Offer(c.path[1])
	if err != nil {
		return reply{}, err
	}
	return c.offer(o, http.StatusOK), nil
}

func (c *call) replaceOffer() (reply, error) {
	migrate := c.flag("x-ms-cosmos-migrate-offer-to-autopilot") ||
		c.flag("x-ms-cosmos-migrate-offer-to-manual-throughput")
	o, err := c.g.account.ReplaceOffer(c.path[1], c.body, migrate, c.header(headerIfMatch))
	if err != nil {
		return reply{}, err
	}
	if o.Pending {
		return c.offer(o, http.StatusAccepted), nil
	}
	return c.offer(o, http.StatusOK), nil
}

func (c *call) offer(o *store.Offer, status int) reply {
	c.set("x-ms-offer-replace-pending", strconv.FormatBool(o.Pending))
	c.set("x-ms-cosmos-min-throughput", o.MinThroughput())
	return c.resource(status, o.Resource, chargeRead)
}
