package cosmos

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// JSON carries a value of T that the database holds as JSON. Scan a column into it, whatever the column holds, or pass
// it as an argument:
//
//	var lines cosmos.JSON[[]Line]
//	err := db.QueryRowContext(ctx, `SELECT o.lines FROM orders o WHERE o.id = @p1`, id).Scan(&lines)
type JSON[T any] struct{ V T }

// Scan implements sql.Scanner. NULL sets the zero value.
func (j *JSON[T]) Scan(src any) error {
	var zero T
	j.V = zero
	var text []byte
	switch v := src.(type) {
	case nil:
		return nil
	case []byte:
		text = v // an array or an object, as the driver hands them out
	default:
		// A scalar was decoded by the driver; T wants its JSON.
		var err error
		if text, err = json.Marshal(v); err != nil {
			return fmt.Errorf("cosmos: scanning into %T: %w", j.V, err)
		}
	}
	if err := decodeRow(text, &j.V); err != nil {
		return fmt.Errorf("cosmos: scanning into %T: %w", j.V, err)
	}
	return nil
}

// Value implements driver.Valuer: the JSON text of V.
func (j JSON[T]) Value() (driver.Value, error) { return json.Marshal(j.V) }

// MarshalJSON encodes V alone.
func (j JSON[T]) MarshalJSON() ([]byte, error) { return json.Marshal(j.V) }

// UnmarshalJSON decodes into V.
func (j *JSON[T]) UnmarshalJSON(data []byte) error { return decodeJSON(data, &j.V) }
