package statement

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// foreignFunctions is functions of other databases, and what to write here. The service decides which functions there
// are; what it refuses is looked up.
var foreignFunctions = map[string]string{
	"COALESCE":          "a ?? b for a property that may be missing, IS_NULL(a) ? b : a for one that may be null",
	"IFNULL":            "a ?? b for a property that may be missing, IS_NULL(a) ? b : a for one that may be null",
	"NVL":               "a ?? b for a property that may be missing, IS_NULL(a) ? b : a for one that may be null",
	"ISNULL":            "a ?? b for a property that may be missing, IS_NULL(a) ? b : a for one that may be null",
	"NULLIF":            "a = b ? null : a",
	"IF":                "IIF(condition, a, b)",
	"DECODE":            "IIF(condition, a, b)",
	"GREATEST":          "a > b ? a : b",
	"LEAST":             "a < b ? a : b",
	"CAST":              "StringToNumber(x), StringToBoolean(x) or ToString(x)",
	"CONVERT":           "StringToNumber(x), StringToBoolean(x) or ToString(x)",
	"TO_NUMBER":         "StringToNumber(x)",
	"TO_CHAR":           "ToString(x)",
	"LEN":               "LENGTH(x)",
	"CHAR_LENGTH":       "LENGTH(x)",
	"CHARACTER_LENGTH":  "LENGTH(x)",
	"OCTET_LENGTH":      "LENGTH(x), which counts characters",
	"SUBSTR":            "SUBSTRING(x, start, length), which counts from 0",
	"MID":               "SUBSTRING(x, start, length), which counts from 0",
	"INSTR":             "INDEX_OF(x, 'text'), which counts from 0",
	"STRPOS":            "INDEX_OF(x, 'text'), which counts from 0",
	"POSITION":          "INDEX_OF(x, 'text'), which counts from 0",
	"LOCATE":            "INDEX_OF(x, 'text'), which counts from 0",
	"CHARINDEX":         "INDEX_OF(x, 'text'), which counts from 0",
	"UCASE":             "UPPER(x)",
	"LCASE":             "LOWER(x)",
	"REPEAT":            "REPLICATE(x, n)",
	"CONCAT_WS":         "StringJoin([a, b], ',')",
	"SPLIT_PART":        "StringSplit(x, ',')[0]",
	"REGEXP_LIKE":       "RegexMatch(x, 'pattern')",
	"REGEXP_MATCHES":    "RegexMatch(x, 'pattern')",
	"CEIL":              "CEILING(x)",
	"TRUNCATE":          "TRUNC(x)",
	"POW":               "POWER(x, y)",
	"MOD":               "x % y",
	"RANDOM":            "RAND()",
	"LN":                "LOG(x)",
	"NOW":               "GetCurrentDateTime(), or pass a time.Time",
	"GETDATE":           "GetCurrentDateTime(), or pass a time.Time",
	"SYSDATE":           "GetCurrentDateTime(), or pass a time.Time",
	"CURRENT_TIMESTAMP": "GetCurrentDateTime(), or pass a time.Time",
	"CURRENT_DATE":      "GetCurrentDateTime(), or pass a time.Time",
	"CURRENT_TIME":      "GetCurrentDateTime(), or pass a time.Time",
	"CURDATE":           "GetCurrentDateTime(), or pass a time.Time",
	"CURTIME":           "GetCurrentDateTime(), or pass a time.Time",
	"GETUTCDATE":        "GetCurrentDateTime(), or pass a time.Time",
	"LOCALTIME":         "GetCurrentDateTime(), or pass a time.Time",
	"LOCALTIMESTAMP":    "GetCurrentDateTime(), or pass a time.Time",
	"SYSDATETIME":       "GetCurrentDateTime(), or pass a time.Time",
	"SYSTIMESTAMP":      "GetCurrentDateTime(), or pass a time.Time",
	"UTC_DATE":          "GetCurrentDateTime(), or pass a time.Time",
	"UTC_TIME":          "GetCurrentDateTime(), or pass a time.Time",
	"UTC_TIMESTAMP":     "GetCurrentDateTime(), or pass a time.Time",
	"USER":              "nothing: Cosmos DB does not know who asks; pass the name as a parameter",
	"CURRENT_USER":      "nothing: Cosmos DB does not know who asks; pass the name as a parameter",
	"CURRENT_ROLE":      "nothing: Cosmos DB does not know who asks; pass the name as a parameter",
	"SESSION_USER":      "nothing: Cosmos DB does not know who asks; pass the name as a parameter",
	"SYSTEM_USER":       "nothing: Cosmos DB does not know who asks; pass the name as a parameter",
	"UNIX_TIMESTAMP":    "GetCurrentTimestamp() / 1000; c._ts is in seconds",
	"DATE":              "SUBSTRING(c.at, 0, 10) of a text such as 2006-01-02T15:04:05Z",
	"DATE_TRUNC":        "DateTimeBin(c.at, 'day')",
	"DATE_ADD":          "DateTimeAdd('day', 1, c.at)",
	"DATEADD":           "DateTimeAdd('day', 1, c.at)",
	"DATEDIFF":          "DateTimeDiff('day', a, b)",
	"EXTRACT":           "DateTimePart('year', c.at)",
	"DATE_PART":         "DateTimePart('year', c.at)",
	"YEAR":              "DateTimePart('year', c.at)",
	"MONTH":             "DateTimePart('month', c.at)",
	"DAY":               "DateTimePart('day', c.at)",
	"GROUP_CONCAT":      "nothing: collect the texts of a group when reading",
	"STRING_AGG":        "nothing: collect the texts of a group when reading",
	"ARRAY_AGG":         "nothing: collect the values of a group when reading",
	"JSON_EXTRACT":      "a path: c.a.b",
	"JSON_VALUE":        "a path: c.a.b",
	"ANY":               "ARRAY_CONTAINS(@p1, c.x)",
	"SOME":              "ARRAY_CONTAINS(@p1, c.x)",
	"ROW":               "an object, {a: 1}, or an array, [1, 2]",
	"ROLLUP":            "nothing: run a query for each grouping",
	"CUBE":              "nothing: run a query for each grouping",
	"UUID":              "nothing: INSERT makes an id by itself",
	"NEWID":             "nothing: INSERT makes an id by itself",
	"GEN_RANDOM_UUID":   "nothing: INSERT makes an id by itself",
	"ROW_NUMBER":        "nothing: number the rows when reading",
	"VERSION":           "nothing: Cosmos DB is a service without versions",
	"LAST_INSERT_ID":    "INSERT … RETURNING id",
	"LASTVAL":           "INSERT … RETURNING id",
}

// refusals are answers of the service, by a part of their text, with what to write instead.
var refusals = []struct{ text, way string }{
	{"Compositions of aggregates and other expressions",
		"give each aggregate a column of its own, and calculate when reading"},
	{"'member indexer'", `an index is a number, a text or a parameter: c.a[0], c["a"], c.a[@p1]`},
	{"not contained in either an aggregate function or the GROUP BY clause",
		"a group is of paths and expressions, written as in the select list: GROUP BY c.category, UPPER(c.name); " +
			"positions and aliases are neither"},
	{"Aggregate functions are only allowed in the SELECT clause",
		"groups are left out when reading the rows: there is no HAVING"},
}

var unknownFunction = regexp.MustCompile(`'([A-Za-z_]\w*)' is not a recognized built-in function name`)

// Way is what can be done about a statement that the service refused: its answer is text, and q the query of a SELECT,
// or nil. It is "" where nothing is known.
func Way(text string, q *nosql.Query) string {
	if m := unknownFunction.FindStringSubmatch(text); m != nil {
		if instead, ok := foreignFunctions[strings.ToUpper(m[1])]; ok {
			return "instead of " + strings.ToUpper(m[1]) + " write " + instead
		}
	}
	if strings.Contains(text, "authorization token can't serve the request") {
		return "the key is most likely not this account's: copy it from the portal anew"
	}
	for _, r := range refusals {
		if strings.Contains(text, r.text) {
			return r.way
		}
	}
	switch {
	case q == nil || len(q.OrderBy) == 0:
	case strings.Contains(text, "composite index"):
		if index := compositeIndex(q); index != "" {
			return "add to the compositeIndexes of the indexing policy: " + index
		}
	case strings.Contains(text, "could not be mapped to a document path"), strings.Contains(text,
		"ORDER BY item expression"):
		if call, ok := q.OrderBy[0].X.(*nosql.Call); ok && !q.Rank &&
			(strings.EqualFold(call.Name, "RRF") || strings.EqualFold(call.Name, "FullTextScore")) {
			return "scores are sorted by with RANK: ORDER BY RANK " + nosql.Print(call)
		}
		return "Cosmos DB sorts by paths, such as c.name: store what is to be sorted by, or make it a computed " +
			"property of the container"
	}
	return ""
}

// compositeIndex is the index that the ORDER BY of q asks for, as an indexing policy has it.
func compositeIndex(q *nosql.Query) string {
	type key struct {
		Path  string `json:"path"`
		Order string `json:"order"`
	}
	var keys []key
	for _, s := range q.OrderBy {
		_, names, ok := nosql.MemberPath(s.X)
		if !ok || len(names) == 0 {
			return ""
		}
		k := key{Order: "ascending"}
		for _, name := range names {
			if !nosql.IsIdentifier(name) && !nosql.Reserved(name) {
				name = string(nosql.AppendString(nil, name))
			}
			k.Path += "/" + name
		}
		if s.Desc {
			k.Order = "descending"
		}
		keys = append(keys, k)
	}
	index, err := json.Marshal(keys)
	if err != nil {
		return ""
	}
	return string(index)
}

// Constants binds args and gives the one row of a SELECT of constants, such as SELECT 1, which needs no container. It
// is false for any other.
func (s *Select) Constants(args []Arg) (row json.RawMessage, ok bool, err error) {
	q := s.Query
	if q.Select.Star || len(q.From) > 0 || q.Where != nil || q.Offset != nil || q.Top != nil ||
		len(q.GroupBy)+len(q.OrderBy) > 0 {
		return nil, false, nil
	}
	for _, it := range q.Select.Items {
		if checkConstant(it.X, "") != nil {
			return nil, false, nil
		}
	}
	bound, err := s.Bind(args)
	if err != nil {
		return nil, false, err
	}
	if q.Select.Value {
		value, _ := appendConstant(nil, q.Select.Items[0].X, bound)
		return value, true, nil
	}
	row = json.RawMessage("{")
	for i, it := range q.Select.Items {
		row = appendPart(row, '{', nosql.AppendString(nil, s.Columns[i]), it.X, bound)
	}
	return append(row, '}'), true, nil
}
