package statement

import (
	"github.com/cosmossql/cosmossql/internal/nosql"
)

// Throughput is the request units of a database or container: fixed, or up to a maximum. Both are 0 where the text says
// nothing.
type Throughput struct {
	Manual, Autoscale int
}

// onlyThroughput reads WITH … where nothing else can be set, and the end of the text.
func onlyThroughput(p *nosql.Parser) (Throughput, error) {
	var t Throughput
	with := readWith(p)
	if err := finish(p); err != nil {
		return t, err
	}
	for _, o := range with {
		if taken, err := t.option(o); err != nil || !taken {
			if err == nil {
				err = o.unknown("throughput", "max_throughput")
			}
			return t, err
		}
	}
	return t, nil
}

// option takes RU, MAXRU and their longer names.
func (t *Throughput) option(o option) (taken bool, err error) {
	switch o.key {
	case "RU", "THROUGHPUT":
		t.Manual, err = o.number(1)
	case "MAXRU", "MAXTHROUGHPUT", "AUTOSCALE":
		t.Autoscale, err = o.number(1)
	default:
		return false, nil
	}
	if err == nil && t.Manual > 0 && t.Autoscale > 0 {
		err = o.wrong("no value beside the other kind of throughput: give one of throughput and max_throughput")
	}
	return true, err
}
