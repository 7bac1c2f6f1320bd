package statement

import (
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/nosql"
)

// Statement is one of [*Select], [*Insert], [*Update], [*Delete], [*CreateDatabase], [*AlterDatabase],
// [*CreateContainer], [*AlterContainer], [*Drop], [*List], [*Describe] and [*Explain]. It is not changed after [Parse]
// and safe for concurrent use.
type Statement interface {
	// Bind pairs arguments with parameters; see [Parameters.Bind].
	Bind(args []Arg) ([]Arg, error)
}

// Options says what is known besides the text. It matters to SELECT alone.
type Options struct {
	Database  bool // the connection or the call names the database
	Container bool // and the container, which makes the name in FROM an alias
}

// Parse reads one statement. An error that has a place in the text holds an [*nosql.Error], which says where.
func Parse(text string, o Options) (Statement, error) {
	text, err := plain(text)
	if err != nil {
		return nil, errtext.Refusef("cosmos: %w", nosql.Locate(text, err))
	}
	s, err := parse(text, o)
	if err != nil {
		return nil, errtext.Refusef("cosmos: %w", nosql.Locate(text, advise(text, err)))
	}
	return s, nil
}

func parse(text string, o Options) (Statement, error) {
	p := nosql.NewParser(text, nosql.SQL)
	switch {
	case p.Is("SELECT"):
		return parseSelect(text, o)
	case p.Accept("INSERT"):
		return parseInsert(p, text, "INSERT")
	case p.Accept("UPSERT"):
		return parseInsert(p, text, "UPSERT")
	case p.Accept("REPLACE"):
		return parseInsert(p, text, "REPLACE")
	case p.Accept("UPDATE"):
		return parseUpdate(p, text)
	case p.Accept("DELETE"):
		return parseDelete(p, text)
	case p.Accept("CREATE"):
		return parseCreate(p)
	case p.Accept("ALTER"):
		return parseAlter(p)
	case p.Accept("DROP"):
		return parseDrop(p)
	case p.Accept("LIST"), p.Accept("SHOW"):
		return parseList(p)
	case p.Accept("DESCRIBE"), p.Accept("DESC"):
		return parseDescribe(p)
	case p.Accept("EXPLAIN"):
		analyze := p.Accept("ANALYZE")
		return parseExplain(text, p.Token().Start, analyze, o)
	}
	p.Fail()
	return nil, p.Err()
}
