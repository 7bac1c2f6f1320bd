// Package cache remembers what is expensive to make again, up to a bound.
package cache

import "sync"

// entries is how many values a [Bounded] keeps that does not say otherwise. Programs have some dozens of statements and
// queries; the bound is for those that paste values into the text, which makes every text a new one.
const entries = 256

// MaxText is the longest text, in bytes, that is worth being remembered.
const MaxText = 16 << 10

// Bounded remembers values by what they were made of. When there are too many, any other makes room for a new one: that
// needs no bookkeeping on a hit, and a program with more texts than entries gains nothing from a cleverer choice. It is
// safe for concurrent use; its zero value is empty.
type Bounded[K comparable, V any] struct {
	mu    sync.RWMutex
	byKey map[K]V
}

// Get returns the value that was made of key.
func (b *Bounded[K, V]) Get(key K) (V, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	v, ok := b.byKey[key]
	return v, ok
}

// Put remembers a value.
func (b *Bounded[K, V]) Put(key K, v V) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byKey == nil {
		b.byKey = make(map[K]V)
	}
	if _, known := b.byKey[key]; !known && len(b.byKey) >= entries {
		for other := range b.byKey {
			delete(b.byKey, other)
			break
		}
	}
	b.byKey[key] = v
}

// Len returns how many values there are.
func (b *Bounded[K, V]) Len() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.byKey)
}
