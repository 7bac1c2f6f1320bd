// Command library is a small program written for gocosmos: it makes a database and its collections, fills them,
// changes, asks and removes, and prints what it sees. It is compiled and run as it is against gocosmos, and with
// nothing but import, driver name and DSN changed against ours; see ../library_test.go.
package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"

	_ "github.com/microsoft/gocosmos"
)

const driver = "gocosmos"

func main() {
	log.SetFlags(0)
	db, err := sql.Open(driver, os.Getenv("LIBRARY_DSN"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(); err != nil {
		log.Fatal(err)
	}
	for _, chapter := range []func(*sql.DB){manage, write, ask, remove} {
		chapter(db)
	}
}

// manage makes the database and its collections.
func manage(db *sql.DB) {
	run(db, "CREATE DATABASE library WITH ru=400")
	run(db, "CREATE DATABASE IF NOT EXISTS library")
	run(db, "CREATE DATABASE library")
	run(db, "ALTER DATABASE library WITH RU=500")
	run(db, "CREATE DATABASE archive WITH maxru=4000")
	list(db, "LIST DATABASES")
	run(db, "CREATE COLLECTION library.books WITH pk=/shelf WITH ru=400, WITH uk=/isbn:/title,/author")
	run(db, "CREATE COLLECTION IF NOT EXISTS library.books WITH PK=/shelf")
	run(db, "CREATE TABLE IF NOT EXISTS loans WITH pk=/reader,/book")
	run(db, "CREATE TABLE spare WITH pk=/id , WITH maxru=4000")
	run(db, "ALTER TABLE library.books WITH ru=600")
	list(db, "LIST COLLECTIONS FROM library")
	list(db, "list tables")
}

// write fills the collections and changes what is in them.
func write(db *sql.DB) {
	run(db, `INSERT INTO library.books (id, shelf, title, author, isbn, pages, lent, more, tags)
		VALUES ("\"b1\"", "\"A\"", :1, @2, $3, 320, false, "{\"rating\": 4.5, \"by\": null}", "[\"sea\", \"whale\"]")
		WITH pk=/shelf`,
		"Moby-Dick", "Melville", "111")
	run(db, `INSERT INTO books (id, shelf, title, author, isbn, pages, lent) VALUES (:1, :2, :3, :4, :5, :6, :7)`,
		"b2", "A", "Emma", "Austen", "222", 448, true)
	run(db, `INSERT INTO books (id, shelf, title, author, isbn, pages) VALUES (@3, @2, @1, NULL, "\"333\"", 1e3)`,
		"Anon (a life)", "B", "b3")
	run(db,
		`INSERT INTO books (id, shelf, title, author, isbn) VALUES ("\"b3\"", "\"B\"", "\"Twice\"", NULL, "\"444\"")`)
	run(db, `INSERT INTO books (id, shelf, title, author, isbn) VALUES ($1, $2, $3, $4, $5)`, "b4", "B", "Twice",
		"Nobody", "333")
	run(db, `UPSERT INTO library.books (id, shelf, title, author, isbn, pages) VALUES (:1, :2, :3, :4, :5, :6)`, "b2",
		"A", "Emma", "J. Austen", "222", 450)
	run(db, `UPSERT INTO books (id, shelf, title, isbn, pages) VALUES (:1, :2, :3, :4, :5)`, "b5", "C",
		"Ünïcode 🙂 \"quoted\" 'too'", "555", 5)
	run(db, `INSERT INTO loans (id, reader, book, days) VALUES (:1, :2, :3, :4) WITH pk=/reader,/book`, "l1",
		"ann", "b1", 14)

	run(db, `UPDATE library.books SET pages=321, author="\"H. Melville\"", lent=:2, tags="[1,true,null,\"x\"]" `+
		`WHERE id=@1 AND shelf=$3`, "b1", true, "A")
	run(db, `UPDATE loans SET days=:1 WHERE id=:2 AND reader=:3 AND book=:4`, 21, "l1", "ann", "b1")
}

// ask queries.
func ask(db *sql.DB) {
	rows(db, `SELECT CROSS PARTITION b.id, b.title, b.author FROM books b WITH database=library`)
	rows(db, `SELECT CROSS PARTITION * FROM c WHERE c.pages > @1 AND c.pages < $2 WITH db=library WITH table=loans`, 1,
		2)
	rows(db, `SELECT c.id, c.pages, c.lent FROM c WHERE c.shelf=:1 AND c.pages>=:2 WITH collection=books`, "A", 300)
	rows(db, `SELECT b.id, b.more.rating, b.tags[3] AS tag FROM books b WHERE b.shelf="A" AND b.id="b1"`)
	rows(db, `SELECT l.id, l.days FROM loans l WHERE l.reader=$1 AND l.book=$2`, "ann", "b1")
	rows(db, `SELECT b.id, b.title FROM books b WHERE b.pages IN (@1, @2, @3) WITH cross_partition`, 5, 321, 1000)
	rows(db, `SELECT CROSS PARTITION b.shelf, COUNT(1) AS n, SUM(b.pages) AS pages FROM books b GROUP BY b.shelf `+
		`WITH db=library`)
	first(db, `SELECT CROSS PARTITION COUNT(1) AS n FROM books b`)
	ordered(db, `SELECT b.id, b.pages FROM books b ORDER BY b.pages DESC OFFSET 1 LIMIT 2 WITH db=library, `+
		`WITH CrossPartition=true`)

	stmt, err := db.Prepare(`SELECT b.id, b.title FROM books b WHERE b.shelf=:1`)
	if err != nil {
		log.Fatal(err)
	}
	defer stmt.Close()
	for _, shelf := range []string{"A", "B", "Z"} {
		got, err := stmt.Query(shelf)
		show("books on "+shelf, got, err, true)
	}
}

// remove takes everything away again.
func remove(db *sql.DB) {
	run(db, `DELETE FROM library.books WHERE id=:1 AND shelf=:2`, "b1", "A")
	run(db, `DELETE FROM loans WHERE id="\"l1\"" AND reader="\"ann\"" AND book=$1`, "b1")
	first(db, `SELECT CROSS PARTITION COUNT(1) AS n FROM books b`)
	run(db, "DROP COLLECTION library.books")
	run(db, "DROP TABLE IF EXISTS books")
	run(db, "DROP COLLECTION books")
	run(db, "DROP DATABASE library")
	run(db, "DROP DATABASE IF EXISTS library")
	run(db, "DROP DATABASE IF EXISTS archive")
	list(db, "LIST DATABASES")
}

// run executes a statement and prints how many rows it affected, or that it failed.
func run(db *sql.DB, text string, args ...any) {
	r, err := db.Exec(text, args...)
	var n int64
	if err == nil {
		n, err = r.RowsAffected()
	}
	if err != nil {
		fmt.Printf("%.60q failed\n", text)
		log.Print(err)
		return
	}
	fmt.Printf("%.60q affected %d\n", text, n)
}

// list prints the ids of what a LIST statement finds.
func list(db *sql.DB, text string) {
	found, err := db.Query(text)
	if err != nil {
		log.Fatal(text, ": ", err)
	}
	defer found.Close()
	var ids []string
	for _, row := range records(found) {
		ids = append(ids, fmt.Sprint(row["id"]))
	}
	slices.Sort(ids)
	fmt.Printf("%q has %q\n", text, ids)
}

// rows prints what a query finds, whatever the order.
func rows(db *sql.DB, text string, args ...any) {
	found, err := db.Query(text, args...)
	show(text, found, err, true)
}

// ordered prints what a query finds, in its order.
func ordered(db *sql.DB, text string) {
	found, err := db.Query(text)
	show(text, found, err, false)
}

// first prints the number that a query finds.
func first(db *sql.DB, text string) {
	var n float64
	if err := db.QueryRow(text).Scan(&n); err != nil {
		log.Fatal(text, ": ", err)
	}
	fmt.Printf("%.60q is %v\n", text, n)
}

func show(text string, found *sql.Rows, err error, sorted bool) {
	if err != nil {
		log.Fatal(text, ": ", err)
	}
	defer found.Close()
	all := records(found)
	fmt.Printf("%.60q found %d\n", text, len(all))
	lines := make([]string, len(all))
	for i, row := range all {
		line, err := json.Marshal(row)
		if err != nil {
			log.Fatal(err)
		}
		lines[i] = string(line)
	}
	if sorted {
		slices.Sort(lines)
	}
	for _, line := range lines {
		fmt.Println("\t" + line)
	}
}

// records reads rows as gocosmos's page of statements has it: by the names of the columns.
func records(found *sql.Rows) []map[string]any {
	columns, err := found.ColumnTypes()
	if err != nil {
		log.Fatal(err)
	}
	var all []map[string]any
	for found.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := found.Scan(places...); err != nil {
			log.Fatal(err)
		}
		row := map[string]any{}
		for i, column := range columns {
			if values[i] != nil {
				row[column.Name()] = values[i]
			}
		}
		all = append(all, row)
	}
	return all
}
