package docs

import (
	"database/sql"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql"
	"github.com/cosmossql/cosmossql/cosmos"
)

// sentinels are the errors of docs/errors.md by the names there.
var sentinels = map[string]error{
	"ErrBadRequest": cosmos.ErrBadRequest, "ErrUnauthorized": cosmos.ErrUnauthorized,
	"ErrForbidden": cosmos.ErrForbidden, "ErrNotFound": cosmos.ErrNotFound, "ErrOwnerNotFound": cosmos.ErrOwnerNotFound,
	"ErrTimeout":  cosmos.ErrTimeout,
	"ErrConflict": cosmos.ErrConflict, "ErrGone": cosmos.ErrGone, "ErrPreconditionFailed": cosmos.ErrPreconditionFailed,
	"ErrTooLarge": cosmos.ErrTooLarge, "ErrThrottled": cosmos.ErrThrottled, "ErrUnavailable": cosmos.ErrUnavailable,
	"ErrContainerRecreated": cosmos.ErrContainerRecreated, "ErrUnknownOutcome": cosmos.ErrUnknownOutcome,
	"ErrBadContinuation": cosmos.ErrBadContinuation, "ErrQueryMemory": cosmos.ErrQueryMemory,
	"ErrLeaseLost": cosmos.ErrLeaseLost,
	"ErrClosed":    cosmos.ErrClosed, "cosmossql.ErrTxQuery": cosmossql.ErrTxQuery,
}

// TestErrorsPage: the page has every error that the code exports and no other, under the statuses that it matches, and
// the table of package cosmos has the same errors and statuses.
func TestErrorsPage(t *testing.T) {
	t.Parallel()
	page := read(t, root+"/docs/errors.md")
	require.ElementsMatch(t, exportedErrors(t), firstCells(t, page, "Kinds"))
	require.ElementsMatch(t, exportedErrorTypes(t), firstCells(t, page, "Types"))

	told := packageErrors(t)
	for _, row := range tableUnder(t, page, "Kinds") {
		name := strings.Trim(row[0], "`")
		sentinel, known := sentinels[name]
		require.True(t, known, name)
		var statuses []string
		if row[1] != "" {
			statuses = strings.Split(row[1], ", ")
		}
		for _, status := range statuses {
			code, sub, _ := strings.Cut(status, "/")
			e := &cosmos.Error{Code: "x"}
			e.StatusCode, _ = strconv.Atoi(code)
			e.SubStatus, _ = strconv.Atoi(sub)
			require.Equal(t, name != "ErrNotFound" || sub == "", errors.Is(e, sentinel), "%s: %s", name, status)
		}
		if strings.HasPrefix(name, "cosmossql.") {
			continue
		}
		require.Contains(t, told, name, "cosmos/doc.go")
		require.ElementsMatch(t, statuses, told[name], "%s: docs/errors.md and cosmos/doc.go", name)
		delete(told, name)
	}
	require.Empty(t, told, "cosmos/doc.go has errors that the page has not")
}

// packageErrors has the statuses of each error in the table of cosmos/doc.go.
func packageErrors(t *testing.T) map[string][]string {
	found := map[string][]string{}
	rows := regexp.MustCompile(`(?m)^//\t(Err\w+(?:, Err\w+)*) +(.*)$`)
	for _, line := range rows.FindAllStringSubmatch(read(t, root+"/cosmos/doc.go"), -1) {
		statuses := regexp.MustCompile(`\b[45]\d\d(/\d+)?\b`).FindAllString(line[2], -1)
		names := strings.Split(line[1], ", ")
		for i, name := range names {
			found[name] = statuses
			if len(names) > 1 { // one status each
				found[name] = statuses[i : i+1]
			}
		}
	}
	require.NotEmpty(t, found)
	return found
}

// exportedErrors are the exported variables Err… of the packages that users import, those of cosmos without its name.
func exportedErrors(t *testing.T) []string {
	var list []string
	for _, p := range publicPackages {
		for _, name := range exported(t, p) {
			if strings.HasPrefix(name, "Err") && name != "Error" && !strings.Contains(name, ".") {
				if p.name != "cosmos" {
					name = p.name + "." + name
				}
				list = append(list, name)
			}
		}
	}
	return list
}

func exportedErrorTypes(t *testing.T) []string {
	var list []string
	for _, p := range publicPackages {
		for _, name := range exported(t, p) {
			if receiver, isError := strings.CutSuffix(name, ".Error"); isError {
				list = append(list, "*"+p.name+"."+receiver)
			}
		}
	}
	return list
}

// publicPackages are those that users import, as the pages name them.
var publicPackages = []struct{ name, dir string }{
	{"cosmossql", "."}, {"cosmos", "cosmos"}, {"cosmostest", "cosmos/cosmostest"},
	{"script", "cosmos/cosmostest/script"}, {"explorer", "cosmos/cosmostest/explorer"}, {"driver", "driver"},
	{"dsl", "dsl"}, {"otelcosmos", "cosmos/otelcosmos"}, {"azcosmosengine", "cosmos/azcosmosengine"},
}

// exported are the exported names of a package: functions, types, variables, constants, and as Type.Name methods and
// fields of exported types.
func exported(t *testing.T, p struct{ name, dir string }) []string {
	t.Helper()
	var list []string
	add := func(names ...string) {
		for _, name := range names {
			typ, member, _ := strings.Cut(name, ".")
			if token.IsExported(typ) && (member == "" || token.IsExported(member)) {
				list = append(list, name)
			}
		}
	}
	for _, path := range sourcesOf(t, p.dir) {
		for _, d := range parsed(t, path).Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					add(d.Name.Name)
				} else {
					add(receiver(d.Recv.List[0].Type) + "." + d.Name.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.ValueSpec:
						for _, name := range s.Names {
							add(name.Name)
						}
					case *ast.TypeSpec:
						add(s.Name.Name)
						add(members(s)...)
					}
				}
			}
		}
	}
	return list
}

// sourcesOf are the Go files of a folder without its tests.
func sourcesOf(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	require.NoError(t, err)
	files = slices.DeleteFunc(files, func(path string) bool { return strings.HasSuffix(path, "_test.go") })
	require.NotEmpty(t, files, dir)
	return files
}

func parsed(t *testing.T, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	require.NoError(t, err)
	return file
}

// members are the fields or methods that a type declares, as Type.Name.
func members(s *ast.TypeSpec) []string {
	var fields *ast.FieldList
	switch typ := s.Type.(type) {
	case *ast.StructType:
		fields = typ.Fields
	case *ast.InterfaceType:
		fields = typ.Methods
	default:
		return nil
	}
	var list []string
	for _, f := range fields.List {
		for _, name := range f.Names {
			list = append(list, s.Name.Name+"."+name.Name)
		}
	}
	return list
}

func receiver(typ ast.Expr) string {
	switch typ := typ.(type) {
	case *ast.StarExpr:
		return receiver(typ.X)
	case *ast.IndexExpr:
		return receiver(typ.X)
	case *ast.IndexListExpr:
		return receiver(typ.X)
	case *ast.Ident:
		return typ.Name
	}
	return ""
}

// TestMessages: each statement of the page's last table fails with what the page says.
func TestMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", three...)
	for _, row := range tableUnder(t, read(t, root+"/docs/errors.md"), "Messages") {
		statement, message := strings.Trim(row[0], "`"), strings.Trim(row[1], "`")
		require.ErrorContains(t, readRows(w.db, statement, func(*sql.Rows) {}), message, statement)
	}
}
