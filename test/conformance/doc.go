// Package conformance holds the cases of the query language: queries with the rows or the error that the service gives,
// each with the source that says so. The tests run them on the in-process server over one, four and eight partitions,
// through package cosmos, through database/sql, and over REST.
//
// Each line of a file of cases is an object:
//
//	n  number, unique among all files
//	q  query
//	p  parameters, by name with the @
//	d  data set, data.jsonl if there is none
//	r  rows; their order counts where o is true
//	e  code of the error instead, ? for one that is not known
//	at where the error is: characters from and to, the latter exclusive
//	x  why not every way asks it: sql, the driver rewrites or refuses it; rest, the client refuses it
//	m  what several partitions make of it: the text of an error
//	t  relative tolerance of numbers, 1e-12 if there is none
//	c  C for certain: from the service itself or a text of Microsoft's that holds; I for inferred
//	s  source: documentation (D), examples whose results it shows (DS), the native grammar (NG), recorded exchanges
//	   with a hosted account (REC and number), baselines of the .NET SDK: plans (QP), LINQ (LB), parser (PB, G4),
//	   tests against the emulator (ET), its offline engine (OE); the client engine's baselines (CE); findings of this
//	   project (F)
//
// Values, names and documents are our own.
package conformance
