package eval

import (
	"math"

	"github.com/golang/geo/s2"
)

// The WGS84 ellipsoid.
const (
	majorAxis  = 6378137.0
	flattening = 1 / 298.257223563
	minorAxis  = majorAxis * (1 - flattening)
	// authalicRadius is that of the sphere with the same surface.
	authalicRadius = 6371007.180918
)

// geodesic returns the length in metres of the shortest line between two points on the ellipsoid, by Vincenty's
// inverse formula. For nearly opposite points, where that does not converge, it is the distance on the sphere.
func geodesic(a, b s2.LatLng) float64 {
	reduced := func(p s2.LatLng) (sin, cos float64) {
		return math.Sincos(math.Atan((1 - flattening) * math.Tan(p.Lat.Radians())))
	}
	sin1, cos1 := reduced(a)
	sin2, cos2 := reduced(b)
	l := math.Remainder(b.Lng.Radians()-a.Lng.Radians(), 2*math.Pi)
	lambda := l
	for range 200 {
		sinL, cosL := math.Sincos(lambda)
		sinSigma := math.Hypot(cos2*sinL, cos1*sin2-sin1*cos2*cosL)
		if sinSigma == 0 {
			return 0
		}
		cosSigma := sin1*sin2 + cos1*cos2*cosL
		sigma := math.Atan2(sinSigma, cosSigma)
		sinAlpha := cos1 * cos2 * sinL / sinSigma
		cosSqAlpha := 1 - sinAlpha*sinAlpha
		cos2SigmaM := 0.0 // on the equator
		if cosSqAlpha > 0 {
			cos2SigmaM = cosSigma - 2*sin1*sin2/cosSqAlpha
		}
		c := flattening / 16 * cosSqAlpha * (4 + flattening*(4-3*cosSqAlpha))
		previous := lambda
		lambda = l + (1-c)*flattening*sinAlpha*
			(sigma+c*sinSigma*(cos2SigmaM+c*cosSigma*(2*cos2SigmaM*cos2SigmaM-1)))
		if math.Abs(lambda-previous) < 1e-12 && math.Abs(lambda) <= math.Pi {
			return arcLength(cosSqAlpha, sigma, sinSigma, cosSigma, cos2SigmaM)
		}
	}
	return a.Distance(b).Radians() * authalicRadius
}

func arcLength(cosSqAlpha, sigma, sinSigma, cosSigma, cos2SigmaM float64) float64 {
	uSq := cosSqAlpha * (majorAxis*majorAxis - minorAxis*minorAxis) / (minorAxis * minorAxis)
	a := 1 + uSq/16384*(4096+uSq*(-768+uSq*(320-175*uSq)))
	b := uSq / 1024 * (256 + uSq*(-128+uSq*(74-47*uSq)))
	m := cos2SigmaM
	delta := b * sinSigma * (m + b/4*(cosSigma*(2*m*m-1)-b/6*m*(4*sinSigma*sinSigma-3)*(4*m*m-3)))
	return minorAxis * a * (sigma - delta)
}

// authalic moves a point to the latitude at which the sphere of the same surface has as much area below it as the
// ellipsoid has below the point, so that areas can be measured on the sphere.
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
