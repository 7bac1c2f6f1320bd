package eval

// CodeNotFinite is the code of the error for a result that JSON cannot say. The service gives it as a number, and as
// the substatus, too. Recorded exchange 169.
const CodeNotFinite = "4001"

// The codes of the errors this package finds; the service uses the same. Where none is known the code is empty.
// Clients match on these and on the location; the messages beside them are the service's too, word by word where a
// recording or a published baseline has them (COSMOS_SQL.md 11.2).
const (
	codeFunction      = "SC2005"
	codeStarGroup     = "SC2041"
	codeArity         = "SC2050"
	codeTop           = "SC2060"
	codeLimit         = "SC2061"
	codeOffset        = "SC2062"
	codeNested        = "SC2101"
	codeUngrouped     = "SC2102"
	codeSubOrderBy    = "SC2202"
	codeSubTop        = "SC2203"
	codeSubOffset     = "SC2204"
	codeOrderBy       = "2206" // the service writes this one without SC
	codeVectorOptions = "SC2213"
	codeRank          = "SC2221"
	codeRankIn        = "SC2223"
	codeRankJoin      = "SC2224"
	codeRankSubquery  = "SC2225"
	codeSubRank       = "SC2228"
	codeWeights       = "SC2229"
	codeScore         = "SC2240"
	codeIndexer       = "SC2990"
	codeUDFCalls      = "SC3005"
)
