package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/dsl"
)

// guide carries what every stop of the tour needs.
type guide struct {
	page
	db        *sql.DB
	container *cosmos.Container
}

// tour goes through what an application does, a short stop each.
func tour(ctx context.Context, p page, db *sql.DB, container *cosmos.Container) error {
	g := guide{p, db, container}
	stops := []struct {
		title string
		visit func(context.Context) error
	}{
		{"A query through database/sql", g.query},
		{"Sums over every partition", g.sums},
		{"Documents as structs", g.structs},
		{"A query from the builder", g.builder},
		{"Create, read, replace, delete", g.documents},
		{"Page after page", g.pages},
		{"When something is wrong", g.mistakes},
	}
	for i, stop := range stops {
		before := p.stats.Snapshot()
		fmt.Fprintf(p.out, "\n%d. %s\n\n", i+1, stop.title)
		if err := stop.visit(ctx); err != nil {
			return fmt.Errorf("%s: %w", strings.ToLower(stop.title), err)
		}
		fmt.Fprintf(p.out, "\n   %s\n", p.cost(before))
	}
	use := p.stats.Snapshot()
	fmt.Fprintf(p.out, "\nAltogether %s. Repeated because the server was busy: %d.\n",
		p.cost(cosmos.Usage{}), use.Retries)
	return nil
}

// query is plain database/sql: values are @p1, @p2, … The partitions are asked side by side, and their answers merged.
func (g guide) query(ctx context.Context) error {
	const query = `SELECT w.name, w.capital, w.population FROM w WHERE w.kind = @p1 ORDER BY w.population DESC ` +
		`OFFSET 0 LIMIT 5`
	rows, err := g.db.QueryContext(ctx, query, "country")
	if err != nil {
		return err
	}
	defer rows.Close()

	t := table{columns: []string{"name", "capital", "population"}}
	for rows.Next() {
		var name, capital string
		var population int64
		if err := rows.Scan(&name, &capital, &population); err != nil {
			return err
		}
		t.rows = append(t.rows, []string{name, capital, grouped(population)})
	}
	t.flush(g.out)
	return rows.Err()
}

// sums groups what lies on several partitions.
func (g guide) sums(ctx context.Context) error {
	rows, err := g.db.QueryContext(ctx, `SELECT w.continent, COUNT(1) AS countries, SUM(w.population) AS people
		FROM w WHERE w.kind = 'country' GROUP BY w.continent`)
	if err != nil {
		return err
	}
	defer rows.Close()

	t := table{columns: []string{"continent", "countries", "people"}}
	for rows.Next() {
		var continent string
		var countries int
		var people int64 // more than an int of 32 bits holds
		if err := rows.Scan(&continent, &countries, &people); err != nil {
			return err
		}
		t.rows = append(t.rows, []string{continent, grouped(countries), grouped(people)})
	}
	t.flush(g.out)
	return rows.Err()
}

type country struct {
	Name       string   `json:"name"`
	Area       float64  `json:"area"`
	Languages  []string `json:"languages"`
	Neighbours []string `json:"neighbours"`
}

// structs asks every partition, and reads whole documents.
func (g guide) structs(ctx context.Context) error {
	countries, err := selectAll[country](ctx, g.db,
		`SELECT VALUE w FROM w WHERE ARRAY_CONTAINS(w.neighbours, @p1)`, "RU")
	if err != nil {
		return err
	}
	fmt.Fprintf(g.out, "   Russia has %d neighbours; those with more than one language:\n\n", len(countries))
	t := table{columns: []string{"name", "km²", "languages", "neighbours"}}
	for _, c := range countries {
		if len(c.Languages) > 1 {
			t.rows = append(t.rows,
				[]string{c.Name, grouped(int(c.Area)), strings.Join(c.Languages, ", "), fmt.Sprint(len(c.Neighbours))})
		}
	}
	t.flush(g.out)
	return nil
}

// selectAll reads all rows of a query of one column into values of T, as sqlx's Select does.
func selectAll[T any](ctx context.Context, db *sql.DB, query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var row cosmos.JSON[T]
		if err := rows.Scan(&row); err != nil {
			return nil, err
		}
		all = append(all, row.V)
	}
	return all, rows.Err()
}

// builder writes the query with package dsl.
func (g guide) builder(ctx context.Context) error {
	highest := dsl.Select("w.name", "w.height", "w.range").
		From("w").
		Where(dsl.Eq{"w.kind": "mountain", "w.countries[0]": []string{"NP", "PK"}}).
		Where(dsl.GtOrEq{"w.height": 8000}).
		OrderBy("w.height DESC").
		Limit(5).
		With(cosmos.PartitionKey("Asia"))
	text, _, err := highest.ToSql()
	if err != nil {
		return err
	}
	rows, err := highest.RunWith(g.db).QueryContext(ctx)
	if err != nil {
		return err
	}
	defer rows.Close()
	fmt.Fprintf(g.out, "   %s\n\n", strings.Replace(text, " WHERE", "\n   WHERE", 1))
	_, err = printRows(g.out, rows)
	return err
}

// documents are written and read by the client that cosmos.FromDB found under db: the same connections and session.
func (g guide) documents(ctx context.Context) error {
	type place struct {
		ID        string `json:"id"`
		Kind      string `json:"kind"`
		Name      string `json:"name"`
		Continent string `json:"continent"`
		Depth     int    `json:"depth,omitempty"`
	}
	told := func(what string, r *cosmos.Response, remark string) {
		line := fmt.Sprintf("   %-8s %d %-22s %5.2f RU   %s", what, r.StatusCode, http.StatusText(r.StatusCode),
			r.RequestCharge, remark)
		fmt.Fprintln(g.out, strings.TrimRight(line, " "))
	}
	atlantis := place{ID: "atlantis", Kind: "island", Name: "Atlantis", Continent: "Europe"}
	inEurope := cosmos.PartitionKey(atlantis.Continent)

	created, err := g.container.CreateItem(ctx, atlantis)
	if err != nil {
		return err
	}
	told("create", created, "etag "+created.ETag)

	read, err := g.container.ReadItem(ctx, atlantis.ID, inEurope)
	if err != nil {
		return err
	}
	told("read", read, "")

	atlantis.Depth = 4000
	replaced, err := g.container.ReplaceItem(ctx, atlantis.ID, atlantis, cosmos.IfMatch(read.ETag))
	if err != nil {
		return err
	}
	told("replace", replaced, "only if the etag is still the one read")

	stale, err := g.container.ReplaceItem(ctx, atlantis.ID, atlantis, cosmos.IfMatch(read.ETag))
	if !errors.Is(err, cosmos.ErrPreconditionFailed) {
		return fmt.Errorf("a replace with an old etag: %w", err)
	}
	told("replace", stale, "with the old etag, so it is refused")

	deleted, err := g.container.DeleteItem(ctx, atlantis.ID, inEurope)
	if err != nil {
		return err
	}
	told("delete", deleted, "")
	return nil
}

// pages fetches a result page by page. A token carries the place between them, to another process if need be. A result
// that is not sorted comes partition after partition, whose last pages are shorter.
func (g guide) pages(ctx context.Context) error {
	pager := g.container.NewPager("SELECT VALUE w.name FROM w WHERE w.kind = @kind",
		[]cosmos.Parameter{{Name: "@kind", Value: "country"}}, cosmos.PageSize(40))
	defer pager.Close()
	for n := 1; ; n++ {
		page, err := pager.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		last := len(page.Items) - 1
		fmt.Fprintf(g.out, "   page %d: %2d countries, %s to %s\n", n, len(page.Items), page.Items[0], page.Items[last])
	}
}

// mistakes are told so that they can be mended, most of them before anything is sent.
func (g guide) mistakes(ctx context.Context) error {
	told := func(err error) { fmt.Fprintf(g.out, "   %v\n", err) }

	_, err := g.db.QueryContext(ctx, "SELECT w.name FROM w WERE w.kind = 'lake'")
	told(err)
	_, err = g.db.QueryContext(ctx, "SELECT w.name FROM w WHERE w.kind = @p1 AND w.depth > @p2", "lake")
	told(err)

	_, err = g.container.CreateItem(ctx, map[string]string{"id": "NO", "continent": "Europe"})
	var answer *cosmos.Error
	if !errors.Is(err, cosmos.ErrConflict) || !errors.As(err, &answer) {
		return fmt.Errorf("a second document NO: %w", err)
	}
	fmt.Fprintf(g.out, "   a second document NO: %d %s, for %.2f RU\n", answer.StatusCode, answer.Code,
		answer.RequestCharge)
	return nil
}
