package crosspartition_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// generator makes random documents and queries over them.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 42))} }

func (g generator) one(of ...string) string { return of[g.IntN(len(of))] }

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

// scalars are the values of properties; numbers that add up exactly, so that sums do not depend on the order.
var scalars = []string{"null", "true", "false", "-2", "0", "1", "2.5", "7", "1000", `""`, `"a"`, `"b"`, `"B"`,
	`"é"`, `"zz"`}

var composites = []string{"[]", "[1]", "[1,2]", `["a"]`, "{}", `{"k":1}`, `{"k":2,"l":[3]}`}

// mixed is a value of any type.
func (g generator) mixed() string {
	if g.chance(25) {
		return g.one(composites...)
	}
	return g.one(scalars...)
}

// document has properties of every kind, each missing now and then: a number, a string, one of any type, a list, an
// object, and the partition keys.
func (g generator) document(i int) string {
	members := []string{fmt.Sprintf(`"id":"d%03d"`, i)}
	add := func(percent int, name, value string) {
		if g.chance(percent) {
			members = append(members, fmt.Sprintf(`%q:%s`, name, value))
		}
	}
	add(90, "pk", g.one(append(scalars, fmt.Sprint(i))...))
	add(95, "t", g.one(`"t1"`, `"t2"`, `"t3"`, "null"))
	add(90, "u", fmt.Sprint(g.IntN(4)))
	add(85, "n", g.one("-2", "0", "1", "2.5", "7", "1000"))
	add(85, "s", g.one(`""`, `"a"`, `"b"`, `"B"`, `"é"`, `"zz"`))
	add(80, "m", g.mixed())
	add(70, "tags", "["+strings.Join([]string{g.one(scalars...), g.one(scalars...), g.mixed()}[:g.IntN(4)], ",")+"]")
	add(70, "o", fmt.Sprintf(`{"x":%s,"y":%d}`, g.mixed(), g.IntN(3)))
	return "{" + strings.Join(members, ",") + "}"
}

// kind says how the rows of a query are compared with what they should be.
type kind int

const (
	bag    kind = iota // any order
	exact              // this order
	subset             // so many of the rows of the query without its limit
	lists              // any order, and any order within arrays
	ties               // the order of the property k; rows with the same k in any order
)

// query is a random query.
type query struct {
	text, params string
	kind         kind
	whole        string // for subset: the same without the limit
}

// query makes one of the shapes that need different stages.
func (g generator) query() query {
	q := query{}
	where := ""
	switch {
	case g.chance(60):
		where = " WHERE " + g.condition(2)
	case g.chance(4):
		where = " WHERE " + g.chain()
	}
	switch g.IntN(13) {
	case 0, 1, 2:
		q = g.sorted(where)
	case 10:
		key := g.one("c.t", "c.u", "c.n", "c.m", "c.o.x")
		q = query{text: "SELECT " + key + " AS k, c.id" + g.one(" FROM c", ", t FROM c JOIN t IN c.tags") + where +
			" ORDER BY " + key + g.one("", " DESC"), kind: ties}
	case 11:
		q = g.groupedInOrder(where)
	case 12:
		q = g.constant()
	case 3:
		q = query{text: "SELECT " + g.projection() + where, kind: bag}
	case 4:
		q = g.limited(where)
	case 5:
		q = query{text: "SELECT VALUE " + g.aggregate() + " FROM c" + where, kind: lists}
	case 6:
		list := g.aggregate() + " AS a"
		if g.chance(50) {
			list += ", " + g.aggregate() + ", 5 AS five"
		}
		q = query{text: "SELECT " + list + " FROM c" + where, kind: lists}
	case 7:
		q = g.grouped(where)
	case 8:
		q = g.distinct(where)
	default:
		inner := "SELECT DISTINCT " + g.one("VALUE c.m", "VALUE c.n", "c.s, c.t", "VALUE c.o.x") + " FROM c" + where
		q = query{text: "SELECT " + g.one("VALUE COUNT(1)", "COUNT(1) AS n") + " FROM (" + inner + ")", kind: exact}
	}
	if strings.Contains(q.text, "@p") {
		q.params = g.mixed()
	}
	return q
}

func (g generator) path() string {
	return "c." + g.one("pk", "t", "u", "n", "s", "m", "o.x", "o.y", "id")
}

func (g generator) projection() string {
	return g.one("* FROM c", "c.id, c.n, c.m FROM c", "VALUE c.m FROM c", "VALUE c.o.x FROM c",
		`VALUE {"a": c.n, "b": [c.s, c.m]} FROM c`,
		"c.id, t FROM c JOIN t IN c.tags", "VALUE t FROM c JOIN t IN c.tags", "c.id, UPPER(c.s) AS u, c.n + 1 FROM c",
		"c.id, (SELECT VALUE COUNT(1) FROM t IN c.tags) AS tags FROM c")
}

// sorted is ORDER BY, made total by the id, which is the last key.
func (g generator) sorted(where string) query {
	var keys []string
	for range g.IntN(3) {
		if key := g.path(); key != "c.id" {
			keys = append(keys, key+g.one("", " ASC", " DESC"))
		}
	}
	order := " ORDER BY " + strings.Join(append(keys, "c.id"+g.one("", " DESC")), ", ")
	list := g.projection()
	switch g.IntN(4) {
	case 0:
		return query{text: fmt.Sprintf("SELECT TOP %d %s%s%s", g.IntN(30), list, where, order), kind: exact}
	case 1:
		return query{text: fmt.Sprintf("SELECT %s%s%s OFFSET %d LIMIT %d", list, where, order, g.IntN(30), g.IntN(40)),
			kind: exact}
	}
	return query{text: "SELECT " + list + where + order, kind: exact}
}

func (g generator) limited(where string) query {
	list := g.projection()
	whole := "SELECT " + list + where
	if g.chance(50) {
		return query{text: fmt.Sprintf("SELECT TOP %d %s%s", g.IntN(30), list, where), kind: subset, whole: whole}
	}
	return query{text: fmt.Sprintf("%s OFFSET %d LIMIT %d", whole, g.IntN(30), g.IntN(40)), kind: subset, whole: whole}
}

func (g generator) aggregate() string {
	if g.chance(20) {
		return "COUNT(1)"
	}
	return g.one("COUNT", "SUM", "AVG", "MIN", "MAX", "SUM", "AVG", "COUNTIF", "MAKELIST", "MAKESET") + "(" +
		g.one("c.n", "c.n", "c.u", "c.s", "c.m", "c.o.x", "c.n > 1") + ")"
}

func (g generator) grouped(where string) query {
	key := g.one("c.t", "c.u", "c.n", "c.m", "UPPER(c.s)", "c.o.x")
	switch g.IntN(4) {
	case 0:
		return query{text: fmt.Sprintf("SELECT VALUE %s FROM c%s GROUP BY %s", key, where, key), kind: lists}
	case 1:
		return query{text: fmt.Sprintf("SELECT VALUE %s FROM c%s GROUP BY %s", g.aggregate(), where, key), kind: lists}
	case 2:
		second := g.one("c.t", "c.u")
		return query{text: fmt.Sprintf("SELECT %s AS k, %s AS l, %s AS a FROM c%s GROUP BY %s, %s", key, second,
			g.aggregate(), where, key, second), kind: lists}
	}
	return query{text: fmt.Sprintf("SELECT %s AS k, %s AS a, %s AS b FROM c%s GROUP BY %s", key, g.aggregate(),
		g.aggregate(), where, key), kind: lists}
}

// groupedInOrder is GROUP BY with ORDER BY, made total by the key of the groups, which is the last one.
func (g generator) groupedInOrder(where string) query {
	key := g.one("c.t", "c.u", "c.n", "c.m", "UPPER(c.s)", "c.o.x")
	fold := g.one("COUNT(1)", "SUM(c.n)", "MIN(c.n)", "MAX(c.s)", "AVG(c.u)")
	list := fmt.Sprintf("%s AS k, %s AS a", key, fold)
	order := g.one("", "a, ", "a DESC, ", fold+" DESC, ") + g.one("k", key) + g.one("", " DESC")
	if g.chance(20) {
		list, order = "VALUE "+key, key+g.one("", " DESC")
	}
	text := fmt.Sprintf("%s FROM c%s GROUP BY %s ORDER BY %s", list, where, key, order)
	switch g.IntN(3) {
	case 0:
		return query{text: fmt.Sprintf("SELECT TOP %d %s", g.IntN(6), text), kind: exact}
	case 1:
		return query{text: fmt.Sprintf("SELECT %s OFFSET %d LIMIT %d", text, g.IntN(3), g.IntN(6)), kind: exact}
	}
	return query{text: "SELECT " + text, kind: exact}
}

// constant is a query whose FROM reads no document: it runs once, however many partitions there are.
func (g generator) constant() query {
	list := "(SELECT VALUE [" +
		strings.Join([]string{g.one(scalars...), g.one(scalars...), "3", "3"}[:g.IntN(5)], ",") + "])"
	all := "SELECT VALUE x FROM x IN " + list
	switch g.IntN(4) {
	case 0:
		return query{text: strings.Replace(all, "SELECT", "SELECT TOP 2", 1), kind: subset, whole: all}
	case 1:
		return query{text: all + " OFFSET 1 LIMIT 2", kind: subset, whole: all}
	}
	return query{text: g.one(
		all,
		"SELECT VALUE COUNT(1) FROM x IN "+list,
		"SELECT x, COUNT(1) AS n FROM x IN "+list+" GROUP BY x",
		"SELECT DISTINCT VALUE x FROM x IN "+list,
		"SELECT * FROM (SELECT VALUE 1) AS t",
		"SELECT VALUE ARRAY_LENGTH(t) FROM (SELECT VALUE "+list+") AS t",
		"SELECT VALUE COUNT(1)",
	), kind: bag}
}

func (g generator) distinct(where string) query {
	list := g.one("c.n", "c.t, c.u", "VALUE c.m", "VALUE c.o", "VALUE c.n", "c.s, c.m")
	whole := "SELECT DISTINCT " + list + " FROM c" + where
	switch g.IntN(4) {
	case 0:
		key := g.one("c.n", "c.s", "c.t", "c.o.y")
		return query{text: "SELECT DISTINCT VALUE " + key + " FROM c" + where + " ORDER BY " + key + g.one("", " DESC"),
			kind: exact}
	case 1:
		return query{text: fmt.Sprintf("SELECT DISTINCT TOP %d %s FROM c%s", g.IntN(10), list, where),
			kind: subset, whole: whole}
	case 2:
		return query{text: fmt.Sprintf("%s OFFSET %d LIMIT %d", whole, g.IntN(4), g.IntN(10)),
			kind: subset, whole: whole}
	}
	return query{text: whole, kind: bag}
}

// chain is a condition of a thousand parts, as programs write them for lists.
func (g generator) chain() string {
	op := g.one(" OR ", " AND ")
	var parts []string
	for i := range 1000 {
		if op == " OR " {
			parts = append(parts, fmt.Sprintf(`c.id = "d%03d"`, i*7%1009))
			continue
		}
		parts = append(parts, fmt.Sprintf(`c.u != %d`, 3+i%50))
	}
	return strings.Join(parts, op)
}

// condition is a random filter, often one that says something about the partition key.
func (g generator) condition(depth int) string {
	if depth > 0 && g.chance(45) {
		l, r := g.condition(depth-1), g.condition(depth-1)
		return g.one("("+l+" AND "+r+")", "("+l+" OR "+r+")", "(NOT ("+l+"))")
	}
	path := g.path()
	if g.chance(35) {
		path = g.one("c.pk", "c.t", "c.u")
	}
	constant := g.one(append(scalars, "@p", "@p")...)
	switch g.IntN(8) {
	case 0:
		return path + g.one(" < ", " >= ", " != ") + constant
	case 1:
		return g.one("IS_DEFINED", "IS_NULL", "IS_NUMBER", "IS_BOOL", "IS_STRING") + "(" + path + ")"
	case 2:
		return path + g.one(" IN (", " NOT IN (") + constant + ", " + g.one(scalars...) + ")"
	case 3:
		return fmt.Sprintf("(c.t = %s AND c.u = %d)", g.one(`"t1"`, `"t2"`, "null"), g.IntN(4))
	case 4:
		return fmt.Sprintf(`(c.id = "d%03d" AND c.pk = %s)`, g.IntN(60), constant)
	case 5:
		return "EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t = " + constant + ")"
	}
	return path + " = " + constant
}
