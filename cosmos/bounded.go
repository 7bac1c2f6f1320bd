package cosmos

import "sync"

// bounded remembers up to keptEntries values, by what they were made of. It is safe for concurrent use.
type bounded[V any] struct {
	mu    sync.RWMutex
	byKey map[string]V
}

// keptEntries bounds the query plans that a client remembers of one container, and the queries it has read.
const keptEntries = 256

func (b *bounded[V]) get(key string) (V, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	v, ok := b.byKey[key]
	return v, ok
}

// put remembers a value; when there are too many, any other makes room for it.
func (b *bounded[V]) put(key string, v V) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byKey == nil {
		b.byKey = make(map[string]V)
	}
	if _, known := b.byKey[key]; !known && len(b.byKey) >= keptEntries {
		for other := range b.byKey {
			delete(b.byKey, other)
			break
		}
	}
	b.byKey[key] = v
}
