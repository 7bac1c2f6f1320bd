package mistakes

import (
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
)

func TestStatementsThatWrite(t *testing.T) {
	t.Parallel()
	check(t, []mistake{
		{"INSERT of a document that is there", exec("INSERT INTO products (id, category) VALUES ('1', 'books')"),
			`409 Conflict: Entity with the specified id already exists…has id "1" and partition key ["books"]`,
			theProgramDecides},
		{"more values than columns", exec("INSERT INTO products (id, category) VALUES ('9', 'x', 1)"),
			"row 1 of VALUES has 3 values for 2 columns", whatIsWrongSaysIt},
		{"fewer values than columns", exec("INSERT INTO products (id, category, name) VALUES ('9', 'x')"),
			"row 1 of VALUES has 2 values for 3 columns", whatIsWrongSaysIt},
		{"a column twice", exec("INSERT INTO products (id, category, id) VALUES ('9', 'x', '9')"),
			"column id is given twice, or both it and a part of it", whatIsWrongSaysIt},
		{"no columns", exec("INSERT INTO products VALUES ('9', 'x')"),
			"row 1 of VALUES has 2 values and no columns: name the columns, or give one whole document", ""},
		{"an id that is a number", exec("INSERT INTO products (id, category) VALUES (9, 'x')"),
			"the id of a document is a string, not 9", ""},
		{"an id with a slash", exec("INSERT INTO products (id, category) VALUES ('a/b', 'x')"),
			`document id "a/b" has one of the characters / \, which ids cannot have`, whatIsWrongSaysIt},
		{"an empty id", exec("INSERT INTO products (id, category) VALUES ('', 'x')"),
			"the document id is empty", whatIsWrongSaysIt},
		{"an id that is too long",
			exec("INSERT INTO products (id, category) VALUES (?, 'x')", strings.Repeat("x", 1100)),
			"the document id has 1100 bytes, more than 1023", whatIsWrongSaysIt},
		{"rows of several keys", exec("INSERT INTO products (id, category) VALUES ('8', 'a'), ('9', 'b')"),
			"row 2 of 2, none of which was written: its…rows that need not be written together)", ""},
		{"INSERT with SELECT", exec("INSERT INTO products SELECT * FROM events"),
			"Cosmos DB has no INSERT…SELECT: query the documents and…or with CreateMany of package cosmos.", ""},
		{"ON CONFLICT", exec("INSERT INTO products (id, category) VALUES ('9', 'x') ON CONFLICT DO NOTHING"),
			"Write UPSERT INTO, which creates the document or replaces…gives ErrConflict for one that exists.", ""},
		{"INSERT into a container that is not there", exec("INSERT INTO prodcts (id) VALUES ('9')"),
			"404 NotFound: Resource Not…database, SHOW DATABASES the databases", ""},
		{"a document that is too large",
			exec("INSERT INTO products (id, category, s) VALUES ('9', 'x', ?)", strings.Repeat("x", 2<<20)),
			"the document has 2097184 bytes, more…2097152 (2 MB) of an item: too large", whatIsWrongSaysIt},
		{"a key that is too long",
			exec("INSERT INTO products (id, category) VALUES ('9', ?)", strings.Repeat("x", 3000)),
			"POST dbs/shop/colls/products/docs: 400…key value is longer than 2048 bytes.", ofTheService},
		{"UPDATE of the partition key",
			exec("UPDATE products SET category = 'x' WHERE id = '1' AND category = 'books'"),
			`UPDATE cannot set /category to "x": the partition key of…insert it anew and delete the old one`, ""},
		{"UPDATE of several ids", exec("UPDATE products SET id = '9' WHERE category = 'books'"),
			`UPDATE can give another id ("9" instead of "1")…of the partition key (/category) =`, ""},
		{"UPDATE of a system property", exec("UPDATE products SET _ts = 1 WHERE id = '1' AND category = 'books'"),
			"The property _ts cannot be set: the service writes it.", whatIsWrongSaysIt},
		{"UPDATE without WHERE", exec("UPDATE products SET price = 1"),
			"UPDATE needs a WHERE clause; write WHERE true for every document.", ""},
		{"DELETE without WHERE", exec("DELETE FROM products"),
			"DELETE needs a WHERE clause; write WHERE true for every document.", ""},
		{"DELETE without FROM", exec("DELETE products WHERE id = '1'"),
			"Write DELETE FROM c WHERE….", ""},
		{"UPDATE without SET", exec("UPDATE products WHERE id = '1'"),
			"Write UPDATE c SET a = @p1 WHERE….", ""},
		{"SET of an expression", exec("UPDATE products SET name = UPPER(name) WHERE id = '1'"),
			"SET takes literals and parameters; UPPER(name) must be computed before and given as a parameter.", ""},
		{"SET twice", exec("UPDATE products SET price = 1, price = 2 WHERE id = '1'"),
			"UPDATE sets price and price: one is the other or a part of it", whatIsWrongSaysIt},
		{"adding to a text", exec("UPDATE products SET name = name + 1 WHERE id = '1' AND category = 'books'"),
			"PATCH dbs/shop/colls/products/docs/1: 400…/name): the value is not a number.", ofTheService},
		{"+=", exec("UPDATE products SET price += 1 WHERE id = '1'"),
			"Write SET n = n + 1.", ""},
		{"UPDATE with FROM", exec("UPDATE products SET price = e.x FROM events e WHERE id = '1'"),
			"SET takes literals and parameters; e.x must be computed before and given as a parameter.", ""},
		{"DELETE with LIMIT", exec("DELETE FROM products WHERE price > 1 LIMIT 1"),
			"UPDATE and DELETE are about all documents that WHERE…their ids first, with ORDER BY and LIMIT.", ""},
		{"a text in double quotes", exec(`DELETE FROM products p WHERE p.name = "Go"`),
			`"Go" may mean a text or a property: write 'Go' for the text, p.Go for the property.`, ""},
		{"RETURNING by Exec of what is not there",
			query("UPDATE products SET price = 1 WHERE id = '1' RETURNING nope()"),
			"Syntax error, incorrect syntax near '('.", whatIsWrongSaysIt},
		{"TRUNCATE", exec("TRUNCATE TABLE products"),
			"Write DELETE FROM c WHERE true, or drop the container and create it anew.", ""},
		{"MERGE", exec("MERGE INTO products USING x ON true"),
			"Write UPSERT INTO, which creates the document or replaces…gives ErrConflict for one that exists.", ""},
		{"BEGIN", exec("BEGIN"),
			"A transaction is begun with db.BeginTx and ended with Commit or Rollback.", ""},
		{"a stored procedure", exec("CALL cleanup()"),
			"Write container.ExecuteStoredProcedure of package cosmos.", ""},
		{"a stale ETag",
			exec("UPDATE products SET price = 1 WHERE id = '1' AND category = 'books'", cosmos.IfMatch(`"stale"`)),
			"PATCH dbs/shop/colls/products/docs/1:…specified precondition is not met.", theProgramDecides},
		{"an ETag that was never read",
			exec("UPDATE products SET price = 1 WHERE id = '1' AND category = 'books'", cosmos.IfMatch("")),
			"IfMatch has an empty ETag, which would not guard…the option out to write in any case", ""},
		{"an ETag for many documents", exec("UPDATE products SET price = 1 WHERE price > 0", cosmos.IfMatch(`"x"`)),
			"IfMatch is about one document: UPDATE must fix…every path of the partition key (/category)", ""},
		{"an ETag for an INSERT",
			exec("INSERT INTO products (id, category) VALUES ('9', 'x')", cosmos.IfMatch(`"x"`)),
			`the option IfMatch("\"x\"") does not apply to INSERT: a…to compare; use a replace, or an upsert`, ""},
		{"another key by option",
			exec("UPDATE products SET price = 1 WHERE id = '1' AND category = 'books'", cosmos.PartitionKey("tools")),
			`the WHERE of the UPDATE says that the partition…the option PartitionKey says ["tools"]`, ""},
		{"a condition that is none",
			exec("UPDATE products SET price = 1 WHERE id = '1' AND category = 'books'",
				cosmos.PatchCondition("price > 1")),
			"PATCH dbs/shop/colls/products/docs/1: 400…error, incorrect syntax near 'price'.", ofTheService},
	})
}

func TestDefinitions(t *testing.T) {
	t.Parallel()
	check(t, []mistake{
		{"a container without a key", exec("CREATE CONTAINER t"),
			"CREATE CONTAINER t names no partition key: add PARTITION KEY (/path)", ""},
		{"a container with columns", exec("CREATE TABLE t (id TEXT)"),
			"Documents have no fixed columns. Write CREATE CONTAINER c PARTITION KEY (/path).", ""},
		{"a key path without a slash", exec("CREATE CONTAINER t PARTITION KEY (pk)"),
			`The option KEY takes paths, as in /tenant or /tenant,/user, not "pk".`, ""},
		{"four key paths", exec("CREATE CONTAINER t PARTITION KEY (/a, /b, /c, /d)"),
			"a partition key has at most 3 paths, not 4", whatIsWrongSaysIt},
		{"a container that is there", exec("CREATE CONTAINER products PARTITION KEY (/category)"),
			"POST dbs/shop/colls: 409 Conflict: Resource with specified…" +
				"goes on with what is there, if its partition key is the same", ""},
		{"a container in a database that is not there", exec("CREATE CONTAINER nosuch.t PARTITION KEY (/pk)"),
			"POST dbs/nosuch/colls: 404 NotFound: Resource…databases, SHOW CONTAINERS those of one", ""},
		{"a name with a slash", exec(`CREATE CONTAINER "a/b" PARTITION KEY (/pk)`),
			`container id "a/b" has one of the characters / \ ? #, which ids cannot have`, whatIsWrongSaysIt},
		{"an option that is none", exec("CREATE CONTAINER t PARTITION KEY (/pk) WITH (retention = 5)"),
			"There is no option retention here, only throughput, max_throughput…geospatial.", ""},
		{"a time to live of 0", exec("CREATE CONTAINER t PARTITION KEY (/pk) WITH (ttl = 0)"),
			`The option ttl takes seconds, on or off, not "0".`, ""},
		{"throughput that is too low", exec("CREATE CONTAINER t PARTITION KEY (/pk) WITH (throughput = 5)"),
			"POST dbs/shop/colls: 400 BadRequest: The…1000000 inclusive in increments of 100.", ofTheService},
		{"throughput and autoscale",
			exec("CREATE CONTAINER t PARTITION KEY (/pk) WITH (throughput = 400, autoscale = 4000)"),
			`The option autoscale takes no value beside the…and max_throughput, not "4000".`, ""},
		{"a policy that is no JSON", exec("CREATE CONTAINER t PARTITION KEY (/pk) WITH (indexing = 'lazy')"),
			`The option indexing takes JSON that begins with {, not "lazy".`, ""},
		{"a policy with an unknown mode",
			exec(`CREATE CONTAINER t PARTITION KEY (/pk) WITH (indexing = {"indexingMode": "lazzy"})`),
			`POST dbs/shop/colls: 400 BadRequest: The indexing mode "lazzy" is invalid.`, ofTheService},
		{"a policy with a path that is none",
			exec(`CREATE CONTAINER t PARTITION KEY (/pk) WITH (indexing = {"includedPaths": [{"path": "name"}]})`),
			"POST dbs/shop/colls: 400 BadRequest: The…accepted: it must begin with a slash.", ofTheService},
		{"a unique key without a path", exec("CREATE CONTAINER t PARTITION KEY (/pk) UNIQUE KEY ()"),
			"Write UNIQUE KEY (/path).", ""},
		{"ALTER of the key", exec("ALTER CONTAINER products WITH (pk = /other)"),
			"There is no option pk here, only throughput, max_throughput…geospatial.", whatIsWrongSaysIt},
		{"ALTER of columns", exec("ALTER TABLE products ADD COLUMN x INT"),
			"Documents have no fixed columns, so there is…3600) changes settings, UPDATE documents.", ""},
		{"CREATE INDEX", exec("CREATE INDEX i ON products (name)"),
			"Indexes follow the indexing policy: ALTER CONTAINER c WITH (indexing = {…}).", ""},
		{"DROP of what is not there", exec("DROP CONTAINER prodcts"),
			"DELETE dbs/shop/colls/prodcts: 404 NotFound:…databases, SHOW CONTAINERS those of one", ""},
		{"DROP of two", exec("DROP CONTAINER products, events"),
			"Drop one at a time.", ""},
		{"DROP TABLE CASCADE", exec("DROP TABLE products CASCADE"),
			"Leave CASCADE out.", ""},
		{"CREATE VIEW", exec("CREATE VIEW v AS SELECT * FROM products"),
			"Cosmos DB has databases and containers only;…triggers are made with package cosmos.", ""},
		{"a database that is there", exec("CREATE DATABASE shop"),
			"POST dbs: 409 Conflict: Resource with specified id, name,…NOT EXISTS goes on with what is there", ""},
		{"USE", exec("USE shop"),
			"The database stands in the DSN; another one is…cosmos.InDatabase, or as database.container.", ""},
		{"GRANT", exec("GRANT SELECT ON products TO ada"),
			"Access is granted by Entra ID roles, or by users and permissions of package cosmos.", ""},
		{"a container without a name", func(w *world) error {
			p := cosmos.ContainerProperties{PartitionKey: cosmos.PartitionKeyPaths("/a")}
			_, err := w.client.Database("shop").CreateContainer(w.ctx(), p)
			return err
		},
			"the container id is empty", whatIsWrongSaysIt},
		{"a container without a key in Go", func(w *world) error {
			_, err := w.client.Database("shop").CreateContainer(w.ctx(), cosmos.ContainerProperties{ID: "t"})
			return err
		},
			`container "t" has no partition key: set PartitionKey: cosmos.PartitionKeyPaths("/property")`, ""},
		{"a database with a name of spaces", func(w *world) error {
			_, err := w.client.CreateDatabase(w.ctx(), "shop ")
			return err
		},
			`database id "shop " ends in a space`, whatIsWrongSaysIt},
		{"Replace under a stale ETag", func(w *world) error {
			p, err := w.products.Read(w.ctx())
			if err != nil {
				return err
			}
			_, err = w.products.Replace(w.ctx(), *p, cosmos.IfMatch(`"stale"`))
			return err
		},
			"PUT dbs/shop/colls/products: 412…specified precondition is not met.", theProgramDecides},
		{"Replace with another key", func(w *world) error {
			p, err := w.products.Read(w.ctx())
			if err != nil {
				return err
			}
			p.PartitionKey = cosmos.PartitionKeyPaths("/other")
			_, err = w.products.Replace(w.ctx(), *p)
			return err
		},
			"PUT dbs/shop/colls/products: 400…partition key cannot be changed.", ofTheService},
		{"throughput of a container that has none", func(w *world) error {
			_, err := w.events.ReplaceThroughput(w.ctx(), cosmos.Throughput(-1))
			return err
		},
			"throughput of -1 is not positive", whatIsWrongSaysIt},
	})
}
