package nosql

// Span is where a node stands in the query text: byte offsets, End exclusive.
// A node that no text was parsed for has the zero Span.
type Span struct{ Start, End int }

// Pos returns the span itself; it makes every node that embeds Span a [Node].
func (s Span) Pos() Span { return s }

// Node is any part of the syntax tree.
type Node interface{ Pos() Span }

// Expr is a scalar expression, one of the types below.
type Expr interface {
	Node
	expr()
}

// LiteralKind tells the literals apart.
type LiteralKind int

// The kinds of literal. NaN and Infinity are numbers.
const (
	Undefined LiteralKind = iota
	Null
	True
	False
	Number
	String
)

// Literal is a constant. Text holds a string's decoded value, or a number as the text wrote it. Single tells 'text'
// from "text", which mean the same but in standard SQL, where the latter is a name.
type Literal struct {
	Span
	Kind   LiteralKind
	Text   string
	Single bool
}

// Param is @name. Name carries the @, as it does on the wire. The SQL dialect has two more: ? has no Name and says by
// its Ordinal, counted from 1, which it is; @1, $1 and :1 have the Name @p1 and the Ordinal 1.
type Param struct {
	Span
	Name    string
	Ordinal int
}

// Ident is a bare name: an alias in scope.
// Quoted is set only in the SQL dialect, where "name" may stand for one.
type Ident struct {
	Span
	Name   string
	Quoted bool
}

// Member is X.Name or X["Name"], which Bracket tells apart; they mean the same.
type Member struct {
	Span
	X       Expr
	Name    string
	Bracket bool
}

// Index is X[I] for any I but a string literal, which is a [Member].
type Index struct {
	Span
	X, I Expr
}

// Array is [a, b, …].
type Array struct {
	Span
	Items []Expr
}

// Field is one name: value of an [Object].
type Field struct {
	Name  string
	Value Expr
}

// Object is {"a": x, …}, its fields in the order of the text.
type Object struct {
	Span
	Fields []Field
}

// Unary is Op X, where Op is one of "-", "+", "~", "NOT".
type Unary struct {
	Span
	Op string
	X  Expr
}

// Binary is L Op R. Op is one of
//
//	??  OR  AND  =  !=  <  <=  >  >=  <<  >>  >>>  ||  |  ^  &  +  -  *  /  %
//
// where <> has become !=.
type Binary struct {
	Span
	Op   string
	L, R Expr
}

// Cond is If ? Then : Else.
type Cond struct {
	Span
	If, Then, Else Expr
}

// In is X [NOT] IN (List…).
type In struct {
	Span
	X    Expr
	Not  bool
	List []Expr
}

// Like is X [NOT] LIKE Pattern [ESCAPE Escape]; Escape is nil without one.
type Like struct {
	Span
	X       Expr
	Not     bool
	Pattern Expr
	Escape  *Literal
}

// Between is X [NOT] BETWEEN Low AND High.
type Between struct {
	Span
	X         Expr
	Not       bool
	Low, High Expr
}

// IsNull is X IS [NOT] NULL, which only the SQL dialect has.
type IsNull struct {
	Span
	X   Expr
	Not bool
}

// Call is Name(Args…). UDF marks udf.Name. Star marks COUNT(*), which only the SQL dialect has.
// NameSpan is the name alone, without the arguments.
type Call struct {
	Span
	NameSpan Span
	UDF      bool
	Name     string
	Star     bool
	Args     []Expr
}

// Let is (LET Name = Value IN Body), which the service's grammar has and its documentation does not. Name is an alias
// in Body.
type Let struct {
	Span
	Name        string
	Value, Body Expr
}

// SubqueryKind says what a subquery stands for.
type SubqueryKind int

// The kinds of subquery: (q), EXISTS(q), ARRAY(q), ALL(q), FIRST(q), LAST(q).
const (
	ScalarQuery SubqueryKind = iota
	ExistsQuery
	ArrayQuery
	AllQuery
	FirstQuery
	LastQuery
)

// Subquery is a query in scalar position.
type Subquery struct {
	Span
	Kind  SubqueryKind
	Query *Query
}

func (*Literal) expr()  {}
func (*Param) expr()    {}
func (*Ident) expr()    {}
func (*Member) expr()   {}
func (*Index) expr()    {}
func (*Array) expr()    {}
func (*Object) expr()   {}
func (*Unary) expr()    {}
func (*Binary) expr()   {}
func (*Cond) expr()     {}
func (*In) expr()       {}
func (*Like) expr()     {}
func (*Between) expr()  {}
func (*IsNull) expr()   {}
func (*Call) expr()     {}
func (*Let) expr()      {}
func (*Subquery) expr() {}

// Query is one SELECT.
type Query struct {
	Span
	Distinct bool
	Top      Expr // *Literal, *Param or nil
	Select   Select
	From     []Source // empty without FROM; the first is not a JOIN, the others are
	Where    Expr     // or nil
	GroupBy  []Expr
	OrderBy  []Sort
	Rank     bool // ORDER BY RANK, whose keys have no operators; that they are calls is the evaluator's to check
	Offset   Expr // *Literal, *Param or nil
	Limit    Expr // *Literal, *Param or nil; the SQL dialect allows it without Offset

	// Where the clauses TOP, ORDER BY, and OFFSET with LIMIT stand.
	TopSpan, OrderBySpan, PageSpan Span
}

// limitFirst reports whether the text has LIMIT in front of OFFSET, as the SQL dialect allows.
func (q *Query) limitFirst() bool {
	return q.Offset != nil && q.Limit != nil && q.Limit.Pos().Start < q.Offset.Pos().Start
}

// Select is what stands between SELECT (DISTINCT, TOP) and FROM.
type Select struct {
	Span
	Star  bool   // SELECT *
	Value bool   // SELECT VALUE: Items has exactly one
	Items []Item // empty for *
}

// Item is one expression of the select list. Alias is "" where the text has none; see [Query.Columns] for the name
// that it then gets. An alias may be any text but the empty one; AliasSpan is where it stands.
type Item struct {
	Span
	X         Expr
	Alias     string
	AliasSpan Span
}

// Source is one input of FROM: Path or Query, never both.
//
//	FROM c.a.b AS x         Path c.a.b, Alias x
//	FROM x IN c.a           Path c.a, Alias x, In
//	JOIN (SELECT …) AS x    Query, Alias x
//	JOIN x IN (SELECT …)    Query, Alias x, In
type Source struct {
	Span
	In    bool
	Path  Expr // *Ident, *Member, or *Index with a number literal
	Query *Query
	Alias string // "" without one; see [Source.Name]
}

// Sort is one key of ORDER BY.
type Sort struct {
	Span
	X    Expr
	Desc bool
	Dir  string // "ASC", "DESC" or "" as the text has it
}
