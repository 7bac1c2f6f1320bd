package eval

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

func TestGeoJSONFaults(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, reason string }{
		{`{"type":"Point"}`, "array of two or three numbers"},
		{`{"type":"Point","coordinates":{}}`, "array of two or three numbers"},
		{`{"type":"Point","coordinates":[1,2,3,4]}`, "array of two or three numbers"},
		{`{"type":"Point","coordinates":[-180.1,0]}`, "Longitude"},
		{`{"type":"Point","coordinates":[0,-90.1]}`, "Latitude"},
		{`{"type":"LineString","coordinates":[[0,0]]}`, "at least two points"},
		{`{"type":"Polygon","coordinates":[]}`, "at least one ring"},
		{`{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]}`, "at least four points"},
		{`{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}`, "first and the last point"},
		{`{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,0],[1,1],[0,0]]]}`, "repeat a point or cross itself"},
		{`{"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]}`, "repeat a point or cross itself"},
		{`{"type":"MultiPolygon","coordinates":[]}`, "at least one polygon"},
		{`{"type":"GeometryCollection","geometries":[]}`, "must be Point, LineString"},
		{`[1,2]`, "object with a type"},
	} {
		_, reason := readGeometry(&Options{}, parse(t, tc.text))
		require.Contains(t, reason, tc.reason, tc.text)
	}
	// No document holds such a number, but a query can compute one.
	infinite := value.Object([]value.Member{
		{Name: "type", Value: value.String("Point")},
		{Name: "coordinates", Value: value.Array([]value.Value{value.Int(1), value.Float(math.Inf(1))})},
	})
	_, reason := readGeometry(&Options{}, infinite)
	require.Contains(t, reason, "finite")
}
