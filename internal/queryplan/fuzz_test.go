package queryplan

import (
	"encoding/json"
	"testing"
)

// FuzzPlanAnswer: whatever a server says is a plan is read or refused.
func FuzzPlanAnswer(f *testing.F) {
	for _, s := range []string{
		`{"partitionedQueryExecutionInfoVersion":2,"queryInfo":{"distinctType":"None",` +
			`"top":null,"orderBy":["Ascending"],"orderByExpressions":["c.a"]},` +
			`"queryRanges":[{"min":"","max":"FF","isMinInclusive":true,"isMaxInclusive":false}]}`,
		`{"queryRanges":[{"min":[],"max":"Infinity"}]}`, `{"queryInfo":{"aggregates":["Count"],"hasSelectValue":1}}`,
		`{"hybridSearchQueryInfo":{"componentQueryInfos":[{}]}}`, `[]`, `{`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var p Plan
		if json.Unmarshal(text, &p) != nil {
			return
		}
		for _, r := range p.Ranges {
			_ = r.Min + r.Max
		}
	})
}
