package cosmossql

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"io"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/columns"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// fixedPager is a pager of one page of rows that are in memory.
type fixedPager struct{ rows []json.RawMessage }

func (f *fixedPager) Next(ctx context.Context) (*cosmos.Page, error) {
	if f.rows == nil {
		return nil, io.EOF
	}
	page := &cosmos.Page{Items: f.rows}
	f.rows = nil
	return page, ctx.Err()
}

func (f *fixedPager) Close() error { return nil }

// newFixedRows returns rows, which are JSON objects. The columns are their members, in the order of first appearance.
func newFixedRows(ctx context.Context, rows []json.RawMessage) (driver.Rows, error) {
	return newStarRows(ctx, &fixedPager{rows}, &Settings{ScanAhead: -1, SystemColumns: true})
}

// newReturningRows returns what RETURNING selects of the changed documents; no columns if returning is nil.
func newReturningRows(ctx context.Context, returning *statement.Returning, docs []json.RawMessage, s *Settings) (driver.Rows, error) {
	if returning == nil {
		return newRows(ctx, &fixedPager{}, columns.List(nil, nil))
	}
	rows := make([]json.RawMessage, len(docs))
	for i, doc := range docs {
		// Unlike the rows of a page this text has not been checked yet.
		if rawjson.Kind(doc) != '{' || !json.Valid(doc) {
			return nil, errors.New("cosmos: the statement was executed, but what the server answered is not the document: RETURNING has nothing to return")
		}
		rows[i] = returning.Row(doc)
	}
	if returning.Star {
		return newStarRows(ctx, &fixedPager{rows}, &Settings{ScanAhead: -1, SystemColumns: s.SystemColumns, ParseTime: s.ParseTime})
	}
	return newRows(ctx, &fixedPager{rows}, columns.List(returning.Columns, returning.Columns).WithTimes(s.ParseTime))
}
