package gateway

import (
	"strconv"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// SetThrottle holds requests to the throughput of their container from now on, or no longer. While the server runs,
// so that a test can fill a container first.
func (g *Gateway) SetThrottle(on bool) { g.throttle.Store(on) }

// Throttled reports whether requests are held to it.
func (g *Gateway) Throttled() bool { return g.throttle.Load() }

// admit holds the request to the throughput of the container, if the server was told to. Asked before the work with
// an estimate, as the service refuses before it has done anything (429: "no changes were made").
func (c *call) admit(x *store.Container, epk string, charge float64) error {
	if !c.g.throttle.Load() {
		return nil
	}
	id, err := c.rangeID(x)
	if err != nil {
		return err
	}
	wait, err := x.Admit(epk, id, charge)
	if err != nil {
		c.set(headerRetryAfter, strconv.FormatInt(wait.Milliseconds(), 10))
	}
	return err
}
