package columns_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/columns"
	"github.com/stretchr/testify/require"
)

// split cuts a row and shows each cell as text, "-" for one that is not there.
func split(t *testing.T, l *columns.Layout, row string) []string {
	t.Helper()
	cells := make([][]byte, len(l.Names))
	unknown, ok := l.Split([]byte(row), cells)
	require.True(t, ok, "unknown member %q", unknown)
	texts := make([]string, len(cells))
	for i, cell := range cells {
		texts[i] = text(cell)
	}
	return texts
}

func text(cell []byte) string {
	if cell == nil {
		return "-"
	}
	return string(cell)
}

func list(names ...string) *columns.Layout { return columns.List(names, names) }

func TestListOfRenamedColumns(t *testing.T) {
	t.Parallel()
	l := columns.List([]string{"id", "addr.zip"}, []string{"id", "column1"})
	require.Equal(t, []string{"id", "addr.zip"}, l.Names)
	require.Equal(t, []string{`"a"`, `"W1"`}, split(t, l, `{"id":"a","column1":"W1"}`))
	require.Equal(t, []string{`-`, `"W1"`}, split(t, l, `{"column1":"W1","addr.zip":"x"}`))
}

func TestListSplit(t *testing.T) {
	t.Parallel()
	l := list("id", "n", "$1")
	require.Equal(t, []string{"id", "n", "$1"}, l.Names)
	for _, tt := range []struct {
		name, row string
		want      []string
	}{
		{"in order", `{"id":"a","n":1,"$1":{"x":[1,2]}}`, []string{`"a"`, `1`, `{"x":[1,2]}`}},
		{"out of order", `{"$1":true,"n":1,"id":"a"}`, []string{`"a"`, `1`, `true`}},
		{"missing first", `{"n":1}`, []string{`-`, `1`, `-`}},
		{"missing middle", `{"id":"a","$1":2}`, []string{`"a"`, `-`, `2`}},
		{"null is not missing", `{"n":null}`, []string{`-`, `null`, `-`}},
		{"spaces", " { \"id\" : \"a\" , \"n\" : 1 } ", []string{`"a"`, `1`, `-`}},
		{"escaped name", `{"\u0069d":"a","\u006e":1}`, []string{`"a"`, `1`, `-`}},
		{"twice, the last counts", `{"id":"a","id":"b"}`, []string{`"b"`, `-`, `-`}},
		{"unlisted is no column", `{"other":1,"n":2}`, []string{`-`, `2`, `-`}},
		{"empty", `{}`, []string{`-`, `-`, `-`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, split(t, list(l.Names...), tt.row))
		})
	}
}

func TestWholeSplit(t *testing.T) {
	t.Parallel()
	l := columns.Whole()
	require.Equal(t, []string{"value"}, l.Names)
	require.Equal(t, []string{`{"a":1}`}, split(t, l, ` {"a":1} `))
	require.Equal(t, []string{`"text"`}, split(t, l, `"text"`))
}

func star(t *testing.T, extra string, system bool, rows ...string) *columns.Layout {
	t.Helper()
	s := columns.NewStar(extra, system)
	for _, row := range rows {
		s.Add([]byte(row))
	}
	l, err := s.Layout()
	require.NoError(t, err)
	return l
}

const stored = `{"id":"a","_type":"t","_rid":"r","_self":"s","_etag":"e","_attachments":"x","_ts":1}`

func TestStarColumns(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		l    *columns.Layout
		want []string
	}{
		{"first seen first", star(t, "", false, `{"id":"a","b":1}`, `{"a":1,"id":"b"}`), []string{"id", "b", "a"}},
		{"system fields hidden, no others", star(t, "", false, stored), []string{"id", "_type"}},
		{"system fields shown", star(t, "", true, stored),
			[]string{"id", "_type", "_rid", "_self", "_etag", "_attachments", "_ts"}},
		{"extra", star(t, "_extra", false, `{"id":"a"}`), []string{"id", "_extra"}},
		{"one name, two spellings", star(t, "", false, `{"id":"a"}`, `{"\u0069d":"a"}`), []string{"id"}},
		{"scalars", star(t, "", false, `1`, `"a"`), []string{"value"}},
		{"nothing", star(t, "", false), nil},
		{"empty documents", star(t, "", false, `{}`), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, tt.l.Names)
		})
	}
}

func TestStarErrors(t *testing.T) {
	t.Parallel()
	mixed := columns.NewStar("", false)
	mixed.Add([]byte(`1`))
	mixed.Add([]byte(`{"id":"a"}`))
	_, err := mixed.Layout()
	require.ErrorContains(t, err, "some rows are objects and others are not")

	taken := columns.NewStar("id", false)
	taken.Add([]byte(`{"id":"a"}`))
	_, err = taken.Layout()
	require.ErrorContains(t, err, `have a field "id", the name given to the extra column`)

	hidden := columns.NewStar("_etag", false)
	hidden.Add([]byte(stored))
	_, err = hidden.Layout()
	require.NoError(t, err, "a hidden field's name is free")
}

func TestStarSplit(t *testing.T) {
	t.Parallel()
	l := star(t, "", false, stored)
	require.Equal(t, []string{`"a"`, `"t"`}, split(t, l, stored))

	cells := make([][]byte, 2)
	unknown, ok := l.Split([]byte(`{"id":"b","ni\u0063k":1}`), cells)
	require.False(t, ok)
	require.Equal(t, "nick", unknown)

	unknown, ok = l.Split([]byte(`7`), cells)
	require.False(t, ok, "a row that is not an object")
	require.Empty(t, unknown)
}

func TestStarExtra(t *testing.T) {
	t.Parallel()
	l := star(t, "more", false, `{"id":"a"}`)
	require.Equal(t, []string{`"a"`, `{}`}, split(t, l, `{"id":"a","_ts":1}`))
	require.Equal(t, []string{`"b"`, `{"n":1,"d\u0065ep":{"x":[]}}`},
		split(t, l, `{"n":1,"id":"b","d\u0065ep":{"x":[]},"_ts":1}`))
	require.Equal(t, []string{`"c"`, `{"more":3}`}, split(t, l, `{"id":"c","more":3}`))
	require.Equal(t, []string{`"d"`, `{}`}, split(t, l, `{"id":"d"}`), "nothing of the row before is left")
}

func TestTyping(t *testing.T) {
	t.Parallel()
	l := list("s", "n", "b", "o", "a", "mixed", "none", "late")
	typing := l.Typing()
	typing.Add([]byte(`{"s":"x","n":1,"b":true,"o":{},"a":[],"mixed":1,"none":null}`))
	typing.Add([]byte(`{"s":null,"n":1.5,"b":false,"mixed":"x","late":"y"}`))
	want := []string{"STRING", "NUMBER", "BOOLEAN", "OBJECT", "ARRAY", "ANY", "ANY", "STRING"}
	require.Equal(t, want, typing.Names())
	typing.Add([]byte(`{"mixed":1}`))
	require.Equal(t, want, typing.Names(), "mixed stays mixed")
}

// The one column of SELECT VALUE has a type as others have; what was asked for stays when more rows come.
func TestTypingOfWholeRows(t *testing.T) {
	t.Parallel()
	typing := columns.Whole().Typing()
	require.Equal(t, []string{columns.TypeAny}, typing.Names(), "nothing is known of no row")
	typing.Add([]byte("null"))
	typing.Add([]byte(` "x"`))
	before := typing.Names()
	typing.Add([]byte("true"))
	require.Equal(t, []string{columns.TypeString}, before)
	require.Equal(t, []string{columns.TypeAny}, typing.Names())
}

func TestTypingLeavesExtraAlone(t *testing.T) {
	t.Parallel()
	l := star(t, "more", false, `{"id":"a"}`)
	cells := make([][]byte, 2)
	l.Split([]byte(`{"id":"a","n":1}`), cells)
	l.Typing().Add([]byte(`{"id":"b","m":2}`))
	require.Equal(t, `{"n":1}`, string(cells[1]))

	typing := l.Typing()
	typing.Add([]byte(`{"id":"b"}`))
	require.Equal(t, []string{"STRING", "OBJECT"}, typing.Names(), "the extra column is an object, if an empty one")
}

func TestSplitAllocatesNothing(t *testing.T) {
	row := []byte(`{"id":"a","name":"b","unlisted":{"x":[1,2,3]},"n":1,"_ts":5}`)
	for name, l := range map[string]*columns.Layout{
		"list": list("n", "id", "name"),
		"star": star(t, "more", false, `{"id":"a","name":"b","n":1}`),
	} {
		cells := make([][]byte, len(l.Names))
		l.Split(row, cells)
		require.Zero(t, testing.AllocsPerRun(100, func() { l.Split(row, cells) }), name)
	}
}

func BenchmarkSplit(b *testing.B) {
	row := []byte(`{"id":"a1234567","customer":"c1234567","total":12.5,"lines":[{"sku":"x","n":1},` +
		`{"sku":"y","n":2}],"note":"some longer text, with \"quotes\""}`)
	l := list("id", "customer", "total", "lines", "note")
	cells := make([][]byte, len(l.Names))
	b.SetBytes(int64(len(row)))
	b.ReportAllocs()
	for b.Loop() {
		l.Split(row, cells)
	}
}

// FuzzSplit compares the cells of any object with what encoding/json finds in it.
func FuzzSplit(f *testing.F) {
	for _, row := range []string{
		`{}`, `{"id":"a","n":1}`, `{"a":1,"a":2}`, `{"\u0061":[{"b":"}"}],"":null}`, ` { "x" : {"y":[ ]} } `, stored,
		`{"ſ":1,"s":2,"\ud800":3}`,
	} {
		f.Add(row)
	}
	f.Fuzz(func(t *testing.T, row string) {
		var want map[string]json.RawMessage
		if json.Unmarshal([]byte(row), &want) != nil || want == nil || !utf8.ValidString(row) {
			return
		}
		s := columns.NewStar("", true)
		s.Add([]byte(row))
		l, err := s.Layout()
		require.NoError(t, err)
		require.Len(t, l.Names, len(want))
		cells := make([][]byte, len(l.Names))
		_, ok := l.Split([]byte(row), cells)
		require.True(t, ok)
		for i, name := range l.Names {
			require.JSONEq(t, string(want[name]), string(cells[i]), name)
		}

		// The same members by way of the extra column.
		s = columns.NewStar("extra column", true)
		l, err = s.Layout()
		require.NoError(t, err)
		cells = make([][]byte, 1)
		_, ok = l.Split([]byte(row), cells)
		require.True(t, ok)
		var got map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(cells[0], &got))
		require.Len(t, got, len(want))
	})
}

// A list takes the last member of a name that comes twice before the row has all columns, and no column is lost by it.
func TestSplitListTwice(t *testing.T) {
	t.Parallel()
	l := list("a", "b", "c")
	for row, want := range map[string][]string{
		`{"a":1,"a":2,"b":3,"c":4,"d":5}`: {"2", "3", "4"},
		`{"b":1,"a":2,"c":3}`:             {"2", "1", "3"},
		`{"c":1,"b":2,"a":3,"x":{}}`:      {"3", "2", "1"},
		`{"a":1,"c":2}`:                   {"1", "", "2"},
		`{"\u0061":1,"b":2,"c":3}`:        {"1", "2", "3"},
	} {
		cells := make([][]byte, 3)
		_, ok := l.Split([]byte(row), cells)
		require.True(t, ok)
		for i := range want {
			require.Equal(t, want[i], string(cells[i]), row)
		}
	}
}

// A column whose name has a backslash is not the member whose name is spelled so.
func TestSplitByNameNotBySpelling(t *testing.T) {
	t.Parallel()
	for _, l := range []*columns.Layout{list(`\u0061`, "n"), star(t, "more", false, `{"\\u0061":0}`)} {
		require.Equal(t, "1", split(t, l, `{"\\u0061":1}`)[0])
		require.Equal(t, "-", split(t, l, `{"\u0061":1}`)[0], "which is a")
	}
}

// Cells are used for row after row: what one row lacks is not what the row before had, nor one that was refused.
func TestSplitForgetsTheRowBefore(t *testing.T) {
	t.Parallel()
	for _, l := range []*columns.Layout{list("a", "b"), star(t, "", false, `{"a":1,"b":2}`)} {
		cells := make([][]byte, 2)
		for _, row := range []string{`{"a":1,"b":2}`, `{"b":3,"x":4,"a":5}`, `[6]`, `{"b":7}`, `{}`} {
			_, ok := l.Split([]byte(row), cells)
			if !ok {
				continue
			}
			require.Equal(t, split(t, l, row), []string{text(cells[0]), text(cells[1])}, row)
		}
		require.Equal(t, [][]byte{nil, nil}, cells)
	}
}

// Whatever of the columns a row has, in whatever order and with whatever between them, each cell is found.
func TestSplitInEveryOrder(t *testing.T) {
	t.Parallel()
	spellings := map[string][]string{"a": {"a", `\u0061`}, "bc": {"bc", `b\u0063`}, "": {""}, "d": {"d", `\u0064`}}
	names := []string{"a", "bc", "", "d"}
	layouts := []*columns.Layout{list(names...), star(t, "", false, `{"a":0,"bc":0,"":0,"d":0}`)}
	rows := 0
	var try func(row string, want [4]string)
	try = func(row string, want [4]string) {
		rows++
		for i, l := range layouts {
			full := "{" + row + "}"
			if i == 0 { // the list drops what it has no column for
				full = strings.ReplaceAll(full, `"d":`, `"x":{"a":[8]},"d":`)
			}
			require.Equal(t, want[:], split(t, l, full), full)
		}
		for i, name := range names {
			if want[i] != "-" {
				continue
			}
			for k, spelling := range spellings[name] {
				next := want
				next[i] = fmt.Sprintf(`[%d,"%s"]`, k, name)
				try(strings.TrimPrefix(row+`,"`+spelling+`":`+next[i], ","), next)
			}
		}
	}
	try("", [4]string{"-", "-", "-", "-"})
	require.Greater(t, rows, 250)
}
