// Package option holds the request options that the public packages share: what cosmos.PageSize and its siblings make,
// whether they come as arguments of a call, ride a context or are defaults; and which operation takes which.
package option

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/budget"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/partition"
)

// Option is one request option: its name and its value. The zero value says nothing. Options are equal, by
// reflect.DeepEqual, if they say the same.
type Option struct {
	name  Name
	value any
	err   error // why the value is impossible
}

// New makes an option. The type of value must be the one that apply expects.
func New(name Name, value any) Option { return Option{name: name, value: value} }

// Bad makes an option with an impossible value: whoever resolves it gets err.
func Bad(name Name, value any, err error) Option { return Option{name, value, errtext.Refuse(err)} }

// Name returns the name of the function that makes the option, such as "PageSize".
func (o Option) Name() string { return o.name.String() }

// String shows the option as the call that makes it, such as PartitionKey("ada").
func (o Option) String() string {
	if o.name == none {
		return "no option"
	}
	var text string
	switch v := o.value.(type) {
	case nil:
	case partition.Key:
		text = strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(v.Header(), "["), "]"), ",", ", ")
	case string:
		text = fmt.Sprintf("%q", v)
	case [2]string:
		if text = "[" + v[0] + ", " + v[1] + ")"; o.name == Header {
			text = fmt.Sprintf("%q, %q", v[0], v[1])
		}
	case time.Time:
		text = v.Format(time.RFC3339Nano)
	case *budget.Limiter:
		text = "shared"
	case *budget.Group:
		text = v.Name
	case func(Progress):
		text = "func"
	case []string:
		quoted := make([]string, len(v))
		for i, t := range v {
			quoted[i] = strconv.Quote(t)
		}
		text = strings.Join(quoted, ", ")
	default:
		text = fmt.Sprint(v)
	}
	return o.name.String() + "(" + text + ")"
}

// GoString is String, so that %#v in a failed test is legible too.
func (o Option) GoString() string { return "cosmos." + o.String() }

// ReadsOn is what the library's own callers say that read a result to the end. [ReadAhead] wins over it, wherever it
// stands.
var ReadsOn = Option{name: ReadAhead, value: "on"}

// says reports whether the option asks for anything: an If-None-Match without an ETag is not a condition.
func (o Option) says() bool { return o.name != none && (o.name != IfNoneMatch || o.value != "") }

// Set is what the options of a request say together. The zero value of a field means "not given".
type Set struct {
	PartitionKey partition.Key // nil when not given; may be a prefix of a hierarchical key
	// DefaultKey says that PartitionKey is a default: it gives way to the key that a document or statement names.
	DefaultKey bool

	SessionToken string
	Consistency  string // one of the five levels, in the service's spelling

	PageSize       int // documents per page; -1: as many as the service likes
	Continuation   string
	MaxConcurrency int   // requests in flight at the same time
	MaxQueryMemory int64 // bytes
	ReadAhead      *bool
	ReadsOn        bool // the caller reads to the end, as iterators and *sql.Rows do, and sees no continuations

	IfMatch, IfNoneMatch string
	Condition            string // of a patch

	IndexingDirective string
	ContentResponse   *bool // whether a write answers with the document
	RepeatWrites      bool  // a write of unknown outcome may be sent again

	Database, Container string
	Distributed         bool // a transaction may span keys and containers

	Throughput, AutoscaleThroughput int

	Budget *budget.Limiter // of this operation alone; nil for none
	Group  *budget.Group   // that it belongs to; nil for none

	Priority         string
	ThroughputBucket int
	ownPriority      string // and the bucket: what was said of them beside the group
	ownBucket        int
	ExcludedRegions  []string
	Headers          [][2]string // names, in canonical form, and values
	MaxStaleness     *int        // milliseconds a dedicated gateway's cache may lag
	TokenLife        int         // seconds for which a permission's token is valid
	ScriptLogging    bool

	QueryMetrics, IndexMetrics, QueryAdvice bool // what a query is to tell of itself
	BypassCache                             bool
	ContinuationLimit                       int // KB
	// full-text scores compare the documents that the query can reach, not those of the container
	LocalScores  bool
	PreTriggers  string
	PostTriggers string

	ChangesFromNow bool
	UntilNow       bool
	ChangesSince   time.Time
	AllVersions    bool
	FeedRange      *[2]string // bounds of effective partition keys

	Progress func(Progress) // told how a bulk operation gets on
}

// Progress is how far a bulk operation has got. Its fields are those of cosmos.Progress.
type Progress struct {
	Done, Failed      int
	Requests, Retries int
	RequestCharge     float64
	Elapsed           time.Duration
	Rate              float64
	SingleOperations  int
}

// apply writes the option's value into s.
func (s *Set) apply(o Option) {
	switch o.name {
	case PartitionKey:
		s.PartitionKey, s.DefaultKey = o.value.(partition.Key), false
	case SessionToken:
		s.SessionToken = o.value.(string)
	case Consistency:
		s.Consistency = o.value.(string)
	case ExcludedRegions:
		s.ExcludedRegions = o.value.([]string)
	case Distributed:
		s.Distributed = true
	case PageSize:
		s.PageSize = o.value.(int)
	case Continuation:
		s.Continuation = o.value.(string)
	case MaxConcurrency:
		s.MaxConcurrency = o.value.(int)
	case MaxQueryMemory:
		s.MaxQueryMemory = o.value.(int64)
	case ReadAhead:
		if ahead, given := o.value.(bool); given {
			s.ReadAhead = &ahead
		} else {
			s.ReadsOn = true
		}
	case IfMatch:
		s.IfMatch = o.value.(string)
	case IfNoneMatch:
		s.IfNoneMatch = o.value.(string)
	case PatchCondition:
		s.Condition = o.value.(string)
	case IndexingDirective:
		s.IndexingDirective = o.value.(string)
	case ContentResponse:
		want := o.value.(bool)
		s.ContentResponse = &want
	case RepeatWrites:
		s.RepeatWrites = o.value.(bool)
	case InDatabase:
		s.Database = o.value.(string)
	case InContainer:
		s.Container = o.value.(string)
	case Throughput:
		s.Throughput = o.value.(int)
	case AutoscaleThroughput:
		s.AutoscaleThroughput = o.value.(int)
	case Priority:
		s.ownPriority = o.value.(string)
		s.Priority = s.ownPriority
	case ThroughputBucket:
		s.ownBucket = o.value.(int)
		s.ThroughputBucket = s.ownBucket
	case MaxStaleness:
		ms := int(o.value.(time.Duration).Milliseconds())
		s.MaxStaleness = &ms
	case TokenLife:
		s.TokenLife = int(o.value.(time.Duration).Seconds())
	case QueryMetrics:
		s.QueryMetrics = o.value.(bool)
	case IndexMetrics:
		s.IndexMetrics = o.value.(bool)
	case BypassCache:
		s.BypassCache = o.value.(bool)
	case ContinuationLimit:
		s.ContinuationLimit = o.value.(int)
	case QueryAdvice:
		s.QueryAdvice = o.value.(bool)
	case FullTextScoreScope:
		s.LocalScores = o.value.(bool)
	case ScriptLogging:
		s.ScriptLogging = o.value.(bool)
	case PreTriggers:
		s.PreTriggers = o.value.(string)
	case PostTriggers:
		s.PostTriggers = o.value.(string)
	case MaxRUPerSecond:
		switch v := o.value.(type) {
		case int:
			s.Budget = nil
			if v > 0 {
				s.Budget = budget.NewLimiter(o.String(), float64(v))
			}
		case *budget.Limiter:
			s.Budget = v
		}
	case InThroughputControlGroup:
		s.Group = o.value.(*budget.Group) // nothing stays of what another one said
		s.Priority, s.ThroughputBucket = cmp.Or(s.Group.Priority, s.ownPriority), cmp.Or(s.Group.Bucket, s.ownBucket)
	case Header:
		s.Headers = append(s.Headers, o.value.([2]string))
	case UntilNow:
		s.UntilNow = true
	case FromNow:
		s.ChangesFromNow = true
	case Since:
		s.ChangesSince = o.value.(time.Time)
	case AllVersions:
		s.AllVersions = true
	case InFeedRange:
		bounds := o.value.([2]string)
		s.FeedRange = &bounds
	case OnProgress:
		s.Progress, _ = o.value.(func(Progress))
	}
}
