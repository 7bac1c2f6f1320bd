package statement

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

var errNothingToAlter = errors.New("ALTER changes nothing: add WITH (throughput = 400), or another option")

// definition is the body of a container, in the order in which the service documents it. What no option sets is left
// to the service.
type definition struct {
	ID            string          `json:"id,omitempty"`
	PartitionKey  *partitionKey   `json:"partitionKey,omitempty"`
	Indexing      json.RawMessage `json:"indexingPolicy,omitempty"`
	UniqueKeys    *uniqueKeys     `json:"uniqueKeyPolicy,omitempty"`
	TTL           json.RawMessage `json:"defaultTtl,omitempty"`
	AnalyticalTTL json.RawMessage `json:"analyticalStorageTtl,omitempty"`
	Conflicts     json.RawMessage `json:"conflictResolutionPolicy,omitempty"`
	ChangeFeed    json.RawMessage `json:"changeFeedPolicy,omitempty"`
	Geospatial    json.RawMessage `json:"geospatialConfig,omitempty"`
	Computed      json.RawMessage `json:"computedProperties,omitempty"`
	Vectors       json.RawMessage `json:"vectorEmbeddingPolicy,omitempty"`
	FullText      json.RawMessage `json:"fullTextPolicy,omitempty"`
}

type partitionKey struct {
	Paths   []string `json:"paths"`
	Kind    string   `json:"kind"`
	Version int      `json:"version"`
}

type uniqueKeys struct {
	Keys []uniqueKey `json:"uniqueKeys"`
}

type uniqueKey struct {
	Paths []string `json:"paths"`
}

func parseCreateContainer(p *nosql.Parser) (Statement, error) {
	s := &CreateContainer{IfNotExists: p.Accept("IF", "NOT", "EXISTS"), Target: readTarget(p)}
	d := definition{ID: s.Container}
	for p.Err() == nil {
		switch {
		case p.Accept("PARTITION", "KEY"):
			paths, err := readPaths(p)
			if err != nil {
				return nil, err
			}
			if err := d.partitionBy(paths); err != nil {
				return nil, err
			}
			continue
		case p.Accept("UNIQUE", "KEY"), p.Accept("UNIQUE"):
			paths, err := readPaths(p)
			if err != nil {
				return nil, err
			}
			d.unique(paths)
			continue
		}
		break
	}
	if err := d.options(p, &s.Throughput, true); err != nil {
		return nil, err
	}
	if d.PartitionKey == nil {
		return nil, fmt.Errorf("CREATE CONTAINER %s names no partition key: add PARTITION KEY (/path)", s.Container)
	}
	var err error
	s.Properties, err = json.Marshal(d)
	return s, err
}

func parseAlterContainer(p *nosql.Parser) (Statement, error) {
	s := &AlterContainer{Target: readTarget(p)}
	var d definition
	if err := d.options(p, &s.Throughput, false); err != nil {
		return nil, err
	}
	properties, err := json.Marshal(d)
	if string(properties) != "{}" {
		s.Properties = properties
	} else if s.Throughput == (Throughput{}) {
		return nil, errNothingToAlter
	}
	return s, err
}

// readPaths reads (/a, /b).
func readPaths(p *nosql.Parser) ([]string, error) {
	start := p.Token().Start
	p.Expect("(")
	value := readBare(p)
	for p.Accept(",") {
		value += "," + readBare(p)
	}
	p.Expect(")")
	o := option{written: "KEY", value: value, at: nosql.Span{Start: start, End: p.EndOfLast()}}
	if err := p.Err(); err != nil {
		return nil, err
	}
	return o.paths()
}

func (d *definition) partitionBy(paths []string) error {
	const most = 3
	switch {
	case d.PartitionKey != nil:
		return errors.New("CREATE CONTAINER names the partition key twice")
	case len(paths) > most:
		return fmt.Errorf("a partition key has at most %d paths, not %d", most, len(paths))
	}
	d.PartitionKey = &partitionKey{Paths: paths, Kind: "Hash", Version: 2}
	if len(paths) > 1 {
		d.PartitionKey.Kind = "MultiHash"
	}
	return nil
}

func (d *definition) unique(paths []string) {
	if d.UniqueKeys == nil {
		d.UniqueKeys = &uniqueKeys{}
	}
	d.UniqueKeys.Keys = append(d.UniqueKeys.Keys, uniqueKey{paths})
}

// options reads WITH … and the end of the text. Keys are set only when the container is created.
func (d *definition) options(p *nosql.Parser, t *Throughput, create bool) error {
	with := readWith(p)
	if err := finish(p); err != nil {
		return err
	}
	for _, o := range with {
		taken, err := t.option(o)
		if !taken && err == nil && create {
			taken, err = d.keyOption(o)
		}
		if !taken && err == nil {
			err = d.option(o, create)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keyOption takes gocosmos's PK and UK.
func (d *definition) keyOption(o option) (bool, error) {
	switch o.key {
	case "PK", "LARGEPK", "PARTITIONKEY":
		paths, err := o.paths()
		if err != nil {
			return true, err
		}
		return true, d.partitionBy(paths)
	case "UK", "UNIQUEKEY", "UNIQUEKEYS":
		for _, key := range strings.FieldsFunc(o.value, func(r rune) bool { return r == ':' || r == ';' }) {
			paths, err := option{written: o.written, value: key, at: o.at}.paths()
			if err != nil {
				return true, err
			}
			d.unique(paths)
		}
		return true, nil
	}
	return false, nil
}

// option takes what can be set at any time.
func (d *definition) option(o option, create bool) (err error) {
	switch o.key {
	case "TTL", "DEFAULTTTL":
		d.TTL, err = o.ttl()
	case "ANALYTICALTTL", "ANALYTICALSTORAGETTL":
		d.AnalyticalTTL, err = o.ttl()
	case "INDEXING", "INDEXINGPOLICY":
		d.Indexing, err = o.object('{')
	case "CONFLICTS", "CONFLICTRESOLUTION", "CONFLICTRESOLUTIONPOLICY":
		d.Conflicts, err = o.object('{')
	case "CHANGEFEED", "CHANGEFEEDPOLICY":
		d.ChangeFeed, err = o.object('{')
	case "GEOSPATIAL", "GEOSPATIALCONFIG":
		d.Geospatial, err = o.object('{')
	case "COMPUTED", "COMPUTEDPROPERTIES":
		d.Computed, err = o.object('[')
	case "VECTORS", "VECTOR", "VECTORPOLICY", "VECTOREMBEDDINGPOLICY":
		d.Vectors, err = o.object('{')
	case "FULLTEXT", "FULLTEXTPOLICY":
		d.FullText, err = o.object('{')
	default:
		known := []string{"throughput", "max_throughput", "partition_key", "unique_keys", "ttl", "analytical_ttl",
			"indexing", "vectors", "full_text", "computed", "conflicts", "change_feed", "geospatial"}
		if !create {
			known = slices.Delete(known, 2, 4) // the keys stay what they are
		}
		err = o.unknown(known...)
	}
	return err
}

// ttl is the value as seconds, -1 for documents that stay unless they say otherwise, or null to turn it off.
func (o option) ttl() (json.RawMessage, error) {
	switch strings.ToLower(o.value) {
	case "off", "null":
		return json.RawMessage("null"), nil
	case "on":
		return json.RawMessage("-1"), nil
	}
	n, err := o.number(-1)
	if err != nil || n == 0 {
		return nil, o.wrong("seconds, on or off")
	}
	return strconv.AppendInt(nil, int64(n), 10), nil // 007 and +7 are not JSON
}
