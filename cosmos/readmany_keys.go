package cosmos

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/go-json-experiment/json/jsontext"
)

// keysOfQuery is how many partition keys a query of [ReadManyByPartitionKeys] asks for: its text stays below 100 KB.
const keysOfQuery = 500

// ReadManyByPartitionKeys reads all documents of several logical partitions, in no particular order, and decodes them
// into T (POST docs). A key is what [PartitionKey] takes; the first values of a hierarchical key stand for all
// partitions below them. Keys that are given twice, or lie below another one, are read once. Only the physical
// partitions that hold the keys are asked, each for all of its keys together. opts are those of [Query]. The sequence
// ends after the first error.
//
//	for order, err := range cosmos.ReadManyByPartitionKeys[Order](ctx, orders, [][]any{{"ada"}, {"bob"}}) {
func ReadManyByPartitionKeys[T any](
	ctx context.Context, c *Container, keys [][]any, opts ...Option,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		list, paths, err := c.keysToRead(ctx, keys)
		if err != nil {
			yield(zero, err)
			return
		}
		if len(list) == 0 {
			return
		}
		set, err := c.client().resolve(ctx, option.Query, opts)
		if err != nil {
			yield(zero, err)
			return
		}
		for some := range slices.Chunk(list, keysOfQuery) {
			text, args := queryOfKeys(some, paths)
			for _, o := range slices.Concat(opts, option.Shared(set)) {
				args = append(args, o)
			}
			for v, err := range Query[T](ctx, c, text, args...) {
				if !yield(v, err) || err != nil {
					return
				}
			}
		}
	}
}

// keysToRead checks partition keys, and leaves out those that others cover. paths are those of the key, as expressions.
func (c *Container) keysToRead(ctx context.Context, keys [][]any) (list []partition.Key, paths []string, err error) {
	var d *definition
	known := map[string]bool{}
	for _, values := range keys {
		var key partition.Key
		if key, d, err = c.keyOf(ctx, values); err != nil {
			return nil, nil, err
		}
		switch {
		case len(key) == 0:
			return nil, nil, errtext.Refusef("cosmos: a partition key of ReadManyByPartitionKeys has no values")
		case !d.key.Hierarchical() || len(key) > len(d.key.Paths):
			if err := d.key.Check(key); err != nil {
				return nil, nil, err
			}
		}
		if !known[key.Header()] {
			known[key.Header()] = true
			list = append(list, key)
		}
	}
	list = slices.DeleteFunc(list, func(key partition.Key) bool {
		for n := 1; n < len(key); n++ {
			if known[key[:n].Header()] {
				return true
			}
		}
		return false
	})
	if d == nil {
		return nil, nil, nil
	}
	for i := range d.key.Paths {
		segments, err := d.key.PathSegments(i)
		if err != nil {
			return nil, nil, err
		}
		path := "c"
		for _, name := range segments {
			quoted, _ := jsontext.AppendQuote(nil, name)
			path += "[" + string(quoted) + "]"
		}
		paths = append(paths, path)
	}
	return list, paths, nil
}

// queryOfKeys returns a query of the documents of partition keys, with its parameters.
func queryOfKeys(keys []partition.Key, paths []string) (text string, args []any) {
	names := map[partition.Component]string{}
	name := func(c partition.Component) string {
		if names[c] == "" {
			names[c] = "@k" + strconv.Itoa(len(names))
			v, _ := c.Value()
			args = append(args, Parameter{Name: names[c], Value: v})
		}
		return names[c]
	}
	var in, either []string
	for _, key := range keys {
		if len(paths) == 1 && key[0] != partition.Undefined {
			in = append(in, name(key[0]))
			continue
		}
		var all []string
		for i, c := range key {
			if c == partition.Undefined {
				// No value in the service's eyes is one that is not there, and one that cannot be part of a key.
				all = append(all, fmt.Sprintf("(NOT IS_DEFINED(%[1]s) OR IS_ARRAY(%[1]s) OR IS_OBJECT(%[1]s))",
					paths[i]))
			} else {
				all = append(all, paths[i]+" = "+name(c))
			}
		}
		either = append(either, "("+strings.Join(all, " AND ")+")")
	}
	if len(in) > 0 {
		either = append(either, paths[0]+" IN ("+strings.Join(in, ", ")+")")
	}
	return "SELECT * FROM c WHERE " + strings.Join(either, " OR "), args
}
