package eval

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/golang/geo/s2"
	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// Short names for geometries, which the cases below put in place of themselves.
var geometries = strings.NewReplacer(
	"$center", point(0.5, 0.5),
	"$corner", point(0, 0),
	"$border", point(0, 0.5),
	"$outside", point(2, 2),
	"$pole", point(0, 90),
	"$square", polygon("[0,0],[1,0],[1,1],[0,1],[0,0]"),
	"$inner", polygon("[0.25,0.25],[0.75,0.25],[0.75,0.75],[0.25,0.75],[0.25,0.25]"),
	"$beside", polygon("[1,0],[2,0],[2,1],[1,1],[1,0]"),
	"$apart", polygon("[5,5],[6,5],[6,6],[5,6],[5,5]"),
	"$overlap", polygon("[0.5,0.5],[1.5,0.5],[1.5,1.5],[0.5,1.5],[0.5,0.5]"),
	"$clockwise", polygon("[0,0],[0,1],[1,1],[1,0],[0,0]"),
	"$ring", `{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]],[[0.25,0.25],[0.25,0.75],[0.75,0.75],`+
		`[0.75,0.25],[0.25,0.25]]]}`,
	"$two",
	`{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,1],[0,0]]],[[[5,5],[6,5],[6,6],[5,6],[5,5]]]]}`,
	"$across", line("[-1,0.5],[2,0.5]"),
	"$within", line("[0.1,0.1],[0.9,0.9]"),
	"$diagonal", line("[0,0],[1,1]"),
	"$away", line("[3,0],[3,1]"),
)

func point(x, y float64) string  { return fmt.Sprintf(`{"type":"Point","coordinates":[%v,%v]}`, x, y) }
func polygon(ring string) string { return `{"type":"Polygon","coordinates":[[` + ring + `]]}` }
func line(points string) string  { return `{"type":"LineString","coordinates":[` + points + `]}` }

var spatialCases = func() []exprCase {
	all := []exprCase{
		{"ST_AREA($center)", "0"},
		{"ST_AREA($away)", "0"},
		{"ST_AREA({'type':'Point'})", ""},
		{"ST_AREA(5)", ""},
		{"ST_AREA(null)", ""},
		{"ST_AREA(undefined)", ""},

		{"ST_DISTANCE($center, $center)", "0"},
		{"ST_DISTANCE($center, $square)", "0"},
		{"ST_DISTANCE($square, $center)", "0"},
		{"ST_DISTANCE($square, $overlap)", "0"},
		{"ST_DISTANCE($square, $beside)", "0"},
		{"ST_DISTANCE($across, $square)", "0"},
		{"ST_DISTANCE(42, 1337)", ""},
		{"ST_DISTANCE($center, {'type':'Circle'})", ""},
		{"ST_DISTANCE($center, null)", ""},
		{"ST_DISTANCE($center, undefined)", ""},

		{"ST_INTERSECTS($across, $square)", "true"},
		{"ST_INTERSECTS($square, $across)", "true"},
		{"ST_INTERSECTS($center, $square)", "true"},
		{"ST_INTERSECTS($border, $square)", "true"},
		{"ST_INTERSECTS($corner, $diagonal)", "true"},
		{"ST_INTERSECTS($center, $center)", "true"},
		{"ST_INTERSECTS($center, $outside)", "false"},
		{"ST_INTERSECTS($away, $square)", "false"},
		{"ST_INTERSECTS($square, $overlap)", "true"},
		{"ST_INTERSECTS($square, $beside)", "true"},
		{"ST_INTERSECTS($square, $inner)", "true"},
		{"ST_INTERSECTS($inner, $square)", "true"},
		{"ST_INTERSECTS($square, $apart)", "false"},
		{"ST_INTERSECTS($two, $apart)", "true"},
		{"ST_INTERSECTS($center, $ring)", "false"},
		{"ST_INTERSECTS($inner, $ring)", "true"},
		{"ST_INTERSECTS($center, 5)", ""},
		{"ST_INTERSECTS(null, $center)", ""},
		{"ST_INTERSECTS(undefined, $center)", ""},

		{"ST_WITHIN($center, $square)", "true"},
		{"ST_WITHIN($outside, $square)", "false"},
		{"ST_WITHIN($border, $square)", "true"},
		{"ST_WITHIN($corner, $square)", "true"},
		{"ST_WITHIN($square, $square)", "true"},
		{"ST_WITHIN($inner, $square)", "true"},
		{"ST_WITHIN($square, $inner)", "false"},
		{"ST_WITHIN($overlap, $square)", "false"},
		{"ST_WITHIN($beside, $square)", "false"},
		{"ST_WITHIN($within, $square)", "true"},
		{"ST_WITHIN($across, $square)", "false"},
		{"ST_WITHIN($diagonal, $square)", "true"},
		{"ST_WITHIN($center, $ring)", "false"},
		{"ST_WITHIN($square, $ring)", "false"},
		{"ST_WITHIN($within, $ring)", "false"},
		{"ST_WITHIN($center, $two)", "true"},
		{"ST_WITHIN($apart, $two)", "true"},
		{"ST_WITHIN($center, $clockwise)", "false"},
		{"ST_WITHIN($outside, $clockwise)", "true"},
		{"ST_WITHIN($pole, $clockwise)", "true"},
		{"ST_WITHIN('a', $square)", ""},
		{"ST_WITHIN($center, null)", ""},
		{"ST_WITHIN($center, undefined)", ""},

		{"ST_ISVALID($center)", "true"},
		{"ST_ISVALID($square)", "true"},
		{"ST_ISVALID($ring)", "true"},
		{"ST_ISVALID($two)", "true"},
		{"ST_ISVALID($clockwise)", "true"},
		{"ST_ISVALID($across)", "true"},
		{"ST_ISVALID({'type':'Point','coordinates':[31.9,-132.8]})", "false"},
		{"ST_ISVALID({'type':'Point','coordinates':[181,0]})", "false"},
		{"ST_ISVALID({'type':'Point','coordinates':[1]})", "false"},
		{"ST_ISVALID({'type':'Point','coordinates':['1',2]})", "false"},
		{"ST_ISVALID({'type':'Point','coordinates':[1,2,3]})", "true"},
		{"ST_ISVALID({'type':'Point','coordinates':[1,2,3,4]})", "false"},
		{"ST_ISVALID({'type':'point','coordinates':[1,2]})", "false"},
		{"ST_ISVALID({'type':'LineString','coordinates':[[1,2]]})", "false"},
		{"ST_ISVALID({'type':'LineString','coordinates':[1,2]})", "false"},
		{"ST_ISVALID({'type':'Polygon','coordinates':[[[0,0],[1,0],[1,1],[0,1]]]})", "false"},
		{"ST_ISVALID({'type':'Polygon','coordinates':[[[0,0],[1,0],[0,0]]]})", "false"},
		{"ST_ISVALID({'type':'Polygon','coordinates':[]})", "false"},
		{"ST_ISVALID({'type':'Polygon','coordinates':[[[0,0],[1,1],[1,0],[0,1],[0,0]]]})", "false"},
		{"ST_ISVALID({'type':'MultiPolygon','coordinates':[]})", "false"},
		{"ST_ISVALID({'coordinates':[1,2]})", "false"},
		{"ST_ISVALID('Point')", "false"},
		{"ST_ISVALID(null)", "false"},
		{"ST_ISVALID(undefined)", ""},
		{"ST_ISVALIDDETAILED($center)", `{"valid":true}`},
		{"ST_ISVALIDDETAILED({'type':'Point','coordinates':[10,95]})",
			`{"valid":false,"reason":"Latitude values must be between -90 and 90 degrees."}`},
		{"ST_ISVALIDDETAILED({'type':'Point','coordinates':[190,5]})",
			`{"valid":false,"reason":"Longitude values must be between -180 and 180 degrees."}`},
		{"ST_ISVALIDDETAILED(null)",
			`{"valid":false,"reason":"The geometry must be an object with a type and coordinates."}`},
		{"ST_ISVALIDDETAILED(undefined)", ""},
	}
	for i := range all {
		all[i].expr = geometries.Replace(all[i].expr)
	}
	return all
}()

func TestSpatialFunctions(t *testing.T) {
	t.Parallel()
	checkExprs(t, spatialCases)
}

// TestMeasures compares with the numbers of the service's documentation and of published tables.
func TestMeasures(t *testing.T) {
	t.Parallel()
	const seattle = `{"type":"Point","coordinates":[-122.11758113953535,47.66901087006131]}`
	for _, tc := range []struct {
		name, expr      string
		want, tolerance float64
	}{
		{"sample, near", "ST_DISTANCE(" + point(-122.12826822304672, 47.63980239335718) + "," + seattle + ")",
			3345.269817267368, 1e-6},
		{"sample, far", "ST_DISTANCE(" + point(-96.84368664765994, 46.81297794314663) + "," + seattle + ")",
			1907438.4213, 1e-6},
		{"a degree of the equator", "ST_DISTANCE(" + point(0, 0) + "," + point(1, 0) + ")", 111319.49079327358, 1e-9},
		{"pole to pole", "ST_DISTANCE(" + point(0, -90) + "," + point(0, 90) + ")", 20003931.4586, 1e-9},
		{"equator to pole", "ST_DISTANCE(" + point(17, 0) + "," + point(17, 90) + ")", 10001965.7293, 1e-9},
		{"over the date line", "ST_DISTANCE(" + point(179.5, 0) + "," + point(-179.5, 0) + ")",
			111319.49079327358, 1e-9},
		{"nearly opposite", "ST_DISTANCE(" + point(0, 0) + "," + point(179.9, 0.3) + ")", 19989590, 1e-2},
		{"point to line", "ST_DISTANCE(" + point(2, 0.5) + "," + line("[1,0],[1,1]") + ")", 111315.2, 1e-4},
		{"polygon to polygon", geometries.Replace("ST_DISTANCE($square, $apart)"), 627400, 2e-2},
		{"sample area", "ST_AREA(" + polygon("[31.8,-5],[32,-5],[32,-4.7],[31.8,-4.7],[31.8,-5]") + ")",
			735970283.0522614, 1e-5},
		{"area with a hole", geometries.Replace("ST_AREA($ring) + ST_AREA($inner)"), 12308778361.469, 1e-5},
		{"area of two", geometries.Replace("ST_AREA($two) - ST_AREA($apart)"), 12308778361.469, 1e-5},
		{"area of the rest of the globe", geometries.Replace("ST_AREA($clockwise) + ST_AREA($square)"),
			510065621724088, 1e-9},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.InEpsilon(t, tc.want, parse(t, evaluateExpr(t, tc.expr, Options{})).AsFloat(), tc.tolerance)
		})
	}
}

func TestPlanarGeometry(t *testing.T) {
	t.Parallel()
	o := Options{Planar: true}
	for _, tc := range []exprCase{
		{"ST_DISTANCE(" + point(0, 0) + "," + point(300, 400) + ")", "500"},
		{"ST_AREA(" + polygon("[0,0],[200,0],[200,300],[0,300],[0,0]") + ")", "60000"},
		{"ST_AREA($ring)", "0.75"},
		{"ST_WITHIN($center, $square)", "true"},
		{"ST_WITHIN($center, $ring)", "false"},
		{"ST_WITHIN($inner, $square)", "true"},
		{"ST_WITHIN($square, $inner)", "false"},
		{"ST_WITHIN($border, $square)", "true"},
		{"ST_WITHIN($corner, $square)", "true"},
		{"ST_WITHIN($outside, $square)", "false"},
		{"ST_WITHIN($square, $square)", "true"},
		{"ST_WITHIN($square, $clockwise)", "true"},
		{"ST_WITHIN($diagonal, $square)", "true"},
		{"ST_WITHIN($across, $square)", "false"},
		{"ST_WITHIN($overlap, $square)", "false"},
		{"ST_WITHIN($beside, $square)", "false"},
		{"ST_WITHIN($square, $ring)", "false"},
		{"ST_WITHIN($diagonal, $ring)", "false"},
		{"ST_WITHIN($apart, $two)", "true"},
		{"ST_WITHIN($center, $center)", "false"},
		{"ST_INTERSECTS($across, $square)", "true"},
		{"ST_INTERSECTS($square, $apart)", "false"},
		{"ST_ISVALID(" + point(1000, 2000) + ")", "true"},
		{"ST_ISVALID({'type':'Polygon','coordinates':[[[0,0],[1,1],[1,0],[0,1],[0,0]]]})", "false"},
		{"ST_ISVALID({'type':'Point','coordinates':[1]})", "false"},
		{"ST_DISTANCE({'type':'Point','coordinates':[1]}, $center)", ""},
	} {
		expr := geometries.Replace(tc.expr)
		require.Equal(t, tc.want, evaluateExpr(t, expr, o), expr)
	}
}

func TestConstantGeometryIsReadOnce(t *testing.T) {
	t.Parallel()
	docs := documents(t, point(0.5, 0.5)+"\n"+point(2, 2)+"\n"+point(0.1, 0.1))
	p, err := compile(geometries.Replace("SELECT VALUE ST_WITHIN(c, $square) FROM c"), Options{})
	require.NoError(t, err)
	e := p.env(t.Context())
	var rows []bool
	e.docs, e.yield = seq(docs), func(r Row, err error) bool {
		rows = append(rows, r.Value.IsTrue())
		return err == nil
	}
	p.root.run(e)
	require.Equal(t, []bool{true, false, true}, rows)
	require.Len(t, e.geometries, 1)
}

func TestTooManyVertices(t *testing.T) {
	t.Parallel()
	ring := make([]string, 0, maxVertices+2)
	for i := range maxVertices + 1 {
		ring = append(ring, fmt.Sprintf("[%v,%v]", float64(i)/100, float64(i*i%7)/100))
	}
	v := parse(t, polygon(strings.Join(append(ring, ring[0]), ",")))
	_, reason := readGeometry(&Options{}, v)
	require.Contains(t, reason, "4096")
	_, reason = readGeometry(&Options{}, value.Null)
	require.NotEmpty(t, reason)
}

// The published distances; the service's own is 2e-11 more over the long way, 2.3e-8 (0.08 mm) over the short one.
func TestPublishedDistances(t *testing.T) {
	t.Parallel()
	office := point(-122.11758113953535, 47.66901087006131)
	for _, tc := range []struct {
		from     string
		want     float64
		relative float64
	}{
		{point(-122.12826822304672, 47.63980239335718), 3345.269817267368, 2.5e-8},
		{point(-96.84368664765994, 46.81297794314663), 1907438.421299902, 1e-9},
	} {
		for _, expr := range []string{"ST_DISTANCE(" + tc.from + "," + office + ")",
			"ST_DISTANCE(" + office + "," + tc.from + ")"} {
			require.InEpsilon(t, tc.want, parse(t, evaluateExpr(t, expr, Options{})).AsFloat(), tc.relative)
		}
	}
}

func TestDistancesAllOverTheEarth(t *testing.T) {
	t.Parallel()
	const quarter = 10001965.729313 // a meridian from the equator to a pole
	for _, tc := range []struct {
		a, b string
		want float64
	}{
		{point(0, 0), point(0, 90), quarter},
		{point(0, -90), point(77, 90), 2 * quarter},
		{point(10, 20), point(-170, -20), 2 * quarter},
		{point(0, 0), point(180, 0), 2 * quarter},
		{point(0, 0), point(90, 0), math.Pi / 2 * majorAxis},
		{point(179.5, 0), point(-179.5, 0), math.Pi / 180 * majorAxis},
		{point(12, 47), point(12, 47), 0},
		{point(12, 47), point(12, 47.000001), 0.1111708},
		{point(12, 47), point(12, 47.008999), 1000.43},
		{point(12, 47), point(12, 47.008), 889.37},
	} {
		got := parse(t, evaluateExpr(t, "ST_DISTANCE("+tc.a+","+tc.b+")", Options{})).AsFloat()
		require.InDelta(t, tc.want, got, 1e-5*tc.want+1e-6, "%s %s", tc.a, tc.b)
	}
}

// The edges that are compared grow with n log n, not with the square of n.
func TestManyVertices(t *testing.T) {
	t.Parallel()
	ring := func(n int) []arc {
		edges := make([]arc, n)
		at := func(i int) s2.Point {
			angle := 2 * math.Pi * float64(i) / float64(n)
			size := 10 + math.Sin(17*angle)
			return spherePoint(position{size * math.Cos(angle), size * math.Sin(angle)})
		}
		for i := range edges {
			edges[i] = newArc(at(i), at((i+1)%n))
		}
		return edges
	}
	compared := func(n int) (pairs int) {
		tree, limit := newArcTree(ring(n)), touching
		tree.pairs(tree, &limit, func(int, int) bool { pairs++; return true })
		return pairs
	}
	require.False(t, crossesItself(ring(4000)))
	require.Less(t, compared(4000), 5*compared(1000))
	twisted := ring(4000)
	twisted[10], twisted[2000] = newArc(twisted[10].a, twisted[2000].a), newArc(twisted[10].b, twisted[2000].b)
	require.True(t, crossesItself(twisted))
}
