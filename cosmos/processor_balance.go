package cosmos

import (
	"cmp"
	"time"
)

// choose returns the leases that a process should have so that all have the same number, give or take one: free ones
// first, else some of those who have most. One that was asked for counts as the asker's.
func choose(all []*lease, me string, now time.Time, expiration time.Duration) []*lease {
	var free []*lease
	held := map[string][]*lease{me: nil}
	for _, l := range all {
		holder := cmp.Or(l.wanted(now, expiration), l.Owner)
		if l.free(now, expiration) && l.Owner != me {
			free = append(free, l)
		} else {
			held[holder] = append(held[holder], l)
		}
	}
	target := (len(all) + len(held) - 1) / len(held)
	need := target - len(held[me])
	if need <= 0 {
		return nil
	}
	if len(free) > 0 {
		return free[:min(need, len(free))]
	}
	var taken []*lease
	for len(taken) < need {
		richest := ""
		for owner, leases := range held {
			if owner == me {
				continue
			}
			more := len(leases) - len(held[richest])
			if richest == "" || more > 0 || more == 0 && owner < richest {
				richest = owner
			}
		}
		// Taking from those who would then have less than this process would go on for ever.
		if richest == "" || len(held[richest])-1 < len(held[me])+len(taken)+1 {
			break
		}
		last := len(held[richest]) - 1
		taken = append(taken, held[richest][last])
		held[richest] = held[richest][:last]
	}
	return taken
}
