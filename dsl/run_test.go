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

func TestRunnable(t *testing.T) {
	t.Parallel()
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "mine")
	b := Select("c.a").From("c").Where("c.b = ?", 1).With("option")
	var n int
	runs := map[string]func(Runnable) error{
		"Exec":            func(r Runnable) error { _, err := r.Exec(); return err },
		"ExecContext":     func(r Runnable) error { _, err := r.ExecContext(ctx); return err },
		"Query":           func(r Runnable) error { _, err := r.Query(); return err },
		"QueryContext":    func(r Runnable) error { _, err := r.QueryContext(ctx); return err },
		"QueryRow":        func(r Runnable) error { return r.QueryRow().Scan(&n) },
		"QueryRowContext": func(r Runnable) error { return r.QueryRowContext(ctx).Scan(&n) },
		"Scan":            func(r Runnable) error { return r.Scan(&n) },
		"ScanContext":     func(r Runnable) error { return r.ScanContext(ctx, &n) },
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

			require.ErrorIs(t, run(b.RunWith(nil)), sq.RunnerNotSet)
			require.ErrorIs(t, run(b.RunWith(struct{ sq.BaseRunner }{&db})), sq.NoContextSupport)

			var idle recorder
			require.ErrorContains(t, run(b.Where("c.").RunWith(&idle)), `"c."`)
			require.Empty(t, idle.query, "a statement that is wrong must not reach the database")
		})
	}
}

func TestEveryBuilderRuns(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		r    func(*recorder) Runnable
		want string
	}{
		{"select", func(db *recorder) Runnable { return Select("*").From("c").RunWith(db) }, "SELECT * FROM c"},
		{"insert", func(db *recorder) Runnable { return Insert("c").Document(1).RunWith(db) },
			"INSERT INTO c VALUES (@p1)"},
		{"update", func(db *recorder) Runnable { return Update("c").Remove("a").Where("true").RunWith(db) },
			"UPDATE c SET a = undefined WHERE true"},
		{"delete", func(db *recorder) Runnable { return Delete("c").Where("true").RunWith(db) },
			"DELETE FROM c WHERE true"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var db recorder
			_, err := tt.r(&db).Exec()
			require.ErrorIs(t, err, errAnswer)
			require.Equal(t, tt.want, db.query)
		})
	}
}
