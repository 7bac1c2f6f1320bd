// Package api holds the module to its exported names: what was there stays, or CHANGELOG.md says that it went.
package api

import (
	"flag"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false,
	"write the list of names anew; those that are gone stay until CHANGELOG.md has them")

// packages are those that users import, by their folders.
var packages = []string{".", "driver", "dsl", "cosmos",
	"cosmos/cosmostest", "cosmos/cosmostest/script", "cosmos/cosmostest/explorer", "cosmos/cosmostest/control"}

const list = "testdata/names.txt"

// TestNamesStay: an exported name that vanishes breaks programs. Before 1.0 it may, and CHANGELOG.md names it.
func TestNamesStay(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(list)
	require.NoError(t, err)
	changes, err := os.ReadFile("../../CHANGELOG.md")
	require.NoError(t, err)
	before, now := strings.Fields(string(text)), exported(t)
	for _, name := range before {
		last := name[strings.LastIndexByte(name, '.')+1:]
		if !slices.Contains(now, name) && !strings.Contains(string(changes), last) {
			t.Errorf("%s is gone, which breaks whoever uses it: bring it back, or name it in CHANGELOG.md and run "+
				"go test ./test/api -update", name)
			now = append(now, name)
		}
	}
	if *update {
		slices.Sort(now)
		require.NoError(t, os.WriteFile(list, []byte(strings.Join(now, "\n")+"\n"), 0o644))
	}
}

// exported are the names as package.Name, package.Type.Method and package.Type.Field.
func exported(t *testing.T) []string {
	var names []string
	for _, folder := range packages {
		files, err := filepath.Glob(filepath.Join("../..", folder, "*.go"))
		require.NoError(t, err)
		fset := token.NewFileSet()
		var parsed []*ast.File
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			parsed = append(parsed, f)
		}
		p, err := doc.NewFromFiles(fset, parsed, "x/"+folder)
		require.NoError(t, err)
		add := func(name ...string) {
			if last := name[len(name)-1]; ast.IsExported(last) {
				names = append(names, folder+":"+strings.Join(name, "."))
			}
		}
		values := func(list []*doc.Value) {
			for _, v := range list {
				for _, name := range v.Names {
					add(name)
				}
			}
		}
		values(p.Consts)
		values(p.Vars)
		for _, f := range p.Funcs {
			add(f.Name)
		}
		for _, typ := range p.Types {
			add(typ.Name)
			values(typ.Consts)
			values(typ.Vars)
			for _, f := range typ.Funcs {
				add(f.Name)
			}
			for _, m := range typ.Methods {
				add(typ.Name, m.Name)
			}
			for _, spec := range typ.Decl.Specs {
				switch under := spec.(*ast.TypeSpec).Type.(type) {
				case *ast.StructType:
					for _, field := range under.Fields.List {
						for _, id := range field.Names {
							add(typ.Name, id.Name)
						}
					}
				case *ast.InterfaceType:
					for _, method := range under.Methods.List {
						for _, id := range method.Names {
							add(typ.Name, id.Name)
						}
					}
				}
			}
		}
	}
	require.NotEmpty(t, names)
	slices.Sort(names)
	return slices.Compact(names)
}
