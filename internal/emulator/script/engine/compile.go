package engine

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"

	"github.com/cosmossql/cosmossql/internal/emulator/script"
)

// program is a compiled script; running it gives its function.
type program struct{ code *goja.Program }

// programs keeps compiled scripts by their text, until there are too many.
type programs struct {
	mu   sync.Mutex
	kept map[script.Source]*program
}

const maxPrograms = 200

func (p *programs) get(s script.Source) (*program, error) {
	p.mu.Lock()
	c, ok := p.kept[s]
	p.mu.Unlock()
	if ok {
		return c, nil
	}
	c, err := compileInTime(s)
	if err != nil {
		return nil, &script.Error{
			Number: compileError,
			Message: "Encountered exception while compiling Javascript. Exception = SyntaxError: " +
				strings.TrimPrefix(err.Error(), "SyntaxError: ") + "\r\n   at " + s.ID + ".js",
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil || len(p.kept) >= maxPrograms {
		p.kept = map[script.Source]*program{}
	}
	p.kept[s] = c
	return c, nil
}

// compileError is the substatus of a script that cannot be compiled. Uncertain in the service: it is the number that
// the .NET SDK names ScriptCompileError.
const compileError = 0xFFFF

// compileInTime gives up a text that takes too long to read: a long row of labels or the like.
func compileInTime(s script.Source) (*program, error) {
	type result struct {
		p   *program
		err error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		r.err = attempt(func() (err error) {
			r.p, err = compile(s)
			return err
		})
		done <- r
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.p, r.err
	case <-timer.C:
		return nil, errors.New("it takes too long to read")
	}
}

// compile reads a script. It is a program, whose first function it is, or an expression that is a function.
func compile(s script.Source) (*program, error) {
	if len(s.Body) > maxBody {
		return nil, fmt.Errorf("the script has %d bytes, more than %d", len(s.Body), maxBody)
	}
	if nesting(s.Body) > maxNested {
		return nil, fmt.Errorf("brackets are nested more than %d deep", maxNested)
	}
	if arrows(s.Body) > maxArrows {
		return nil, fmt.Errorf("arrow functions are nested more than %d deep", maxArrows)
	}
	if labels.MatchString(s.Body) {
		return nil, errors.New("too many labels of one statement")
	}
	name := s.ID + ".js"
	tree, err := parseProgram(name, s.Body)
	if err != nil {
		// A function without a name is an expression only.
		expression, inExpression := parser.ParseFile(nil, name, "("+s.Body+"\n)", 0, parser.WithDisableSourceMaps)
		if inExpression != nil {
			return nil, further(s.Body, err, inExpression)
		}
		tree = expression
	}
	if what := unbounded(reflect.ValueOf(tree.Body)); what != "" {
		return nil, fmt.Errorf("%s is not supported", what)
	}
	code, err := goja.CompileAST(tree, false)
	if err != nil {
		return nil, err
	}
	return &program{code}, nil
}

// further is the error that stands further behind in the text: what was read as something else fails sooner.
func further(body string, program, expression error) error {
	var p, e parser.ErrorList
	if !errors.As(program, &p) || !errors.As(expression, &e) {
		return program
	}
	at, other := p[0].Position, &e[0].Position
	switch lines := strings.Split(body, "\n"); {
	case other.Line > len(lines): // the bracket behind the text
		e[0].Message = "Unexpected end of input"
		other.Line, other.Column = len(lines), len(lines[len(lines)-1])+1
	case other.Line == 1: // the bracket before it
		other.Column--
	}
	if other.Line > at.Line || other.Line == at.Line && other.Column > at.Column {
		return e[0]
	}
	return p[0]
}

// parseProgram reads a script as a program.
func parseProgram(name, body string) (*ast.Program, error) {
	tree, err := parser.ParseFile(nil, name, body, 0, parser.WithDisableSourceMaps)
	if err != nil {
		return nil, err
	}
	for _, s := range tree.Body {
		if f, ok := s.(*ast.FunctionDeclaration); ok && f.Function.Name != nil {
			// The value of the program is that of its last statement.
			return parser.ParseFile(nil, name, body+"\n;"+f.Function.Name.Name.String()+";", 0,
				parser.WithDisableSourceMaps)
		}
	}
	return tree, nil
}

// nesting is how deep brackets stand in one another, texts and comments included: the parser calls itself for each.
func nesting(text string) int {
	depth, deepest := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '(', '[', '{':
			depth++
			deepest = max(deepest, depth)
		case ')', ']', '}':
			depth--
		}
	}
	return deepest
}

// labels are more labels of a statement than anyone needs; each doubles the time that the parser takes.
var labels = regexp.MustCompile(`(?:[\pL\w$]+\s*:\s*){8}`)

// arrows is how many arrow functions may stand in one another without brackets (a=>b=>c): the parser reads the rest of
// the text again for each.
func arrows(text string) int {
	run, longest := 0, 0
	for part := range strings.SplitSeq(text, "=>") {
		if run++; len(part) > 40 || strings.ContainsAny(part, ";{}\n") {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// walker is the function of api.js that walks through what is spread.
const walker = "__walk"

// walked lets what is spread in an array or a call ([...x]) be walked through by a function of ours, step by step: goja
// itself would not stop in it. The same is done with what is taken apart ([a, ...b] = x), but for parameters.
func walked(list []ast.Expression) {
	for _, x := range list {
		if s, ok := x.(*ast.SpreadElement); ok {
			s.Expression = walk(s.Expression)
		}
	}
}

func walk(x ast.Expression) ast.Expression {
	at := x.Idx0()
	return &ast.CallExpression{
		Callee: &ast.Identifier{Name: walker, Idx: at}, LeftParenthesis: at, ArgumentList: []ast.Expression{x},
		RightParenthesis: at,
	}
}

// unbounded names what a tree holds that goja cannot be stopped in: numbers without bounds (1n) and generators that may
// go on in themselves (yield*). It makes bounded what can be.
func unbounded(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		switch x := v.Interface().(type) {
		case *ast.NumberLiteral:
			if _, ok := x.Value.(*big.Int); ok {
				return "BigInt"
			}
		case *ast.Binding:
			if p, ok := x.Target.(*ast.ArrayPattern); ok && p.Rest != nil && x.Initializer != nil {
				x.Initializer = walk(x.Initializer)
			}
		case *ast.AssignExpression:
			if p, ok := x.Left.(*ast.ArrayPattern); ok && p.Rest != nil {
				x.Right = walk(x.Right)
			}
		case *ast.ArrayLiteral:
			walked(x.Value)
		case *ast.CallExpression:
			walked(x.ArgumentList)
		case *ast.NewExpression:
			walked(x.ArgumentList)
		case *ast.YieldExpression:
			if x.Delegate {
				return "yield*"
			}
		}
		if t := v.Type(); t.Kind() == reflect.Pointer &&
			!strings.HasPrefix(t.Elem().PkgPath(), "github.com/dop251/goja/ast") {
			return ""
		}
		return unbounded(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if what := unbounded(v.Index(i)); what != "" {
				return what
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			// The declarations that a scope lists stand in its body, too.
			if f := v.Type().Field(i); f.IsExported() && f.Name != "DeclarationList" {
				if what := unbounded(v.Field(i)); what != "" {
					return what
				}
			}
		}
	}
	return ""
}
