// Package parsed remembers what the texts of statements parse to.
package parsed

import (
	"sync"

	"github.com/cosmossql/cosmossql/internal/statement"
)

// What a cache holds at most. Programs have some dozens of statements; the bounds are for those that paste values into
// the text, which makes every text a new one.
const (
	maxStatements = 256
	maxText       = 16 << 10
)

// Cache parses texts, each once. It is safe for concurrent use; its zero value is empty.
type Cache struct {
	mu         sync.RWMutex
	statements map[key]statement.Statement
}

type key struct {
	text    string
	options statement.Options
}

// Parse is [statement.Parse], remembered. An error is not.
func (c *Cache) Parse(text string, o statement.Options) (statement.Statement, error) {
	k := key{text, o}
	c.mu.RLock()
	s, ok := c.statements[k]
	c.mu.RUnlock()
	if ok {
		return s, nil
	}
	s, err := statement.Parse(text, o)
	if err != nil || len(text) > maxText {
		return s, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.statements) >= maxStatements {
		for any := range c.statements {
			delete(c.statements, any)
			break
		}
	}
	if c.statements == nil {
		c.statements = make(map[key]statement.Statement)
	}
	c.statements[k] = s
	return s, nil
}
