package exec

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// Arguments takes apart what database/sql hands over, and encodes in format what wrappers of drivers have not asked to
// be encoded before.
func Arguments(args []driver.NamedValue, format argument.Format) ([]statement.Arg, []cosmos.Option, error) {
	if values, ok := byPosition(args); ok {
		return values, nil, nil
	}
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a.Value
		if a.Name != "" {
			list[i] = sql.Named(a.Name, a.Value)
		}
	}
	read, err := format.Read(list)
	if err != nil {
		return nil, nil, err
	}
	values := make([]statement.Arg, len(read.Parameters))
	for i, p := range read.Parameters {
		values[i] = statement.Arg{Ordinal: i + 1, Value: json.RawMessage(p.Value.(argument.JSON))}
		if !read.Positional {
			values[i].Name = p.Name
		}
	}
	return values, read.Options, nil
}

// byPosition are arguments that were all given by position and have been encoded already, as most are.
func byPosition(args []driver.NamedValue) ([]statement.Arg, bool) {
	values := make([]statement.Arg, len(args))
	for i, a := range args {
		value, ok := a.Value.(argument.JSON)
		if !ok || a.Name != "" {
			return nil, false
		}
		values[i] = statement.Arg{Ordinal: i + 1, Value: json.RawMessage(value)}
	}
	return values, true
}

// Operation is a statement as options know it. writes says that it changes documents.
func Operation(s statement.Statement) (op *option.Operation, writes bool) {
	switch s := s.(type) {
	case *statement.Select:
		return option.Select, false
	case *statement.Explain:
		return option.ExplainStmt, false
	case *statement.Insert:
		if s.Verb != "INSERT" {
			return option.Upsert, true
		}
		return option.Insert, true
	case *statement.Update:
		return option.Update, true
	case *statement.Delete:
		return option.Delete, true
	case *statement.List:
		return option.Metadata, false
	case *statement.Describe:
		if s.Sample > 0 {
			return option.SampleStmt, false
		}
		return option.Metadata, false
	}
	return option.DDL, false
}
