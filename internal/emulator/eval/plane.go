package eval

import (
	"github.com/peterstace/simplefeatures/geom"

	"github.com/cosmossql/cosmossql/internal/value"
)

// plane is a geometry of a container whose coordinates are flat.
type plane struct{ g geom.Geometry }

func newPlane(v value.Value) (geometry, string) {
	g, err := geom.UnmarshalGeoJSON(value.AppendJSON(nil, v))
	if err != nil {
		return nil, err.Error()
	}
	return &plane{g}, ""
}

func (p *plane) intersects(o geometry) bool { return geom.Intersects(p.g, o.(*plane).g) }

func (p *plane) within(o geometry) bool {
	within, err := geom.Within(p.g, o.(*plane).g)
	return within && err == nil
}

func (p *plane) distance(o geometry) float64 {
	d, _ := geom.Distance(p.g, o.(*plane).g) // 0 when one is empty, which GeoJSON that was read is not
	return d
}

func (p *plane) area() float64 { return p.g.Area() }
