package dsl

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"
)

// recorder is a database that notes what it is asked and answers nothing.
type recorder struct {
	query string
	args  []any
	ctx   context.Context
}

var errAnswer = errors.New("answer of the database")

func (r *recorder) note(ctx context.Context, query string, args []any) {
	r.ctx, r.query, r.args = ctx, query, args
}

func (r *recorder) Query(query string, args ...any) (*sql.Rows, error) {
	r.note(context.Background(), query, args)
	return nil, errAnswer
}

func (r *recorder) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	r.note(ctx, query, args)
	return nil, errAnswer
}

func (r *recorder) QueryRow(query string, args ...any) sq.RowScanner {
	return r.QueryRowContext(context.Background(), query, args...)
}

func (r *recorder) QueryRowContext(ctx context.Context, query string, args ...any) sq.RowScanner {
	r.note(ctx, query, args)
	return failedRow{errAnswer}
}

func (r *recorder) Exec(query string, args ...any) (sql.Result, error) {
	return r.ExecContext(context.Background(), query, args...)
}

func (r *recorder) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	r.note(ctx, query, args)
	return nil, errAnswer
}

func TestSelectRuns(t *testing.T) {
	t.Parallel()
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "mine")
	b := Select("c.a").From("c").Where("c.b = ?", 1).With("option")
	var n int
	runs := map[string]func(SelectBuilder) error{
		"Query":           func(b SelectBuilder) error { _, err := b.Query(); return err },
		"QueryContext":    func(b SelectBuilder) error { _, err := b.QueryContext(ctx); return err },
		"QueryRow":        func(b SelectBuilder) error { return b.QueryRow().Scan(&n) },
		"QueryRowContext": func(b SelectBuilder) error { return b.QueryRowContext(ctx).Scan(&n) },
		"Scan":            func(b SelectBuilder) error { return b.Scan(&n) },
		"ScanContext":     func(b SelectBuilder) error { return b.ScanContext(ctx, &n) },
	}
	for name, run := range runs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var db recorder
			require.ErrorIs(t, run(b.RunWith(&db)), errAnswer)
			require.Equal(t, "SELECT c.a FROM c WHERE c.b = @p1", db.query)
			require.Equal(t, []any{1, "option"}, db.args)
			if strings.HasSuffix(name, "Context") {
				require.Equal(t, "mine", db.ctx.Value(key{}))
			}

			require.ErrorIs(t, run(b), sq.RunnerNotSet)

			var idle recorder
			require.ErrorContains(t, run(b.Where("c.").RunWith(&idle)), `"c."`)
			require.Empty(t, idle.query, "a statement that is wrong must not reach the database")
		})
	}
}
