package nosql

// Dialect says which grammar a text is read with.
type Dialect int

const (
	Cosmos Dialect = iota
	SQL
)

func Parse(text string, d Dialect) (*Query, error)   { return nil, nil }
func ParseExpr(text string, d Dialect) (Expr, error) { return nil, nil }
func ParseCondition(text string) (*Query, error)     { return nil, nil }
func Print(n Node) string                            { return "" }
func PrintCanonical(q *Query) string                 { return "" }
func AppendExpr(dst []byte, e Expr) []byte           { return nil }
func AppendCanonicalExpr(dst []byte, e Expr) []byte  { return nil }
func Resolve(q *Query) error                         { return nil }
func (q *Query) Columns() ([]string, bool)           { return nil, false }
func (s Source) Name() string                        { return s.Alias }
func Walk(n Node, visit func(Node) bool)             {}
