package cosmos

import (
	"sync"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// keptPlans bounds the plans that a client remembers of one container.
const keptPlans = 256

// plans remembers query plans. They hold for one definition of a container. It is safe for concurrent use.
type plans struct {
	mu    sync.Mutex
	byKey map[string]*queryplan.Plan
}

func (p *plans) get(key string) *queryplan.Plan {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byKey[key]
}

// put remembers a plan; when there are too many, any other makes room for it.
func (p *plans) put(key string, plan *queryplan.Plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byKey == nil {
		p.byKey = make(map[string]*queryplan.Plan)
	}
	if _, known := p.byKey[key]; !known && len(p.byKey) >= keptPlans {
		for other := range p.byKey {
			delete(p.byKey, other)
			break
		}
	}
	p.byKey[key] = plan
}
