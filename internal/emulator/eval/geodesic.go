package eval

import (
	"math"

	"github.com/golang/geo/r3"
	"github.com/golang/geo/s2"
)

// The WGS84 ellipsoid.
const (
	// EPSG 7030; the documentation names WGS84 as the reference of Geography containers.
	majorAxis  = 6378137.0
	flattening = 1 / 298.257223563
	minorAxis  = majorAxis * (1 - flattening)
	// authalicRadius is that of the sphere with the same surface. Areas are measured on this sphere: a region keeps
	// its area there if its latitudes are moved as authalic does.
	authalicRadius = 6371007.180918
)

// greatEllipse returns the length in metres of the line between two points in which the ellipsoid is cut by the plane
// through them and its centre: what the service measures. Of its published distances that over 1,907 km differs by 0.04
// mm (2e-11), that over 3.3 km by 0.08 mm; the shortest line on the ellipsoid is 8 cm shorter over the longer one.
func greatEllipse(from, to s2.LatLng) float64 {
	a, b := geocentric(from), geocentric(to)
	// The plane through places close to each other is not well defined; any circle will do. Below a kilometre arc and
	// chord differ by a micrometre at most, whatever the circle's radius is.
	if chord := a.Distance(b); chord < 1000 {
		return 2 * authalicRadius * math.Asin(chord/(2*authalicRadius))
	}
	normal := a.Cross(b)
	if normal.Norm() < 1e-9*a.Norm()*b.Norm() { // opposite places, which the meridian joins
		normal = a.Cross(r3.Vector{Z: 1})
	}
	normal = normal.Normalize()
	// The section is an ellipse, whose major axis lies in the equator.
	major := normal.Cross(r3.Vector{Z: 1})
	// There the section is a circle, and its plane has no direction in which it is longest.
	if major.Norm() < 1e-12 {
		return majorAxis * float64(a.Angle(b)) // along the equator
	}
	major = major.Normalize()
	minor := normal.Cross(major)
	squared := (minor.X*minor.X+minor.Y*minor.Y)/(majorAxis*majorAxis) + minor.Z*minor.Z/(minorAxis*minorAxis)
	s := section{majorAxis, 1 / math.Sqrt(squared)}
	t := math.Atan2(a.Dot(minor)/s.minor, a.Dot(major)/s.major)
	turn := math.Remainder(math.Atan2(b.Dot(minor)/s.minor, b.Dot(major)/s.major)-t, 2*math.Pi)
	return math.Abs(s.length(t+turn) - s.length(t))
}

// geocentric is where a place on the ellipsoid lies, in metres from its centre.
func geocentric(p s2.LatLng) r3.Vector {
	const e2 = flattening * (2 - flattening)
	sinLat, cosLat := math.Sincos(p.Lat.Radians())
	sinLng, cosLng := math.Sincos(p.Lng.Radians())
	n := majorAxis / math.Sqrt(1-e2*sinLat*sinLat)
	return r3.Vector{X: n * cosLat * cosLng, Y: n * cosLat * sinLng, Z: n * (1 - e2) * sinLat}
}

// section is an ellipse by its axes.
type section struct{ major, minor float64 }

// length is that of the ellipse from its major axis to the parametric angle t, to a nanometre for an ellipse as round
// as the earth: Bessel's series in the third flattening. A closed form does not exist, and numerical integration
// would be slower by orders of magnitude in a filter over many documents.
func (s section) length(t float64) float64 {
	n := (s.major - s.minor) / (s.major + s.minor)
	n2 := n * n
	return (s.major + s.minor) / 2 * ((1+n2/4+n2*n2/64)*t - (n/2-n*n2/16)*math.Sin(2*t) -
		(n2/16-n2*n2/64)*math.Sin(4*t) - n*n2/48*math.Sin(6*t) - 5*n2*n2/512*math.Sin(8*t))
}

// authalic moves a point to the latitude at which the sphere of the same surface has as much area below it as the
// ellipsoid has below the point, so that areas can be measured on the sphere. Edges stay great circles of that
// sphere; the published area of a small polygon comes out within 1e-5.
func authalic(p s2.LatLng) s2.Point {
	e := math.Sqrt(flattening * (2 - flattening))
	q := func(sin float64) float64 {
		return (1 - e*e) * (sin/(1-e*e*sin*sin) + math.Atanh(e*sin)/e)
	}
	lat := math.Asin(max(-1, min(1, q(math.Sin(p.Lat.Radians()))/q(1))))
	sinLat, cosLat := math.Sincos(lat)
	sinLng, cosLng := math.Sincos(p.Lng.Radians())
	return s2.PointFromCoords(cosLat*cosLng, cosLat*sinLng, sinLat)
}
