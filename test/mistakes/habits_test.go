package mistakes

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// TestHabitsOfOtherDatabases is what people write who come from one.
func TestHabitsOfOtherDatabases(t *testing.T) {
	t.Parallel()
	rows101 := "INSERT INTO products (id, category) VALUES ('0', 'x')"
	for n := range 100 {
		rows101 += fmt.Sprintf(", ('%d', 'x')", n+1)
	}
	check(t, []mistake{
		{"DISTINCT ON", query("SELECT DISTINCT ON (p.category) p.id FROM products p"),
			"Cosmos DB has no DISTINCT ON: group, or leave the rows out when reading.", ""},
		{"a common table expression", query("WITH x AS (SELECT * FROM products p) SELECT * FROM x"),
			"Cosmos DB has no common table expressions: write a subquery, FROM (SELECT …) AS t.", ""},
		{"EXCEPT", query("SELECT p.id FROM products p EXCEPT SELECT e.id FROM events e"),
			"Cosmos DB has no EXCEPT: run the queries one after the other.", ""},
		{"GROUP BY a position", query("SELECT p.category, COUNT(1) AS n FROM products p GROUP BY 1"),
			"the GROUP BY clause.…written as in the select list: …positions and aliases are neither", ""},
		{"GROUP BY an alias", query("SELECT UPPER(p.category) AS k, COUNT(1) AS n FROM products p GROUP BY k"),
			"the GROUP BY clause.…written as in the select list: …positions and aliases are neither", ""},
		{"INTERVAL", query("SELECT p.id FROM products p WHERE p.at > CURRENT_TIMESTAMP - INTERVAL '1 day'"),
			"pass a time.Time; DateTimeAdd('day', 1, c.at) adds to one.", ""},
		{"EXTRACT", query("SELECT EXTRACT(YEAR FROM p.at) FROM products p"),
			"Write DateTimePart('year', c.at).", ""},
		{"SUBSTR", query("SELECT SUBSTR(p.name, 1, 2) FROM products p"),
			"instead of SUBSTR write SUBSTRING(x, start, length), which counts from 0", ""},
		{"COALESCE", query("SELECT COALESCE(p.name, 'x') FROM products p"),
			"instead of COALESCE write a ?? b for a property that may be missing", ""},
		{"STRING_AGG", query("SELECT STRING_AGG(p.name, ',') FROM products p"),
			"collect the texts of a group when reading", ""},
		{"an arrow of JSON", query("SELECT p.a->>'b' FROM products p"),
			"Write a path: c.a.b.", ""},
		{"~", query("SELECT p.id FROM products p WHERE p.name ~ '^G'"),
			"Write RegexMatch(c.x, 'pattern').", ""},
		{"= ANY", query("SELECT p.id FROM products p WHERE p.id = ANY(?)", []string{"1"}),
			"instead of ANY write ARRAY_CONTAINS(@p1, c.x)", ""},
		{"IN of nothing", query("SELECT p.id FROM products p WHERE p.id IN ()"),
			"An empty list has nothing: leave the condition out, or write false.", ""},
		{"ORDER BY RANDOM", query("SELECT p.id FROM products p ORDER BY RANDOM()"),
			"Cosmos DB sorts by paths, such as c.name:…computed property of the container", ""},
		{"LIMIT with a comma", query("SELECT p.id FROM products p LIMIT 10, 5"),
			"Write LIMIT n OFFSET m.", ""},
		{"TOP PERCENT", query("SELECT TOP 10 PERCENT p.id FROM products p"),
			"TOP takes a number of rows.", ""},
		{"all columns of an alias", query("SELECT p.* FROM products p"),
			"Write SELECT *, or SELECT VALUE c for the whole document.", ""},
		{"an alias twice", query("SELECT p.id AS a, p.name AS a FROM products p"),
			"property name 'a' specified more than once.", whatIsWrongSaysIt},
		{"SELECT VALUE of two", query("SELECT VALUE p.id, p.name FROM products p"),
			"SELECT VALUE has one value: write SELECT a, b, or SELECT VALUE {a: c.a, b: c.b}.", ""},
		{"SELECT VALUE *", query("SELECT VALUE * FROM products p"),
			"Write SELECT *, or SELECT VALUE c for the whole document.", ""},
		{"quotes of a text processor", query("SELECT p.id FROM products p WHERE p.id = ‘1’"),
			"Write plain quotes: ' around a text, \" around a name.", ""},
		{"DESCRIBE of what is not there", query("DESCRIBE prodcts"),
			"404 NotFound: Resource Not Found.…SHOW CONTAINERS those of one", ""},
		{"a sample of nothing", query("DESCRIBE products SAMPLE 0"),
			"SAMPLE takes the number of documents to look at, from 1 to 100000.", ""},
		{"SHOW CREATE", query("SHOW CREATE TABLE products"),
			"DESCRIBE c shows the container's definition.", ""},
		{"VACUUM", exec("VACUUM products"),
			"A statement begins with SELECT, INSERT,", ""},
		{"COPY", exec("COPY products FROM '/tmp/products.csv'"),
			"Load documents with CreateMany or UpsertMany of package cosmos.", ""},
		{"UPDATE with a join", exec("UPDATE products p JOIN events e SET p.price = 1 WHERE p.id = '1'"),
			"An UPDATE or DELETE is about one container; its arrays are looked into with EXISTS(SELECT …).", ""},
		{"SET from another property",
			exec("UPDATE products SET price = cost * 2 WHERE id = '1' AND category = 'books'"),
			"SET takes literals and parameters; cost * 2 must be computed before and given as a parameter.", ""},
		{"an element that an array does not have",
			exec("UPDATE products SET tags[5] = 'x' WHERE id = '1' AND category = 'books'"),
			"tags.5 cannot be set: tags has 1 element", whatIsWrongSaysIt},
		{"an id that is a number in WHERE", exec("DELETE FROM products WHERE id = 1 AND category = 'books'"),
			"an id is a string; WHERE compares it with 1; write '1'", ""},
		{"an id that is NULL", exec("INSERT INTO products (id, category) VALUES (?, 'x')", nil),
			"the id of a document is a string, not null: leave id out, and the document gets a UUID", ""},
		{"INSERT IGNORE", exec("INSERT IGNORE INTO products (id, category) VALUES ('1', 'books')"),
			"Write INSERT INTO, and go on after an error that is ErrConflict.", ""},
		{"INSERT of a text for a document", exec("INSERT INTO products VALUES (?)", "not an object"),
			`one value without columns, so it must be a whole document, a JSON object; it is "not an object"`, ""},
		{"101 rows", exec(rows101),
			"the batch has 101 operations, more than 100…use CreateMany of package cosmos", ""},
		{"PRIMARY KEY", exec("CREATE CONTAINER t PRIMARY KEY (/pk)"),
			"Write PARTITION KEY (/path): within one value of it the id is unique.", ""},
		{"throughput in words", exec("CREATE CONTAINER t PARTITION KEY (/pk) WITH (throughput = 'many')"),
			`The option throughput takes a whole number from 1, not "many".`, ""},
		{"ALTER without a change", exec("ALTER CONTAINER products"),
			"ALTER changes nothing: add WITH (throughput = 400), or another option", ""},
		{"RENAME", exec("ALTER TABLE products RENAME TO goods"),
			"there is nothing to add, drop or rename: ALTER CONTAINER c WITH (ttl = 3600)", ""},
		{"the last id", func(w *world) error {
			r, err := w.db.ExecContext(w.ctx(), "INSERT INTO products (id, category) VALUES ('9', 'x')")
			if err != nil {
				return err
			}
			_, err = r.LastInsertId()
			return err
		},
			"ids are texts, and a statement may write several…Query, as rows of INSERT … RETURNING id", ""},
		{"another isolation", func(w *world) error {
			_, err := w.db.BeginTx(w.ctx(), &sql.TxOptions{Isolation: sql.LevelSerializable})
			return err
		},
			"no transaction has the isolation level Serializable: use LevelDefault or LevelSnapshot", ""},
	})
}

// TestFirstSteps is what the first program on package cosmos does wrong.
func TestFirstSteps(t *testing.T) {
	t.Parallel()
	find := func(text string, args ...any) func(*world) error {
		return func(w *world) error { return all(cosmos.Query[any](w.ctx(), w.products, text, args...)) }
	}
	const asItStands = "a text is sent as it stands: only database/sql rewrites standard SQL,…UPDATE and DELETE"
	check(t, []mistake{
		{"a container that is there by another key",
			exec("CREATE CONTAINER IF NOT EXISTS products PARTITION KEY (/kind)"),
			`container "products" exists and is partitioned by /category, not by /kind:…create it anew`, ""},
		{"? in package cosmos", find("SELECT * FROM p WHERE p.id = ?", "1"), asItStands, ""},
		{"LIMIT in package cosmos", find("SELECT * FROM p LIMIT 5"), asItStands, ""},
		{"DELETE in package cosmos", find("DELETE FROM p WHERE p.id = '1'"), asItStands, ""},
		{"a map of parameters", find("SELECT * FROM p WHERE p.id = @id", map[string]any{"id": "1"}),
			`parameter @id, for which no value is given: pass sql.Named("id", value)`, ""},
		{"a list as a key", item(func(w *world) (*cosmos.Response, error) {
			return w.products.ReadItem(w.ctx(), "1", cosmos.PartitionKey([]string{"books"}))
		}),
			"[]string cannot be a partition key value:…the values of a hierarchical key stand side by side", ""},
		{"an object as a key", item(func(w *world) (*cosmos.Response, error) {
			return w.products.ReadItem(w.ctx(), "1", cosmos.PartitionKey(struct{ Category string }{"books"}))
		}),
			"cannot be a partition key value: use a string, a number, a boolean, nil or Undefined", ""},
		{"an increment by a text", item(func(w *world) (*cosmos.Response, error) {
			return w.products.PatchItem(w.ctx(), "1", []cosmos.PatchOperation{cosmos.PatchIncrement("/price", "1")},
				cosmos.PartitionKey("books"))
		}),
			`patch operation 0 (incr /price): "1" is not a number to add`, whatIsWrongSaysIt},
		{"a condition without FROM", item(func(w *world) (*cosmos.Response, error) {
			return w.products.PatchItem(w.ctx(), "1", []cosmos.PatchOperation{cosmos.PatchSet("/price", 1)},
				cosmos.PartitionKey("books"), cosmos.PatchCondition("c.price > 1"))
		}),
			`Syntax error,…a PatchCondition has the form "from c where c.status = 'open'"`, ""},
		{"a budget below zero", query("SELECT * FROM products p", cosmos.MaxRUPerSecond(-5)),
			"a budget of -5 RU/s is negative (0 means none)", ""},
		{"a pause longer than the client waits", func(w *world) error {
			w.Fail(cosmostest.Query, 0, 429, 3200, time.Hour)
			return query("SELECT * FROM products p WHERE p.category = 'books'")(w)
		},
			"429/3200 TooManyRequests:…it asks for a pause of 1h0m0s before the next", theProgramDecides},
		{"a deadline shorter than the pause", func(w *world) error {
			w.Fail(cosmostest.Query, 0, 429, 3200, 20*time.Second)
			ctx, cancel := context.WithTimeout(w.ctx(), 15*time.Second)
			defer cancel()
			return w.rows(ctx, w.db, "SELECT * FROM products p WHERE p.category = 'books'")
		},
			"429/3200 TooManyRequests:…before the next attempt would outlast the deadline", theProgramDecides},
	})
	checkText(t, []mistake{
		{"a connection string that is a URL", func(*world) error {
			_, err := cosmos.NewClientFromConnectionString("cosmos://KEY@localhost/shop", nil)
			return err
		},
			"as in AccountEndpoint=https://…;AccountKey=…; a URL cosmos://… is for sql.Open", ""},
	})
}
