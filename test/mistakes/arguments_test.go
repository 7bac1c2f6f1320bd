package mistakes

import (
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/dsl"
)

func TestArguments(t *testing.T) {
	t.Parallel()
	check(t, []mistake{
		{"too few", query("SELECT p.id FROM products p WHERE p.id = @p1 AND p.price > @p2", "1"),
			"parameter @p2 has no argument: argument 2 is missing, only 1 was given", whatIsWrongSaysIt},
		{"too many", query("SELECT p.id FROM products p WHERE p.id = @p1", "1", 2),
			"argument 2 is not used: the statement has no parameter @p2, only @p1", whatIsWrongSaysIt},
		{"too few for ?", query("SELECT p.id FROM products p WHERE p.id = ? AND p.price > ?", "1"),
			"parameter @p2 has no argument: argument 2 is missing, only 1 was given", whatIsWrongSaysIt},
		{"too many for ?", query("SELECT p.id FROM products p WHERE p.id = ?", "1", 2),
			"argument 2 is not used: the statement has no parameter @p2, only @p1", whatIsWrongSaysIt},
		{"a placeholder in quotes", query("SELECT p.id FROM products p WHERE p.id = '@p1'", "1"),
			"argument 1 is not used: the statement has no parameters; ? and @p1 are some, but not in quotes", ""},
		{"? in quotes", query("SELECT p.id FROM products p WHERE p.id = '?'", "1"),
			"argument 1 is not used: the statement has no parameters; ? and @p1 are some, but not in quotes", ""},
		{"a name that the text does not have", query("SELECT p.id FROM products p WHERE p.id = @id", "1"),
			`parameter @id has no argument: the arguments are…pass sql.Named("id", value)`, ""},
		{"a name with @", query("SELECT p.id FROM products p WHERE p.id = @id", sql.Named("@id", "1")),
			`name "@id" does not begin with a letter`, ofTheStandardLibrary},
		{"a name misspelt", query("SELECT p.id FROM products p WHERE p.id = @id", sql.Named("idd", "1")),
			`parameter @id has no argument: pass sql.Named("id", value)`, ""},
		{"a name twice",
			query("SELECT p.id FROM products p WHERE p.id = @id", sql.Named("id", "1"), sql.Named("id", "2")),
			"parameter @id is given twice", whatIsWrongSaysIt},
		{"names and positions",
			query("SELECT p.id FROM products p WHERE p.id = @id AND p.price = ?", sql.Named("id", "1"), 2),
			"named and positional arguments are mixed: give all of them…Parameter), or none, for @p1, @p2,", ""},
		{":id", query("SELECT p.id FROM products p WHERE p.id = :id", sql.Named("id", "1")),
			`Write @name for a parameter, with sql.Named("name", value).`, ""},
		{"%s", query("SELECT p.id FROM products p WHERE p.id = %s", "1"),
			"Write @p1 or ? for a parameter.", ""},
		{"IN with a slice", query("SELECT p.id FROM products p WHERE p.id IN (?)", []string{"1", "2"}),
			"IN (@p1) compares p.id with the array as a…IN with a placeholder for each element", ""},
		{"IN without parentheses", query("SELECT p.id FROM products p WHERE p.id IN @p1", []string{"1"}),
			"Write ARRAY_CONTAINS(@p1, c.x) for one array, or IN with a placeholder for each value.", ""},
		{"a channel", query("SELECT p.id FROM products p WHERE p.id = ?", make(chan int)),
			"sql: converting argument $1 type:…json: unsupported type: chan int", whatIsWrongSaysIt},
		{"a function", query("SELECT p.id FROM products p WHERE p.id = ?", func() {}),
			"sql: converting argument $1 type:…sent: json: unsupported type: func()", whatIsWrongSaysIt},
		{"not a number", query("SELECT p.id FROM products p WHERE p.price = ?", math.NaN()),
			"sql: converting argument $1 type: cosmos: NaN is not a JSON number; send nil or a string", ""},
		{"JSON that is none", query("SELECT p.id FROM products p WHERE p.price = ?", json.RawMessage("{")),
			"sql: converting argument $1 type: cosmos: a…not; send binary data as a base64 string", ""},
		{"an operation",
			exec("INSERT INTO products (id, category, x) VALUES ('9', 'x', ?)", cosmos.OpCreate(product{})),
			"sql: converting argument $1 type: cosmos: a…TransactionalBatch or Bulk", ""},
		{"a response", exec("INSERT INTO products (id, category, x) VALUES ('9', 'x', ?)", &cosmos.Response{}),
			"sql: converting argument $1 type: cosmos: a…pass its Body or what you need of it", ""},
		{"an option as a value", query("SELECT p.id FROM products p WHERE p.id = ?", cosmos.PageSize(5)),
			"parameter @p1 has no argument: argument 1 is missing, none was given", ""},
		{"an option for another kind of statement", query("SELECT p.id FROM products p", cosmos.Throughput(400)),
			"the option Throughput(400) does not apply to…of the client, other calls skip it", ""},
		{"a page of no size", query("SELECT p.id FROM products p", cosmos.PageSize(-5)),
			"page size -5 is negative (-1 means as many as the service likes)", whatIsWrongSaysIt},
		{"a continuation of nothing", query("SELECT p.id FROM products p", cosmos.Continuation("page2")),
			"bad continuation: it was not made by this version of…of a page that this client returned", ""},
		{"a consistency of nothing", query("SELECT p.id FROM products p", cosmos.Consistency("Best")),
			`there is no consistency level "Best"; there are Strong,…Session, ConsistentPrefix and Eventual`, ""},
		{"a session token of nothing", query("SELECT p.id FROM products p", cosmos.SessionToken("abc")),
			"POST dbs/shop/colls/products/docs: 400…token provided 'abc' is invalid.", ofTheService},
		{"a region of nothing", query("SELECT p.id FROM products p", cosmos.ExcludedRegions("Nowhere")),
			`there is no region "Nowhere", which is among the excluded ones; the account has`, ""},
		{"more of the key than there is", query("SELECT p.id FROM products p", cosmos.PartitionKey("books", "go")),
			`partition key ["books","go"] has more…partition key (/category)`, whatIsWrongSaysIt},
		{"less of the key than there is", func(w *world) error {
			_, err := w.events.ReadItem(w.ctx(), "1", cosmos.PartitionKey("acme"))
			return err
		},
			`partition key ["acme"] has fewer values…partition key (/tenant, /user)`, whatIsWrongSaysIt},
	})
}

func TestBuilder(t *testing.T) {
	t.Parallel()
	checkText(t, []mistake{
		{"the same column in dsl", func(w *world) error {
			_, err := dsl.Insert("products").Columns("id", "id").Values("1", "2").RunWith(w.db).ExecContext(w.ctx())
			return err
		},
			"column id is given twice, or both it and a part of it", whatIsWrongSaysIt},
		{"fewer values than placeholders in dsl", func(w *world) error {
			_, _, err := dsl.Select("p.id").From("products p").Where("p.id = ? AND p.price > ?", "1").ToSql()
			return err
		},
			`dsl: "p.id = ? AND p.price > ?" has 2 placeholders and 1 argument`, whatIsWrongSaysIt},
		{"text that is not a condition in dsl", func(w *world) error {
			_, _, err := dsl.Select("p.id").From("products p").Where("p.id = = 1").ToSql()
			return err
		},
			`dsl: "p.id = = 1": Syntax error, incorrect syntax near '='.`, whatIsWrongSaysIt},
		{"UPDATE of nothing in dsl", func(w *world) error {
			_, _, err := dsl.Update("products").Where(dsl.Eq{"id": "1"}).ToSql()
			return err
		},
			"dsl: update without anything to set", whatIsWrongSaysIt},
		{"DELETE of everything in dsl", func(w *world) error {
			_, _, err := dsl.Delete("products").ToSql()
			return err
		},
			`dsl: a statement without a condition; Where("true") is every document`, ""},
	})
}

func TestScanning(t *testing.T) {
	t.Parallel()
	var s string
	var n int
	var b bool
	checkText(t, []mistake{
		{"fewer columns than variables", scan("SELECT p.id FROM products p", &s, &n),
			"sql: expected 1 destination arguments in Scan, not 2", ofTheStandardLibrary},
		{"more columns than variables", scan("SELECT * FROM products p", &s),
			"sql: expected 6 destination arguments in Scan, not 1", ofTheStandardLibrary},
		{"a fraction into an int", scan("SELECT p.price FROM products p WHERE p.id = '1'", &n),
			`sql: Scan error on column index 0, name…("12.5") to a int: invalid syntax`, ofTheStandardLibrary},
		{"a text into an int", scan("SELECT p.name FROM products p WHERE p.id = '1'", &n),
			`sql: Scan error on column index 0, name…("Go") to a int: invalid syntax`, ofTheStandardLibrary},
		{"a text into a bool", scan("SELECT p.name FROM products p WHERE p.id = '1'", &b),
			`sql: Scan error on column index 0, name…convert "Go" into type bool`, ofTheStandardLibrary},
		{"an object as JSON of another type",
			scan("SELECT VALUE p FROM products p WHERE p.id = '1'", new(cosmos.JSON[[]int])),
			"sql: Scan error on column index 0, name…into Go value of type []int", whatIsWrongSaysIt},
		{"not a pointer", scan("SELECT p.id FROM products p", s),
			`sql: Scan error on column index 0, name "id":…destination…not a pointer`, ofTheStandardLibrary},
		{"no rows", scan("SELECT p.id FROM products p WHERE p.id = 'nope'", &s),
			"sql: no rows in result set", ofTheStandardLibrary},
		{"before Next", func(w *world) error {
			rows, err := w.db.QueryContext(w.ctx(), "SELECT p.id FROM products p")
			if err != nil {
				return err
			}
			defer rows.Close()
			return rows.Scan(&s)
		},
			"sql: Scan called without calling Next", ofTheStandardLibrary},
		{"a field that comes later", func(w *world) error {
			if err := exec("INSERT INTO products (id, category, extra) VALUES ('9', 'zoo', 1)")(w); err != nil {
				return err
			}
			db, err := sql.Open("cosmos", w.DSN("shop")+";ScanAhead=0;PageSize=1")
			if err != nil {
				return err
			}
			defer db.Close()
			return w.rows(w.ctx(), db, "SELECT * FROM products p")
		},
			"SELECT *:…use SELECT VALUE c, or set extra", ""},
		{"decoding into another type", func(w *world) error {
			return all(cosmos.Query[int](w.ctx(), w.products, "SELECT VALUE p.name FROM p"))
		},
			"decoding a row into int: json: cannot unmarshal string into Go value of type int", whatIsWrongSaysIt},
		{"reading into another type", func(w *world) error {
			_, _, err := cosmos.ReadItem[[]int](w.ctx(), w.products, "1", cosmos.PartitionKey("books"))
			return err
		},
			"decoding the answer: json: cannot unmarshal object into Go value of type []int", whatIsWrongSaysIt},
		{"a context that has ended", func(w *world) error {
			ctx, cancel := context.WithCancel(w.ctx())
			cancel()
			return all(cosmos.Query[any](ctx, w.products, "SELECT * FROM p"))
		},
			"context canceled", ofTheStandardLibrary},
		{"a deadline that has passed", func(w *world) error {
			ctx, cancel := context.WithDeadline(w.ctx(), time.Now().Add(-time.Second))
			defer cancel()
			_, err := w.products.CreateItem(ctx, product{ID: "9", Category: "x"})
			return err
		},
			"context deadline exceeded", ofTheStandardLibrary},
	})
}
