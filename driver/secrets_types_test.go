package driver_test

import (
	"encoding/json"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/cosmossql/cosmossql"

// secretKinds are types that hold a key or a token where no field tells of it.
var secretKinds = []string{
	module + "/internal/rest.MasterKey", module + "/internal/rest.resourceToken", module + "/internal/rest.bearer",
	module + "/internal/rest.Authorizer", module + "/internal/rest.Tokens", module + "/cosmos.TokenFunc",
}

// secretFields are names of fields that hold one as text.
var secretFields = []string{"key", "accountkey", "resourcetoken", "token", "secret", "password"}

// reach finds out whether values of a type can lead to a secret, through whatever fields, exported or not.
type reach struct{ known map[types.Type]bool }

func (r *reach) secret(t types.Type) bool {
	if found, seen := r.known[t]; seen {
		return found
	}
	r.known[t] = false // until the end is reached
	found := r.look(t)
	r.known[t] = found
	return found
}

func (r *reach) look(t types.Type) bool {
	switch t := t.(type) {
	case *types.Named:
		if pkg := t.Obj().Pkg(); pkg != nil && slices.Contains(secretKinds, pkg.Path()+"."+t.Obj().Name()) {
			return true
		}
		for arg := range t.TypeArgs().Types() {
			if r.secret(arg) {
				return true
			}
		}
		return r.secret(t.Underlying())
	case *types.Alias:
		return r.secret(types.Unalias(t))
	case *types.Struct:
		for f := range t.Fields() {
			basic, isBasic := f.Type().Underlying().(*types.Basic)
			isText := isBasic && basic.Info()&types.IsString != 0
			if isText && slices.Contains(secretFields, strings.ToLower(f.Name())) || r.secret(f.Type()) {
				return true
			}
		}
	case *types.Map:
		return r.secret(t.Key()) || r.secret(t.Elem())
	case interface{ Elem() types.Type }: // pointers, slices, arrays, channels
		return r.secret(t.Elem())
	}
	return false
}

// secretTypes are the exported types of the module's public packages that can lead to a secret, by path and name.
func secretTypes(t *testing.T) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-export",
		"-json=ImportPath,Export,Name", module+"/...")
	list.Stderr = os.Stderr
	out, err := list.Output()
	require.NoError(t, err)
	exports, public := map[string]string{}, []string(nil)
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ ImportPath, Export, Name string }
		err := dec.Decode(&p)
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		exports[p.ImportPath] = p.Export
		inside, ours := strings.CutPrefix(p.ImportPath, module)
		if ours && p.Name != "main" && !strings.Contains(inside, "/internal/") &&
			!strings.HasPrefix(inside, "/test/") &&
			!strings.HasPrefix(inside, "/examples/") {
			public = append(public, p.ImportPath)
		}
	}
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	require.Subset(t, public, []string{module, module + "/cosmos", module + "/driver", module + "/dsl",
		module + "/cosmos/cosmostest"})
	var names []string
	for _, path := range public {
		pkg, err := imp.Import(path)
		require.NoError(t, err)
		for _, name := range pkg.Scope().Names() {
			obj, isType := pkg.Scope().Lookup(name).(*types.TypeName)
			if isType && obj.Exported() && (&reach{map[types.Type]bool{}}).secret(obj.Type()) {
				names = append(names, path+"."+name)
			}
		}
	}
	return names
}

// typeName is the name of a value's type as secretTypes has it.
func typeName(v any) string {
	typ := reflect.TypeOf(v)
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	name, _, _ := strings.Cut(typ.Name(), "[")
	return fmt.Sprintf("%s.%s", typ.PkgPath(), name)
}
