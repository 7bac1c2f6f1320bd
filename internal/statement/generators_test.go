package statement

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// What libraries that make SQL send, each in the spelling of its PostgreSQL or SQL Server dialect: names in double
// quotes, $1 or @p1, parentheses around everything.

// TestGeneratedSelects: the query that goes to the service, and the parameters in the order of the text.
func TestGeneratedSelects(t *testing.T) {
	t.Parallel()
	const missing = `(NOT IS_DEFINED(people.deleted_at) OR IS_NULL(people.deleted_at))`
	for _, tt := range []struct {
		library, text, sent string
		params              Parameters
	}{
		{"gorm First", `SELECT * FROM "people" WHERE "people"."id" = $1 AND "people"."deleted_at" IS NULL ` +
			`ORDER BY "people"."id" LIMIT $2`,
			`SELECT * FROM people WHERE people.id = @p1 AND ` + missing + ` ORDER BY people.id OFFSET 0 LIMIT @p2`,
			Parameters{"@p1", "@p2"}},
		{"gorm Where", `SELECT * FROM "people" WHERE name = $1 AND "people"."deleted_at" IS NULL`,
			`SELECT * FROM people WHERE people.name = @p1 AND ` + missing, Parameters{"@p1"}},
		{"gorm Count", `SELECT count(*) FROM "people" WHERE age > $1 AND "people"."deleted_at" IS NULL`,
			`SELECT count(1) FROM people WHERE people.age > @p1 AND ` + missing, Parameters{"@p1"}},
		{"gorm Or", `SELECT * FROM "people" WHERE (name = $1 OR age >= $2) AND "people"."deleted_at" IS NULL`,
			`SELECT * FROM people WHERE (people.name = @p1 OR people.age >= @p2) AND ` + missing,
			Parameters{"@p1", "@p2"}},
		{"gorm Pluck", `SELECT "name" FROM "people" WHERE "people"."deleted_at" IS NULL`,
			`SELECT people.name FROM people WHERE ` + missing[1:len(missing)-1], nil},
		{"gorm Not", `SELECT * FROM "people" WHERE NOT name = $1`,
			`SELECT * FROM people WHERE NOT (people.name = @p1)`, Parameters{"@p1"}},
		{"goose list", `SELECT version_id, is_applied from goose_db_version ORDER BY id DESC`,
			`SELECT goose_db_version.version_id, goose_db_version.is_applied FROM goose_db_version ` +
				`ORDER BY goose_db_version.id DESC`, nil},
		{"goose migration", `SELECT tstamp, is_applied FROM goose_db_version WHERE version_id=$1 ` +
			`ORDER BY tstamp DESC LIMIT 1`,
			`SELECT goose_db_version.tstamp, goose_db_version.is_applied FROM goose_db_version ` +
				`WHERE goose_db_version.version_id = @p1 ORDER BY goose_db_version.tstamp DESC OFFSET 0 LIMIT 1`,
			Parameters{"@p1"}},
		{"goose latest", `SELECT MAX(version_id) FROM goose_db_version`,
			`SELECT MAX(goose_db_version.version_id) FROM goose_db_version`, nil},
		{"goqu", `SELECT "id", "name" FROM "people" WHERE (("age" > 18) AND ("name" LIKE '%a%')) ` +
			`ORDER BY "name" ASC LIMIT 10`,
			`SELECT people.id, people.name FROM people WHERE people.age > 18 AND people.name LIKE "%a%" ` +
				`ORDER BY people.name ASC OFFSET 0 LIMIT 10`, nil},
		{"goqu In", `SELECT COUNT(*) AS "count" FROM "people" WHERE ("city" IN ('Oslo', 'Rome')) LIMIT 1`,
			`SELECT COUNT(1) AS count FROM people WHERE people.city IN ("Oslo", "Rome") OFFSET 0 LIMIT 1`, nil},
		{"goqu IsTrue", `SELECT "id" FROM "people" WHERE ("done" = TRUE)`,
			`SELECT people.id FROM people WHERE people.done = true`, nil},
		{"ent", `SELECT "users"."id", "users"."age" FROM "users" WHERE "users"."age" = $1 LIMIT 2`,
			`SELECT users.id, users.age FROM users WHERE users.age = @p1 OFFSET 0 LIMIT 2`, Parameters{"@p1"}},
		{"ent, nested", `SELECT "t0"."id" FROM "users" AS "t0" WHERE ("t0"."age" > $1 OR "t0"."name" IN ($2, $3)) ` +
			`AND NOT ("t0"."done")`,
			`SELECT t0.id FROM users AS t0 WHERE (t0.age > @p1 OR t0.name IN (@p2, @p3)) AND NOT t0.done`,
			Parameters{"@p1", "@p2", "@p3"}},
		{"bun", `SELECT "p"."id", "p"."name" FROM "people" AS "p" WHERE (id = '1') AND ("p"."age" >= 3)`,
			`SELECT p.id, p.name FROM people AS p WHERE p.id = "1" AND p.age >= 3`, nil},
		{"squirrel", `SELECT id FROM people WHERE deleted_at IS NULL AND age IN (?,?) ORDER BY id LIMIT 10 OFFSET 20`,
			`SELECT people.id FROM people WHERE (NOT IS_DEFINED(people.deleted_at) OR IS_NULL(people.deleted_at)) ` +
				`AND people.age IN (@p1, @p2) ORDER BY people.id OFFSET 20 LIMIT 10`, Parameters{"@p1", "@p2"}},
		{"squirrel, both empty", `SELECT id FROM people WHERE (1=0) AND (1=1)`,
			`SELECT people.id FROM people WHERE 1 = 0 AND 1 = 1`, nil},
		{"sqlx, named", `SELECT * FROM people WHERE name=@name AND age>@age`,
			`SELECT * FROM people WHERE people.name = @name AND people.age > @age`, Parameters{"@name", "@age"}},
		{"sqlx In", `SELECT * FROM people WHERE id IN (?, ?) AND tag IN (?)`,
			`SELECT * FROM people WHERE people.id IN (@p1, @p2) AND people.tag IN (@p3)`,
			Parameters{"@p1", "@p2", "@p3"}},
		{"jet", `SELECT people.id AS "people.id", people.name AS "people.name" FROM people`,
			`SELECT people.id AS "people.id", people.name AS "people.name" FROM people`, nil},
		{"sqlc", "-- name: GetPerson :one\nSELECT id, name FROM people\nWHERE id = $1 LIMIT 1",
			`SELECT people.id, people.name FROM people WHERE people.id = @p1 OFFSET 0 LIMIT 1`, Parameters{"@p1"}},
		{"usql's ping", `SELECT version();`, `SELECT version()`, nil},
		{"sqlcommenter", `SELECT "id" FROM "people" /*db_driver='cosmos',traceparent='00-1-01'*/`,
			`SELECT people.id FROM people`, nil},
	} {
		s, err := Parse(tt.text, database)
		require.NoError(t, err, tt.library)
		require.Equal(t, tt.sent, s.(*Select).Text, tt.library)
		require.Equal(t, tt.params, s.(*Select).Parameters, tt.library)
	}
}

// TestGeneratedWrites: the documents, operations and condition that come of what they write.
func TestGeneratedWrites(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ library, text, effect, where string }{
		{"gorm Create", `INSERT INTO "people" ("id","created_at","name") VALUES ($1,$2,$3) RETURNING "id"`,
			`[{"id":"v1","created_at":"v2","name":"v3"}]`, ``},
		{"gorm, two", `INSERT INTO "people" ("id","name") VALUES ($1,$2),($3,$4)`,
			`[{"id":"v1","name":"v2"},{"id":"v3","name":"v4"}]`, ``},
		{"gorm Updates", `UPDATE "people" SET "name"=$1,"updated_at"=$2 WHERE "people"."deleted_at" IS NULL ` +
			`AND "id" = $3`,
			`[{"op":"set","path":"/name","value":"v1"},{"op":"set","path":"/updated_at","value":"v2"}]`,
			`FROM root AS people WHERE (NOT IS_DEFINED(people.deleted_at) OR IS_NULL(people.deleted_at)) ` +
				`AND people.id = "v3"`},
		{"gorm UpdateColumn", `UPDATE "people" SET "age"=age + 1 WHERE id = $1`,
			`[{"op":"incr","path":"/age","value":1}]`, `FROM root AS people WHERE people.id = "v1"`},
		{"gorm soft delete", `UPDATE "people" SET "deleted_at"=$1 WHERE "people"."id" = $2 ` +
			`AND "people"."deleted_at" IS NULL`,
			`[{"op":"set","path":"/deleted_at","value":"v1"}]`,
			`FROM root AS people WHERE people.id = "v2" AND (NOT IS_DEFINED(people.deleted_at) OR ` +
				`IS_NULL(people.deleted_at))`},
		{"gorm Delete", `DELETE FROM "people" WHERE "people"."id" = $1`, ``,
			`FROM root AS people WHERE people.id = "v1"`},
		{"goose insert", `INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, $2)`,
			`[{"version_id":"v1","is_applied":"v2"}]`, ``},
		{"goose delete", `DELETE FROM goose_db_version WHERE version_id=$1`, ``,
			`FROM root AS goose_db_version WHERE goose_db_version.version_id = "v1"`},
		{"goqu", `INSERT INTO "people" ("id", "name", "tags") VALUES ('1', 'O''Hara', NULL)`,
			`[{"id":"1","name":"O'Hara","tags":null}]`, ``},
		{"goqu update", `UPDATE "people" SET "name"='x' WHERE (("id" = '1') AND ("pk" = 'a'))`,
			`[{"op":"set","path":"/name","value":"x"}]`,
			`FROM root AS people WHERE people.id = "1" AND people.pk = "a"`},
		{"goqu delete", `DELETE FROM "people" WHERE ("name" != 'n1')`, ``,
			`FROM root AS people WHERE people.name != "n1"`},
		{"ent", `DELETE FROM "people" WHERE "name" <> $1`, ``, `FROM root AS people WHERE people.name != "v1"`},
		{"ent add", `UPDATE "people" SET "age" = COALESCE("people"."age", 0) + $1 WHERE "id" = $2 RETURNING "id"`,
			``, `FROM root AS people WHERE people.id = "v2"`},
		{"bun insert", `INSERT INTO "people" ("id", "name", "age") VALUES ('1', 'Ada', DEFAULT) RETURNING "age"`,
			`[{"id":"1","name":"Ada"}]`, ``},
		{"bun update", `UPDATE "people" AS "p" SET name = 'x' WHERE (id = '1')`,
			`[{"op":"set","path":"/name","value":"x"}]`, `FROM root AS p WHERE p.id = "1"`},
		{"bun delete", `DELETE FROM "people" AS "p" WHERE ("p"."id" = '1')`, ``,
			`FROM root AS p WHERE p.id = "1"`},
		{"squirrel Replace", `REPLACE INTO people (id,name) VALUES (?,?)`, `[{"id":"v1","name":"v2"}]`, ``},
		{"squirrel Eq", `DELETE FROM people WHERE age IS NULL AND id = ? AND name IN (?,?)`, ``,
			`FROM root AS people WHERE (NOT IS_DEFINED(people.age) OR IS_NULL(people.age)) AND people.id = "v1" ` +
				`AND people.name IN ("v2", "v3")`},
		{"sqlx, slice of structs", `INSERT INTO people (id, name) VALUES (@p1, @p2), (@p3, @p4)`,
			`[{"id":"v1","name":"v2"},{"id":"v3","name":"v4"}]`, ``},
		{"usql copy", `INSERT INTO people ("id", "name") VALUES (?, ?);`, `[{"id":"v1","name":"v2"}]`, ``},
	} {
		parsed, err := Parse(tt.text, database)
		require.NoError(t, err, tt.library)
		var effect any
		switch s := parsed.(type) {
		case *Insert:
			require.Equal(t, tt.library == "squirrel Replace", s.Verb == "REPLACE")
			effect, err = s.Documents(valuesFor(s.Parameters))
		case *Update:
			args := valuesFor(s.Parameters)
			if tt.library == "ent add" {
				args[0].Value = json.RawMessage(`5`)
				tt.effect = `[{"op":"incr","path":"/age","value":5}]`
			}
			requireCondition(t, tt.where, s, args)
			effect, err = s.Operations(args)
		case *Delete:
			requireCondition(t, tt.where, s, valuesFor(s.Parameters))
			continue
		}
		require.NoError(t, err, tt.library)
		encoded, err := json.Marshal(effect)
		require.NoError(t, err)
		require.Equal(t, tt.effect, string(encoded), tt.library)
	}
}

// valuesFor is an argument by position for each parameter: the text v1 for the first, and so on.
func valuesFor(ps Parameters) []Arg {
	args := positional(make([]string, len(ps))...)
	for i := range args {
		args[i].Value = json.RawMessage(`"v` + string(rune('1'+i)) + `"`)
	}
	return args
}

func requireCondition(t *testing.T, want string, s interface {
	Condition(args []Arg) (string, error)
}, args []Arg,
) {
	t.Helper()
	got, err := s.Condition(args)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// TestGeneratedRefused: what cannot be meant here names the word and says what to do, whoever wrote it.
func TestGeneratedRefused(t *testing.T) {
	t.Parallel()
	for text, message := range map[string]string{
		"SELECT * FROM `people` WHERE `people`.`id` = ?": "Syntax error, incorrect syntax near '`'. " +
			"Write names in double quotes, texts in single ones. (SC1001, line 1, column 15)",
		"SELECT [id] FROM [people]": "Syntax error, incorrect syntax near '['. " +
			"Write names in double quotes, texts in single ones. (SC1001, line 1, column 18)",
		`SELECT "people".* FROM "people"`: "Syntax error, incorrect syntax near '*'. Write SELECT *, or " +
			"SELECT VALUE c for the whole document. (SC1001, line 1, column 17)",
		`SELECT "id" FROM "people" ORDER BY "name" ASC NULLS LAST`: "Syntax error, incorrect syntax near 'NULLS'. " +
			"Cosmos DB sorts what is missing and null first, in descending order last. (SC1001, line 1, column 47)",
		`SELECT COUNT(DISTINCT("users"."id")) FROM "users"`: "Syntax error, incorrect syntax near 'DISTINCT'. " +
			"Write SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.x FROM c). (SC1001, line 1, column 14)",
		`SELECT EXISTS ( SELECT 1 FROM pg_tables WHERE tablename = $1 )`: "Identifier 'tablename' could not be " +
			"resolved. (SC2001, line 1, column 47)",
		`INSERT INTO "people" ("id") VALUES ($1) ON CONFLICT ("id") DO UPDATE SET "a"="excluded"."a"`: "Syntax " +
			"error, incorrect syntax near 'ON'. Write UPSERT INTO, which creates the document or replaces it; " +
			"INSERT gives ErrConflict for one that exists. (SC1001, line 1, column 41)",
		`SELECT "id" FROM "people" LIMIT 1 FOR UPDATE`: "Syntax error, incorrect syntax near 'FOR'. Cosmos DB has " +
			"no locks: write under an ETag, with cosmos.IfMatch(etag) or … AND _etag = @etag. " +
			"(SC1001, line 1, column 35)",
		`SELECT "id" FROM "people" ORDER BY "id" OFFSET 0 ROWS FETCH NEXT 1 ROWS ONLY`: "Syntax error, incorrect " +
			"syntax near 'ROWS'. Write LIMIT n, or OFFSET m LIMIT n: Cosmos DB has no OFFSET without LIMIT. " +
			"(SC1001, line 1, column 50)",
		`CREATE TABLE "people" ("id" text,"name" text,PRIMARY KEY ("id"))`: "Syntax error, incorrect syntax near " +
			"'('. Documents have no fixed columns. Write CREATE CONTAINER c PARTITION KEY (/path). " +
			"(SC1001, line 1, column 23)",
		`ALTER TABLE "people" ADD "name" text`: "Syntax error, incorrect syntax near 'ADD'. Documents have no " +
			"fixed columns, so there is nothing to add, drop or rename: ALTER CONTAINER c WITH (ttl = 3600) changes " +
			"settings, UPDATE documents. (SC1001, line 1, column 22)",
		`UPDATE "people" SET "name"=$1`: "UPDATE needs a WHERE clause; write WHERE true for every document. " +
			"(SC1001, line 1, column 30)",
	} {
		_, err := Parse(text, database)
		require.EqualError(t, err, "cosmos: "+message, text)
	}
}
