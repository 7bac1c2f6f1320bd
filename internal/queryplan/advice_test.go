package queryplan

import (
	"testing"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/stretchr/testify/require"
)

func TestAdvice(t *testing.T) {
	t.Parallel()
	advised := map[string]bool{}
	for _, tt := range []struct {
		query string
		ids   []string
		text  string // part of the text of the first
	}{
		{"SELECT * FROM c", nil, ""},
		{"SELECT * FROM c WHERE ARRAY_CONTAINS(c.tags, {name: 'x'}, true)", []string{"QA1000"}, "EXISTS"},
		{"SELECT * FROM c WHERE ARRAY_CONTAINS(c.tags, 'x') AND ARRAY_CONTAINS(c.tags, 'x', false)", nil, ""},
		{"SELECT DISTINCT VALUE t FROM c JOIN t IN c.tags", []string{"QA1001"}, "EXISTS"},
		{"SELECT * FROM c WHERE EXISTS(SELECT DISTINCT VALUE u FROM t IN c.tags JOIN u IN t.parts)", []string{"QA1001"},
			"EXISTS"},
		{"SELECT DISTINCT VALUE c.city FROM c", nil, ""},
		{"SELECT * FROM c WHERE CONTAINS(c.name, 'x')", []string{"QA1002"}, "STARTSWITH"},
		{"SELECT * FROM c WHERE udf.CONTAINS(c.name, 'x')", nil, ""},
		{"SELECT * FROM c WHERE STARTSWITH(c.name, 'x', true)", []string{"QA1003"}, "computed property"},
		{"SELECT * FROM c WHERE StringEquals(c.name, 'x', @ignore)", []string{"QA1003"}, "computed property"},
		{"SELECT * FROM c WHERE STARTSWITH(c.name, 'x') AND StringEquals(c.name, 'x', false)", nil, ""},
		{"SELECT * FROM c WHERE ENDSWITH(c.name, 'x', true)", []string{"QA1004"}, "REVERSE"},
		{"SELECT * FROM c WHERE ENDSWITH(c.name, 'x')", nil, ""},
		{"SELECT LOWER(c.city) AS city, COUNT(1) AS n FROM c GROUP BY LOWER(c.city)", []string{"QA1005"},
			"computed property"},
		{"SELECT c.a.b, COUNT(1) AS n FROM c GROUP BY c.a.b", nil, ""},
		{"SELECT * FROM c WHERE UPPER(c.name) = 'X'", []string{"QA1006"}, "StringEquals"},
		{"SELECT * FROM c WHERE c.name >= lower(@name)", []string{"QA1006"}, "StringEquals"},
		{"SELECT UPPER(c.name) || 'x' AS n FROM c", nil, ""},
		{"SELECT * FROM c WHERE udf.UPPER(c.name) = 'X' AND udf.LOWER(c.name) = 'x'", nil, ""},
		{"SELECT * FROM c WHERE c.at < GetCurrentDateTime()", []string{"QA1007"}, "GetCurrentDateTimeStatic"},
		{"SELECT * FROM c WHERE c.at < GETCURRENTTICKS()", []string{"QA1008"}, "GetCurrentTicksStatic"},
		{"SELECT * FROM c WHERE c.at < GetCurrentTimestamp()", []string{"QA1009"}, "GetCurrentTimestampStatic"},
		{"SELECT * FROM c WHERE c.at < GetCurrentTimestampStatic()", nil, ""},
		{"SELECT * FROM c WHERE CONTAINS(c.a, 'x') OR CONTAINS(c.b, UPPER('x')) OR ENDSWITH(c.a, 'x', true)",
			[]string{"QA1002", "QA1004"}, "STARTSWITH"},
	} {
		q, err := nosql.Parse(tt.query, nosql.Cosmos)
		require.NoError(t, err, tt.query)
		ids := Advice(q)
		require.Equal(t, tt.ids, ids, tt.query)
		if len(ids) > 0 {
			require.Contains(t, AdviceText(ids[0]), tt.text)
			advised[ids[0]] = true
		}
	}
	require.Len(t, advised, len(rules), "every rule")
	require.Empty(t, AdviceText("QA9999"))
}
