package eval

import (
	"testing"
)

func TestSelect(t *testing.T) {
	t.Parallel()
	checkQueries(t, []queryCase{
		{"whole document", "SELECT * FROM c WHERE c.id = '6'", "{'id':'6','kind':'a','n':3,'_rid':'r6'}"},
		{"alias as a value", "SELECT VALUE c FROM c WHERE c.id = '6'", "{'id':'6','kind':'a','n':3,'_rid':'r6'}"},
		{"alias as a property", "SELECT c FROM c WHERE c.id = '6'", "{'c':{'id':'6','kind':'a','n':3,'_rid':'r6'}}"},
		{"list", "SELECT c.id, c.who.name FROM c WHERE c.n > 2",
			"{'id':'1','name':'Ada'} {'id':'5','name':'Eve'} {'id':'6'}"},
		{"aliases", "SELECT c.id AS a, c.n b FROM c WHERE c.id = '1'", "{'a':'1','b':3}"},
		{"names in brackets", "SELECT c['id'], c.who['name'] FROM c WHERE c.id = '1'", "{'id':'1','name':'Ada'}"},
		{"counted names", "SELECT c.tags[0], c.n + 1, c.id, 7 FROM c WHERE c.id = '1'",
			"{'$1':'x','$2':4,'id':'1','$3':7}"},
		{"undefined members are left out", "SELECT c.nope, c.n FROM c WHERE c.id = '5'", "{'n':2.5}"},
		{"undefined rows are left out", "SELECT VALUE c.who.age FROM c", "36 20"},
		{"empty rows stay", "SELECT c.nope FROM c WHERE c.id < '3'", "{} {}"},
		{"null stays", "SELECT VALUE c.n FROM c WHERE c.id = '3'", "null"},
		{"no FROM", "SELECT 1 AS one, 'x' AS x", "{'one':1,'x':'x'}"},
		{"no FROM, filter", "SELECT VALUE 1 WHERE false", ""},
		{"nested values", "SELECT VALUE {'a': [c.id, {'b': c.n}], 'none': c.nope} FROM c WHERE c.id = '1'",
			"{'a':['1',{'b':3}]}"},
		{"parameter", "SELECT VALUE @kinds[0]", "'a'"},
	})
}

func TestFrom(t *testing.T) {
	t.Parallel()
	checkQueries(t, []queryCase{
		{"any name", "SELECT VALUE whatever.id FROM whatever WHERE whatever.id = '1'", "'1'"},
		{"alias", "SELECT VALUE r.id FROM root AS r WHERE r.id = '1'", "'1'"},
		{"path", "SELECT VALUE who FROM c.who", "{'name':'Ada','age':36} {'name':'Bob'} null {'name':'Eve','age':20}"},
		{"path, star", "SELECT * FROM c.who.age", "36 20"},
		{"path with brackets", "SELECT VALUE x FROM c['who']['name'] x", "'Ada' 'Bob' 'Eve'"},
		{"path with index", "SELECT * FROM c.parts[1]", "{'p':'nut','q':5}"},
		{"elements", "SELECT VALUE t FROM t IN c.tags", "'x' 'y' 'y' 1 null"},
		{"elements of objects", "SELECT VALUE p.q FROM p IN c.parts WHERE p.p = 'bolt'", "2 7"},
		{"join", "SELECT c.id, p.p FROM c JOIN p IN c.parts",
			"{'id':'1','p':'bolt'} {'id':'1','p':'nut'} {'id':'2','p':'bolt'}"},
		{"cross product", "SELECT VALUE [t, p.q] FROM c JOIN t IN c.tags JOIN p IN c.parts",
			"['x',2] ['x',5] ['y',2] ['y',5]"},
		{"later source uses earlier",
			"SELECT VALUE x FROM c JOIN p IN c.parts JOIN x IN (SELECT VALUE [p.q, p.p])", "2 'bolt' 5 'nut' 7 'bolt'"},
		{"join a path", "SELECT VALUE w.name FROM c JOIN w IN (SELECT VALUE [c.who])", "'Ada' 'Bob' 'Eve'"},
		{"join a subquery", "SELECT c.id, s FROM c JOIN (SELECT VALUE c.n * 2) s",
			"{'id':'1','s':6} {'id':'2','s':2} {'id':'5','s':5} {'id':'6','s':6}"},
		{"join a filter", "SELECT VALUE c.id FROM c JOIN (SELECT VALUE p FROM p IN c.parts WHERE p.q > 4) x",
			"'1' '2'"},
		{"join an aggregate",
			"SELECT VALUE {i: c.id, s: s} FROM c JOIN (SELECT VALUE SUM(p.q) FROM p IN c.parts) s WHERE s > 0",
			"{'i':'1','s':7} {'i':'2','s':7}"},
		{"join a subquery without alias", "SELECT VALUE c.id FROM c JOIN (SELECT VALUE c.who.age)", "'1' '5'"},
		{"subquery", "SELECT VALUE x.i FROM (SELECT c.id AS i, c.n FROM c) AS x WHERE x.n = 3", "'1' '6'"},
		{"subquery, star", "SELECT * FROM (SELECT VALUE c.id FROM c WHERE c.n = 3)", "'1' '6'"},
		{"subquery in a subquery",
			"SELECT VALUE y FROM (SELECT VALUE x FROM (SELECT VALUE c.n FROM c) x WHERE x > 1) y WHERE y < 3",
			"2.5"},
		{"iterate a subquery", "SELECT VALUE x FROM x IN (SELECT VALUE c.tags FROM c)", "'x' 'y' 'y' 1 null"},
		{"constant table", "SELECT VALUE [c.id, x.v] FROM c JOIN x IN (SELECT VALUE [{k:'a',v:1},{k:'b',v:2}]) " +
			"WHERE x.k = c.kind AND c.n > 0",
			"['1',1] ['2',2] ['6',1]"},
		{"ten joins",
			"SELECT VALUE COUNT(1) FROM c JOIN a IN c.tags JOIN b IN c.tags JOIN d IN c.tags JOIN e IN c.tags " +
				"JOIN f IN c.tags JOIN g IN c.tags JOIN h IN c.tags JOIN i IN c.tags JOIN j IN c.tags " +
				"JOIN k IN c.tags WHERE c.id = '1'", "1024"},
	})
}

func TestWhere(t *testing.T) {
	t.Parallel()
	checkQueries(t, []queryCase{
		{"equal", "SELECT VALUE c.id FROM c WHERE c.n = 3", "'1' '6'"},
		{"not equal keeps null and other types", "SELECT VALUE c.id FROM c WHERE c.n != 3", "'2' '3' '4' '5'"},
		{"not equal drops the missing", "SELECT VALUE c.id FROM c WHERE c.kind != 'a'", "'2' '4'"},
		{"range", "SELECT VALUE c.id FROM c WHERE c.n >= 2 AND c.n < 3", "'5'"},
		{"null", "SELECT VALUE c.id FROM c WHERE c.n = null", "'3'"},
		{"missing", "SELECT VALUE c.id FROM c WHERE NOT IS_DEFINED(c.kind)", "'5'"},
		{"only true passes", "SELECT VALUE c.id FROM c WHERE c.n", ""},
		{"constant true", "SELECT VALUE c.id FROM c WHERE true", "'1' '2' '3' '4' '5' '6'"},
		{"constant false", "SELECT VALUE c.id FROM c WHERE 1 = 2", ""},
		{"NOT of undefined", "SELECT VALUE c.id FROM c WHERE NOT (c.who.age > 30)", "'5'"},
		{"array", "SELECT VALUE c.id FROM c WHERE c.tags = ['x','y']", "'1'"},
		{"object", "SELECT VALUE c.id FROM c WHERE c.who = {age: 36, name: 'Ada'}", "'1'"},
		{"parameter list", "SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(@kinds, c.kind)", "'1' '3' '6'"},
		{"or", "SELECT VALUE c.id FROM c WHERE c.who.name = 'Bob' OR c.tags = 'x' OR c.nope", "'2' '3'"},
	})
}

func TestSubqueries(t *testing.T) {
	t.Parallel()
	checkQueries(t, []queryCase{
		{"scalar", "SELECT VALUE (SELECT VALUE c.n + 1) FROM c WHERE c.id = '1'", "4"},
		{"scalar without a row", "SELECT c.id, (SELECT VALUE p FROM p IN c.parts) AS p FROM c WHERE c.id = '5'",
			"{'id':'5'}"},
		{"scalar aggregate", "SELECT VALUE (SELECT VALUE COUNT(1) FROM t IN c.tags) FROM c", "2 0 0 3 0 0"},
		{"scalar aggregate over nothing", "SELECT VALUE (SELECT VALUE MAX(p.q) FROM p IN c.parts) FROM c", "5 7"},
		{"scalar row",
			"SELECT VALUE (SELECT COUNT(1) AS n, SUM(p.q) AS s FROM p IN c.parts) FROM c WHERE c.id < '3'",
			"{'n':2,'s':7} {'n':1,'s':7}"},
		{"uses an outer alias beside its own",
			"SELECT VALUE (SELECT VALUE MAX(p.q + c.n) FROM p IN c.parts) FROM c WHERE c.id = '1'", "8"},
		{"exists", "SELECT VALUE c.id FROM c WHERE EXISTS(SELECT VALUE p FROM p IN c.parts WHERE p.q > 4)", "'1' '2'"},
		{"not exists", "SELECT VALUE c.id FROM c WHERE NOT EXISTS(SELECT VALUE p FROM p IN c.parts)",
			"'3' '4' '5' '6'"},
		{"exists undefined", "SELECT VALUE EXISTS(SELECT VALUE undefined)", "false"},
		{"exists an empty row", "SELECT VALUE EXISTS(SELECT undefined)", "true"},
		{"array", "SELECT VALUE ARRAY(SELECT VALUE p.p FROM p IN c.parts) FROM c WHERE c.id < '4'",
			"['bolt','nut'] ['bolt'] []"},
		{"array of rows", "SELECT VALUE ARRAY(SELECT p.q AS a FROM p IN c.parts) FROM c WHERE c.id = '1'",
			"[{'a':2},{'a':5}]"},
		{"array of distinct",
			"SELECT VALUE ARRAY(SELECT DISTINCT VALUE x FROM x IN (SELECT VALUE [1,1.0,'1'])) FROM c WHERE c.id = '1'",
			"[1,'1']"},
		{"distinct starts anew for each document",
			"SELECT VALUE ARRAY(SELECT DISTINCT VALUE t FROM t IN c.tags) FROM c WHERE c.id IN ('1','4')",
			"['x','y'] ['y',1,null]"},
		{"all", "SELECT VALUE ALL(SELECT VALUE p FROM p IN c.parts WHERE p.q > 2) FROM c WHERE c.id < '3'",
			"false true"},
		{"all of nothing",
			"SELECT VALUE ALL(SELECT VALUE p FROM p IN c.parts WHERE p.q > 2) FROM c WHERE c.id = '5'", "true"},
		{"all without a filter", "SELECT VALUE ALL(SELECT VALUE 1)", "true"},
		{"first and last",
			"SELECT VALUE [FIRST(SELECT VALUE p.p FROM p IN c.parts), LAST(SELECT VALUE p.p FROM p IN c.parts)] " +
				"FROM c WHERE c.id = '1'",
			"['bolt','nut']"},
		{"first of nothing", "SELECT VALUE [FIRST(SELECT VALUE p FROM p IN c.parts)] FROM c WHERE c.id = '5'", "[]"},
		{"grouped",
			"SELECT VALUE ARRAY(SELECT p.p, SUM(p.q) AS s FROM p IN c.parts GROUP BY p.p) FROM c WHERE c.id = '1'",
			"[{'p':'bolt','s':2},{'p':'nut','s':5}]"},
		{"nested", "SELECT VALUE ARRAY(SELECT VALUE ARRAY(SELECT VALUE [t, p.q] FROM t IN c.tags) FROM p IN c.parts) " +
			"FROM c WHERE c.id = '1'",
			"[[['x',2],['y',2]],[['x',5],['y',5]]]"},
		{"shadowing", "SELECT VALUE ARRAY(SELECT VALUE c FROM c IN c.tags) FROM c WHERE c.id = '1'", "['x','y']"},
		{"over the container", "SELECT VALUE (SELECT VALUE COUNT(1) FROM c)", "6"},
		{"in a function",
			"SELECT VALUE ARRAY_LENGTH(ARRAY(SELECT VALUE p FROM p IN c.parts)) FROM c WHERE c.id = '1'", "2"},
	})
}

func TestAggregates(t *testing.T) {
	t.Parallel()
	checkQueries(t, []queryCase{
		{"count rows", "SELECT VALUE COUNT(1) FROM c", "6"},
		{"count defined", "SELECT VALUE COUNT(c.kind) FROM c", "5"},
		{"count null", "SELECT VALUE COUNT(c.n) FROM c", "6"},
		{"count nothing", "SELECT VALUE COUNT(1) FROM c WHERE false", "0"},
		{"countif", "SELECT VALUE COUNTIF(c.n > 2) FROM c", "3"},
		{"countif, not true", "SELECT VALUE COUNTIF(c.n) FROM c", "0"},
		{"sum", "SELECT VALUE SUM(c.n) FROM c WHERE IS_NUMBER(c.n)", "9.5"},
		{"sum of nothing", "SELECT VALUE SUM(c.nope) FROM c", "0"},
		{"sum of a string", "SELECT VALUE SUM(c.n) FROM c", ""},
		{"sum of null", "SELECT VALUE SUM(c.n) FROM c WHERE c.id IN ('1','3')", ""},
		{"avg", "SELECT VALUE AVG(c.n) FROM c WHERE IS_NUMBER(c.n)", "2.375"},
		{"avg of nothing", "SELECT VALUE AVG(c.nope) FROM c", ""},
		{"avg of nothing, listed", "SELECT AVG(c.nope) FROM c", "{}"},
		{"avg of a string", "SELECT VALUE AVG(c.n) FROM c", ""},
		{"min and max", "SELECT MIN(c.n) AS a, MAX(c.n) AS b FROM c", "{'a':null,'b':'3'}"},
		{"max of nothing", "SELECT VALUE MAX(c.nope) FROM c", ""},
		{"max with an array", "SELECT VALUE MAX(c.tags) FROM c", ""},
		{"min with an object", "SELECT VALUE MIN(c.who) FROM c", ""},
		{"makelist", "SELECT VALUE MAKELIST(c.kind) FROM c", "['a','b','a','b','a']"},
		{"makelist of nothing", "SELECT VALUE MAKELIST(c.nope) FROM c", "[]"},
		{"makeset", "SELECT VALUE MAKESET(c.kind) FROM c", "['a','b']"},
		{"several", "SELECT COUNT(1), SUM(c.who.age) AS s, MIN(c.id) FROM c", "{'$1':6,'s':56,'$2':'1'}"},
		{"with constants", "SELECT COUNT(1) AS n, 'x' AS x, @one AS one FROM c", "{'n':6,'x':'x','one':1}"},
		{"in an expression", "SELECT VALUE COUNT(1) * 10 + SUM(c.who.age) FROM c", "116"},
		{"in a function", "SELECT VALUE ROUND(AVG(c.n)) FROM c WHERE IS_NUMBER(c.n)", "2"},
		{"of an expression", "SELECT VALUE SUM(c.n * 2) FROM c WHERE IS_NUMBER(c.n)", "19"},
		{"of joined rows", "SELECT VALUE SUM(p.q) FROM c JOIN p IN c.parts", "14"},
		{"order by has no effect", "SELECT VALUE COUNT(1) FROM c ORDER BY c.id", "6"},
		{"over a subquery", "SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.kind FROM c)", "2"},
		{"over a grouped subquery",
			"SELECT VALUE MAX(g.n) FROM (SELECT c.kind, COUNT(1) AS n FROM c GROUP BY c.kind) g", "3"},
		{"TOP", "SELECT TOP 1 VALUE COUNT(1) FROM c", "6"},
		{"OFFSET", "SELECT VALUE COUNT(1) FROM c OFFSET 1 LIMIT 5", ""},
	})
}

func TestGroupBy(t *testing.T) {
	t.Parallel()
	checkQueries(t, []queryCase{
		{"count", "SELECT c.kind, COUNT(1) AS n FROM c GROUP BY c.kind",
			"{'kind':'a','n':3} {'kind':'b','n':2} {'n':1}"},
		{"value", "SELECT VALUE c.kind FROM c GROUP BY c.kind", "'a' 'b'"},
		{"value of an aggregate", "SELECT VALUE COUNT(1) FROM c GROUP BY c.kind", "3 2 1"},
		{"null is not undefined",
			"SELECT c.who, COUNT(1) AS n FROM c WHERE c.id IN ('3','4','6') GROUP BY c.who",
			"{'who':null,'n':1} {'n':2}"},
		{"objects and arrays", "SELECT c.tags, COUNT(1) AS n FROM c GROUP BY c.tags",
			"{'tags':['x','y'],'n':1} {'tags':[],'n':1} {'tags':'x','n':1} {'tags':['y',1,null],'n':1} {'n':2}"},
		{"types differ", "SELECT c.n FROM c GROUP BY c.n", "{'n':3} {'n':1} {'n':null} {'n':'3'} {'n':2.5}"},
		{"two keys", "SELECT c.kind, c.n, COUNT(1) AS k FROM c WHERE c.n = 3 OR c.n = 1 GROUP BY c.kind, c.n",
			"{'kind':'a','n':3,'k':2} {'kind':'b','n':1,'k':1}"},
		{"expression as key", "SELECT UPPER(c.kind) AS k, COUNT(1) AS n FROM c GROUP BY UPPER(c.kind)",
			"{'k':'A','n':3} {'k':'B','n':2} {'n':1}"},
		{"expression of a key", "SELECT UPPER(c.kind) AS k FROM c GROUP BY c.kind", "{'k':'A'} {'k':'B'} {}"},
		{"part of a key", "SELECT VALUE c.who.name FROM c GROUP BY c.who", "'Ada' 'Bob' 'Eve'"},
		{"key in brackets", "SELECT c['kind'] FROM c GROUP BY c.kind", "{'kind':'a'} {'kind':'b'} {}"},
		{"aggregates of nothing",
			"SELECT c.kind, SUM(c.nope) AS s, AVG(c.nope) AS a, MAX(c.nope) AS m FROM c GROUP BY c.kind",
			"{'kind':'a','s':0} {'kind':'b','s':0} {'s':0}"},
		{"no rows, no groups", "SELECT VALUE COUNT(1) FROM c WHERE false GROUP BY c.kind", ""},
		{"distinct", "SELECT DISTINCT VALUE COUNT(1) > 1 FROM c GROUP BY c.kind", "true false"},
		{"page", "SELECT VALUE c.kind FROM c GROUP BY c.kind OFFSET 1 LIMIT 1", "'b'"},
		{"joined", "SELECT p.p, SUM(p.q) AS s FROM c JOIN p IN c.parts GROUP BY p.p",
			"{'p':'bolt','s':9} {'p':'nut','s':5}"},
		{"subquery of a key", "SELECT c.kind, (SELECT VALUE c.kind || '!') AS k FROM c GROUP BY c.kind",
			"{'kind':'a','k':'a!'} {'kind':'b','k':'b!'} {}"},
		{"source of a subquery",
			"SELECT VALUE ARRAY(SELECT VALUE t || '!' FROM t IN c.tags WHERE t != c.n) FROM c GROUP BY c.tags, c.n",
			"['x!','y!'] [] [] ['y!'] [] []"},
		{"having",
			"SELECT VALUE g.kind FROM (SELECT c.kind, COUNT(1) AS n FROM c GROUP BY c.kind) g WHERE g.n > 2", "'a'"},
	})
}

func TestDistinct(t *testing.T) {
	t.Parallel()
	checkQueries(t, []queryCase{
		{"values", "SELECT DISTINCT VALUE c.kind FROM c", "'a' 'b'"},
		{"rows", "SELECT DISTINCT c.kind FROM c", "{'kind':'a'} {'kind':'b'} {}"},
		{"numbers", "SELECT DISTINCT VALUE c.n FROM c", "3 1 null '3' 2.5"},
		{"whole", "SELECT DISTINCT * FROM c.who.age", "36 20"},
		{"with order", "SELECT DISTINCT VALUE c.kind FROM c ORDER BY c.kind DESC", "'b' 'a'"},
		{"with top", "SELECT DISTINCT TOP 2 VALUE c.n FROM c", "3 1"},
		{"with page", "SELECT DISTINCT VALUE c.n FROM c OFFSET 1 LIMIT 2", "1 null"},
	})
}

func TestOrderBy(t *testing.T) {
	t.Parallel()
	checkQueries(t, []queryCase{
		{"mixed types", "SELECT VALUE c.id FROM c ORDER BY c.n", "'3' '2' '5' '1' '6' '4'"},
		{"mixed types, descending", "SELECT VALUE c.id FROM c ORDER BY c.n DESC", "'4' '6' '1' '5' '2' '3'"},
		{"missing first", "SELECT VALUE c.id FROM c ORDER BY c.kind", "'5' '1' '3' '6' '2' '4'"},
		{"missing last when descending", "SELECT VALUE c.id FROM c ORDER BY c.kind DESC", "'4' '2' '6' '3' '1' '5'"},
		{"two keys", "SELECT VALUE c.id FROM c ORDER BY c.kind ASC, c.id DESC", "'5' '6' '3' '1' '4' '2'"},
		{"two keys, descending first", "SELECT VALUE c.id FROM c ORDER BY c.kind DESC, c.n ASC",
			"'2' '4' '3' '6' '1' '5'"},
		{"nested key", "SELECT VALUE c.id FROM c WHERE IS_DEFINED(c.who.age) ORDER BY c.who.age", "'5' '1'"},
		{"key in brackets", "SELECT VALUE c.id FROM c WHERE c.id < '3' ORDER BY c['who']['name'] DESC", "'2' '1'"},
		{"key not selected", "SELECT VALUE c.who.name FROM c ORDER BY c.id DESC", "'Eve' 'Bob' 'Ada'"},
		{"arrays before objects", "SELECT VALUE c.id FROM c WHERE c.id IN ('1','3') ORDER BY c.who", "'3' '1'"},
		{"of a path", "SELECT VALUE age FROM c.who.age ORDER BY age", "20 36"},
		{"top", "SELECT TOP 2 VALUE c.id FROM c ORDER BY c.n DESC", "'4' '6'"},
		{"page", "SELECT VALUE c.id FROM c ORDER BY c.id OFFSET @one LIMIT @two", "'2' '3'"},
		{"page after the end", "SELECT VALUE c.id FROM c ORDER BY c.id OFFSET 9 LIMIT 2", ""},
	})
}

func TestTopOffsetLimit(t *testing.T) {
	t.Parallel()
	checkQueries(t, []queryCase{
		{"top", "SELECT TOP 2 VALUE c.id FROM c", "'1' '2'"},
		{"top of a parameter", "SELECT TOP @one VALUE c.id FROM c", "'1'"},
		{"top zero", "SELECT TOP 0 VALUE c.id FROM c", ""},
		{"top of many", "SELECT TOP 4294967295 VALUE c.id FROM c WHERE c.n = 3", "'1' '6'"},
		{"offset and limit", "SELECT VALUE c.id FROM c OFFSET 2 LIMIT 2", "'3' '4'"},
		{"offset and limit of parameters", "SELECT VALUE c.id FROM c OFFSET @two LIMIT @one", "'3'"},
		{"limit zero", "SELECT VALUE c.id FROM c OFFSET 0 LIMIT 0", ""},
		{"offset after the end", "SELECT VALUE c.id FROM c OFFSET 6 LIMIT 1", ""},
		{"undefined rows do not count", "SELECT TOP 2 VALUE c.who.age FROM c", "36 20"},
		{"both", "SELECT TOP 1 VALUE c.id FROM c OFFSET 2 LIMIT 3", "'3'"},
	})
}

// TestRewrittenQueries runs what a client's pipeline sends in place of the user's query.
func TestRewrittenQueries(t *testing.T) {
	t.Parallel()
	checkQueries(t, []queryCase{
		{"order by", "SELECT c._rid, [{\"item\": c.n}] AS orderByItems, {\"id\": c.id} AS payload\nFROM c\n" +
			"WHERE ((c.kind = \"a\") AND (true))\nORDER BY c.n",
			"{'_rid':'r3','orderByItems':[{'item':null}],'payload':{'id':'3'}} {'_rid':'r1'," +
				"'orderByItems':[{'item':3}],'payload':{'id':'1'}} {'_rid':'r6','orderByItems':[{'item':3}]," +
				"'payload':{'id':'6'}}"},
		{"order by a missing key", "SELECT c._rid, [{\"item\": c.kind}] AS orderByItems, c.who.age AS payload FROM c " +
			"WHERE (c.id >= '5') ORDER BY c.kind",
			"{'_rid':'r5','orderByItems':[{}],'payload':20} {'_rid':'r6','orderByItems':[{'item':'a'}]}"},
		{"count", "SELECT VALUE [{\"item\": COUNT(1)}]\nFROM c", "[{'item':6}]"},
		{"count with order by", "SELECT VALUE [{\"item\": COUNT(1)}] FROM c ORDER BY c.x", "[{'item':6}]"},
		{"undefined sum", "SELECT VALUE [{\"item\": SUM(c.n)}] FROM c", "[{}]"},
		{"average", "SELECT VALUE [{\"item\": {\"sum\": SUM(c.who.age), \"count\": COUNT(c.who.age)}}] FROM c",
			"[{'item':{'sum':56,'count':2}}]"},
		{"maximum",
			"SELECT VALUE [{\"item\": MAX(c.nope), \"item2\": {\"max\": MAX(c.nope), \"count\": " +
				"COUNT(c.nope)}}] FROM c",
			"[{'item2':{'count':0}}]"},
		{"listed", "SELECT {\"$1\": {\"item\": COUNT(1)}, \"m\": {\"item\": MIN(c.id)}} AS payload FROM c",
			"{'payload':{'$1':{'item':6},'m':{'item':'1'}}}"},
		{"group by",
			"SELECT [{\"item\": c.kind}] AS groupByItems, {\"kind\": c.kind, \"n\": {\"item\": COUNT(1)}} AS payload " +
				"FROM c GROUP BY c.kind",
			"{'groupByItems':[{'item':'a'}],'payload':{'kind':'a','n':{'item':3}}} {'groupByItems':[{'item':'b'}]," +
				"'payload':{'kind':'b','n':{'item':2}}} {'groupByItems':[{}],'payload':{'n':{'item':1}}}"},
		{"full text statistics",
			"SELECT COUNT(1) AS documentCount, [{\"totalWordCount\": SUM(_FullTextWordCount(c.who.name)), " +
				"\"hitCounts\": [COUNTIF(FullTextContains(c.who.name, \"ada\"))]}] AS fullTextStatistics FROM c",
			"{'documentCount':6,'fullTextStatistics':[{'totalWordCount':3,'hitCounts':[1]}]}"},
		{"component",
			"SELECT TOP 1 c._rid, [{\"item\": _FullTextScore(c.who.name, [\"zoe\"], 6, 3, [0])}] AS orderByItems," +
				" {\"payload\": {\"id\": c.id}," +
				" \"componentScores\": [(_FullTextScore(c.who.name, [\"zoe\"], 6, 3, [0]) " +
				"?? -1)]} AS payload FROM c WHERE (true) " +
				"ORDER BY _FullTextScore(c.who.name, [\"zoe\"], 6, 3, [0]) DESC",
			"{'_rid':'r5','orderByItems':[{'item':0}],'payload':{'payload':{'id':'5'},'componentScores':[0]}}"},
	})
}
