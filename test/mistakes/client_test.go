package mistakes

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// item is one operation on a document.
func item(do func(w *world) (*cosmos.Response, error)) func(*world) error {
	return func(w *world) error {
		_, err := do(w)
		return err
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	books := cosmos.PartitionKey("books")
	check(t, []mistake{
		{"read without the key",
			item(func(w *world) (*cosmos.Response, error) { return w.products.ReadItem(w.ctx(), "1") }),
			`container "products" is partitioned by /category: the operation needs the option PartitionKey`, ""},
		{"read under another key", item(func(w *world) (*cosmos.Response, error) {
			return w.products.ReadItem(w.ctx(), "1", cosmos.PartitionKey("tools"))
		}),
			"GET dbs/shop/colls/products/docs/1…id does not exist in the system.", theProgramDecides},
		{"read of an id with a slash",
			item(func(w *world) (*cosmos.Response, error) { return w.products.ReadItem(w.ctx(), "a/b", books) }),
			`document id "a/b" has one of the characters / \, which ids cannot have`, whatIsWrongSaysIt},
		{"read without an id",
			item(func(w *world) (*cosmos.Response, error) { return w.products.ReadItem(w.ctx(), "", books) }),
			"the document id is empty", whatIsWrongSaysIt},
		{"read in a container that is not there", item(func(w *world) (*cosmos.Response, error) {
			return w.client.Database("shop").Container("prodcts").ReadItem(w.ctx(), "1", books)
		}),
			"404 NotFound: Resource Not Found.…: the container, or its database, does not exist", ""},
		{"read under a condition of writes", item(func(w *world) (*cosmos.Response, error) {
			return w.products.ReadItem(w.ctx(), "1", books, cosmos.IfMatch(`"x"`))
		}),
			`the option IfMatch("\"x\"") does not apply to ReadItem: a read takes IfNoneMatch`, ""},
		{"create of what is there", item(func(w *world) (*cosmos.Response, error) {
			return w.products.CreateItem(w.ctx(), product{ID: "1", Category: "books"})
		}),
			`409 Conflict: Entity with the specified id already exists…has id "1" and partition key ["books"]`,
			theProgramDecides},
		{"create under an ETag", item(func(w *world) (*cosmos.Response, error) {
			return w.products.CreateItem(w.ctx(), product{ID: "9", Category: "x"}, cosmos.IfMatch(`"x"`))
		}),
			`the option IfMatch("\"x\"") does not apply to…compare; use a replace, or an upsert`, ""},
		{"create without an id", item(func(w *world) (*cosmos.Response, error) {
			return w.products.CreateItem(w.ctx(), map[string]any{"category": "x"})
		}),
			`the document has no "id": every document needs one, a string`, ""},
		{"create with another key", item(func(w *world) (*cosmos.Response, error) {
			return w.products.CreateItem(w.ctx(), product{ID: "9", Category: "x"}, books)
		}),
			`the document's partition key is ["x"] (container…but the option PartitionKey says ["books"]`, ""},
		{"create of a text",
			item(func(w *world) (*cosmos.Response, error) { return w.products.CreateItem(w.ctx(), "hello") }),
			`a document is a JSON object; string encodes as "hello"`, whatIsWrongSaysIt},
		{"create of JSON that is none", item(func(w *world) (*cosmos.Response, error) {
			return w.products.CreateItem(w.ctx(), []byte(`{"id":`))
		}),
			`the document is not valid JSON: {"id":`, whatIsWrongSaysIt},
		{"create of nil",
			item(func(w *world) (*cosmos.Response, error) { return w.products.CreateItem(w.ctx(), nil) }),
			"nil is not a document: a document is a JSON object, made of a struct or a map", ""},
		{"create of a time to live of 0", item(func(w *world) (*cosmos.Response, error) {
			return w.products.CreateItem(w.ctx(), map[string]any{"id": "9", "category": "x", "ttl": 0})
		}),
			"POST dbs/shop/colls/products/docs: 400…a nonzero positive integer, or -1.", ofTheService},
		{"create of a tagless struct", item(func(w *world) (*cosmos.Response, error) {
			return w.products.CreateItem(w.ctx(), struct{ ID, Category string }{"9", "x"})
		}),
			`the document has no "id": every document needs one, a string`, ""},
		{"replace with another id", item(func(w *world) (*cosmos.Response, error) {
			return w.products.ReplaceItem(w.ctx(), "9", product{ID: "9", Category: "books"})
		}),
			"PUT dbs/shop/colls/products/docs/9…id does not exist in the system.", theProgramDecides},
		{"replace under a stale ETag", item(func(w *world) (*cosmos.Response, error) {
			return w.products.ReplaceItem(w.ctx(), "1", product{ID: "1", Category: "books"}, cosmos.IfMatch(`"x"`))
		}),
			"PUT dbs/shop/colls/products/docs/1: 412…specified precondition is not met.", theProgramDecides},
		{"delete under a patch's condition", item(func(w *world) (*cosmos.Response, error) {
			return w.products.DeleteItem(w.ctx(), "1", books, cosmos.PatchCondition("from c where c.n = 1"))
		}),
			`the option PatchCondition("from c where c.n =…OpPatch, PatchMany, UPDATE)`, ""},
		{"delete of what is not there",
			item(func(w *world) (*cosmos.Response, error) { return w.products.DeleteItem(w.ctx(), "9", books) }),
			"DELETE dbs/shop/colls/products/docs/9…id does not exist in the system.", theProgramDecides},
		{"patch without operations",
			item(func(w *world) (*cosmos.Response, error) { return w.products.PatchItem(w.ctx(), "1", nil, books) }),
			"the patch has no operations", whatIsWrongSaysIt},
		{"patch of a path without a slash", item(func(w *world) (*cosmos.Response, error) {
			return w.products.PatchItem(w.ctx(), "1", []cosmos.PatchOperation{cosmos.PatchSet("price", 1)}, books)
		}),
			`patch operation 0 (set price): the path "price" does not begin with /`, whatIsWrongSaysIt},
		{"patch of eleven properties", item(func(w *world) (*cosmos.Response, error) {
			return w.products.PatchItem(w.ctx(), "1",
				slices.Repeat([]cosmos.PatchOperation{cosmos.PatchSet("/a", 1)}, 11), books)
		}),
			"the patch has 11 operations, more than 10; a…batch takes several patches of a document", ""},
		{"patch of the id", item(func(w *world) (*cosmos.Response, error) {
			return w.products.PatchItem(w.ctx(), "1", []cosmos.PatchOperation{cosmos.PatchSet("/id", "9")}, books)
		}),
			"PATCH dbs/shop/colls/products/docs/1: 400…and partition key cannot be patched.", ofTheService},
		{"patch of a text by 1", item(func(w *world) (*cosmos.Response, error) {
			return w.products.PatchItem(w.ctx(), "1", []cosmos.PatchOperation{cosmos.PatchIncrement("/name", 1)}, books)
		}),
			"PATCH dbs/shop/colls/products/docs/1: 400…/name): the value is not a number.", ofTheService},
		{"patch that removes what is not there", item(func(w *world) (*cosmos.Response, error) {
			return w.products.PatchItem(w.ctx(), "1", []cosmos.PatchOperation{cosmos.PatchRemove("/nope")}, books)
		}),
			"PATCH dbs/shop/colls/products/docs/1: 400…there is nothing at this path.", ofTheService},
		{"patch by a condition that does not hold", item(func(w *world) (*cosmos.Response, error) {
			return w.products.PatchItem(w.ctx(), "1", []cosmos.PatchOperation{cosmos.PatchSet("/a", 1)}, books,
				cosmos.PatchCondition("from c where c.price > 99"))
		}),
			"PATCH dbs/shop/colls/products/docs/1:…specified precondition is not met.", theProgramDecides},
		{"all of a partition without a key",
			item(func(w *world) (*cosmos.Response, error) { return w.products.DeletePartition(w.ctx()) }),
			"DeletePartition needs the option PartitionKey", ""},
		{"a procedure that is not there", item(func(w *world) (*cosmos.Response, error) {
			return w.products.ExecuteStoredProcedure(w.ctx(), "cleanup", nil, books)
		}),
			"POST dbs/shop/colls/products/sprocs/cleanup: 404 NotFound: Resource Not Found.", ofTheService},
		{"a procedure without a key", item(func(w *world) (*cosmos.Response, error) {
			return w.products.ExecuteStoredProcedure(w.ctx(), "cleanup", nil)
		}),
			`container "products" is partitioned by /category: the operation needs the option PartitionKey`, ""},
		{"throttled for long", item(func(w *world) (*cosmos.Response, error) {
			w.Fail(cosmostest.Create, 100, 429, 3200, time.Microsecond)
			client, err := cosmos.NewClientFromConnectionString(w.ConnectionString(),
				&cosmos.ClientOptions{MaxThrottleRetries: 1})
			if err != nil {
				return nil, err
			}
			defer client.Close()
			return client.Database("shop").Container("products").CreateItem(w.ctx(), product{ID: "9", Category: "x"})
		}),
			"POST dbs/shop/colls/products/docs: 429/3200 TooManyRequests:…, after 2 attempts", theProgramDecides},
		{"a lost answer", item(func(w *world) (*cosmos.Response, error) {
			w.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Patch), Cut: cosmostest.CutAfter})
			return w.products.PatchItem(w.ctx(), "1",
				[]cosmos.PatchOperation{cosmos.PatchIncrement("/price", 1)}, books)
		}),
			"PATCH dbs/shop/colls/products/docs/1: EOF; the outcome of the write is unknown", theProgramDecides},
	})
}

func TestBatchesAndBulk(t *testing.T) {
	t.Parallel()
	batch := func(ops ...cosmos.Operation) func(*world) error {
		return func(w *world) error {
			_, err := w.products.TransactionalBatch(w.ctx(), ops)
			return err
		}
	}
	bulk := func(ops ...cosmos.Operation) func(*world) error {
		return func(w *world) error { return first(w.products.Bulk(w.ctx(), slices.Values(ops))) }
	}
	doc := func(id, category string) cosmos.Operation {
		return cosmos.OpCreate(product{ID: id, Category: category})
	}
	check(t, []mistake{
		{"a batch of nothing", batch(),
			"the batch has no operations", whatIsWrongSaysIt},
		{"a batch of several keys", batch(doc("8", "a"), doc("9", "b")),
			"operation 2 of the batch (Create 9) is…batch stays in one logical partition", whatIsWrongSaysIt},
		{"a batch of 101", batch(slices.Repeat([]cosmos.Operation{doc("8", "a")}, 101)...),
			"operation 101 of the batch (Create 8) is…has 101 operations, more than 100", whatIsWrongSaysIt},
		{"a batch that is too large",
			batch(cosmos.OpCreate(product{ID: "8", Category: "a", Name: strings.Repeat("x", 2<<20)})),
			"operation 1 of the batch (Create) is…2097152 (2 MB) of an item: too large", whatIsWrongSaysIt},
		{"a batch that fails", batch(doc("8", "books"), doc("1", "books")),
			"operation 2 of the batch (Create 1) failed, and nothing was done: 409 Conflict", theProgramDecides},
		{"a batch without a key", batch(cosmos.OpDelete("1")),
			"operation 1 of the batch (Delete 1) is refused,…operation needs the option PartitionKey", ""},
		{"a bulk operation of the zero value", bulk(cosmos.Operation{}),
			"the Operation is empty: make one with OpCreate, OpUpsert, OpReplace, OpPatch, OpDelete or OpRead", ""},
		{"a bulk operation without a key", bulk(cosmos.OpDelete("1")),
			`container "products" is partitioned by /category: the operation needs the option PartitionKey`, ""},
		{"a bulk create of what is there", bulk(doc("1", "books")),
			"Create 1: 409 Conflict", theProgramDecides},
		{"a bulk create without an id", func(w *world) error {
			return first(w.products.CreateMany(w.ctx(), items(map[string]any{"category": "x"})))
		},
			`the document has no "id": every document needs one, a string`, ""},
		{"a bulk of texts", func(w *world) error { return first(w.products.CreateMany(w.ctx(), items("hello"))) },
			`a document is a JSON object; string encodes as "hello"`, whatIsWrongSaysIt},
		{"a bulk under one ETag", func(w *world) error {
			return first(w.products.UpsertMany(w.ctx(), items(product{ID: "1", Category: "books"}),
				cosmos.IfMatch(`"x"`)))
		},
			`the option IfMatch("\"x\"") does not apply to…in OpReplace(id, item, IfMatch(etag))`, ""},
		{"a bulk in another container", func(w *world) error {
			return first(w.client.Database("shop").Container("prodcts").CreateMany(w.ctx(),
				items(product{ID: "1", Category: "books"})))
		},
			"404 NotFound: Resource Not Found.…: the container, or its database, does not exist", ""},
		{"many reads without keys", func(w *world) error {
			return first(w.products.ReadMany(w.ctx(), slices.Values([]cosmos.ItemKey{{ID: "1"}})))
		},
			`container "products" is partitioned by /category: the operation needs the option PartitionKey`, ""},
		{"a query in a transaction", func(w *world) error {
			tx, err := w.db.BeginTx(w.ctx(), nil)
			if err != nil {
				return err
			}
			defer tx.Rollback()
			return tx.QueryRowContext(w.ctx(), "SELECT p.id FROM products p").Scan(new(string))
		},
			"a query cannot be part of a transaction: it would run outside the batch and not see it", ""},
		{"another partition in a transaction",
			tx("INSERT INTO products (id, category) VALUES ('8', 'a')",
				"INSERT INTO products (id, category) VALUES ('9', 'b')"),
			`a transaction is of one partition key; this one is of ["a"], not ["b"]`, whatIsWrongSaysIt},
		{"another container in a transaction",
			tx("INSERT INTO products (id, category) VALUES ('8', 'a')", `INSERT INTO "my-orders" (id) VALUES ('a')`),
			"a transaction is of one partition key of…shop.products, not shop.my-orders", whatIsWrongSaysIt},
		{"a search in a transaction", tx("UPDATE products SET price = 1 WHERE price > 1"),
			"UPDATE in a transaction must name one document: WHERE id…path of the partition key (/category) =", ""},
		{"a condition in a transaction",
			tx("UPDATE products SET price = 1 WHERE id = '1' AND category = 'books' AND price > 1"),
			"UPDATE in a transaction must name one document: WHERE id…path of the partition key (/category) =", ""},
		{"a definition in a transaction", tx("CREATE CONTAINER t PARTITION KEY (/pk)"),
			"a transaction changes documents only; run the statement outside it", ""},
		{"a transaction that fails",
			tx("INSERT INTO products (id, category) VALUES ('8', 'books')",
				"INSERT INTO products (id, category) VALUES ('1', 'books')"),
			"nothing was committed because of…and nothing was done: 409 Conflict", theProgramDecides},
		{"a transaction after its end", func(w *world) error {
			tx, err := w.db.BeginTx(w.ctx(), nil)
			if err != nil {
				return err
			}
			return errors.Join(tx.Commit(), tx.Commit())
		},
			"sql: transaction has already been committed or rolled back", ofTheStandardLibrary},
		{"a distributed transaction without the preview", func(w *world) error {
			tx, err := w.db.BeginTx(cosmos.WithOptions(w.ctx(), cosmos.Distributed()), nil)
			if err != nil {
				return err
			}
			defer tx.Rollback()
			if _, err := tx.ExecContext(w.ctx(), "INSERT INTO products (id, category) VALUES ('8', 'a')"); err != nil {
				return err
			}
			return tx.Commit()
		},
			"the account does not execute distributed…BadRequest: Request url is invalid.", ""},
	})
}

// tx runs statements in a transaction.
func tx(texts ...string) func(*world) error {
	return func(w *world) error {
		tx, err := w.db.BeginTx(w.ctx(), nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		for _, text := range texts {
			if _, err := tx.ExecContext(w.ctx(), text); err != nil {
				return err
			}
		}
		return tx.Commit()
	}
}
