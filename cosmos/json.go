package cosmos

import "database/sql/driver"

// JSON holds a value of T that is JSON in the database: scan into it, or pass it as an argument.
type JSON[T any] struct{ V T }

// Scan implements sql.Scanner. NULL sets the zero value.
func (j *JSON[T]) Scan(src any) error { return errUnbuilt }

// Value implements driver.Valuer.
func (j JSON[T]) Value() (driver.Value, error) { return nil, errUnbuilt }

// MarshalJSON encodes V alone.
func (j JSON[T]) MarshalJSON() ([]byte, error) { return nil, errUnbuilt }

// UnmarshalJSON decodes into V.
func (j *JSON[T]) UnmarshalJSON(data []byte) error { return errUnbuilt }
