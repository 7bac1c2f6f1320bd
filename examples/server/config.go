package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/control"
)

// readConfig sets the flags that the file of -config has as members.
func (s *settings) readConfig(flags *flag.FlagSet) error {
	text, err := os.ReadFile(s.config)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = s.readMembers(d, text, flags)
	if err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the text ends too early")
	}
	at := d.InputOffset()
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		at = min(syntax.Offset, int64(len(text)))
	}
	return fmt.Errorf("%s: line %d: %w", s.config, 1+bytes.Count(text[:at], []byte("\n")), err)
}

func (s *settings) readMembers(d *json.Decoder, text []byte, flags *flag.FlagSet) error {
	known := map[string]*flag.Flag{}
	flags.VisitAll(func(f *flag.Flag) { known[member(f.Name)] = f })
	delete(known, "config")
	if t, err := d.Token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return errors.New("an object is wanted")
	}
	given := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name := t.(string) // the names of an object's members are
		if given[name] {
			return fmt.Errorf("member %q is given twice", name)
		}
		given[name] = true
		if err := s.readMember(d, text, name, known[name], flags); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more text after the end")
	}
	return nil
}

func (s *settings) readMember(d *json.Decoder, text []byte, name string, f *flag.Flag, flags *flag.FlagSet) error {
	switch name {
	case "databases":
		before := text[:d.InputOffset()]
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		// Its errors count lines from the beginning of the file.
		s.databases = fmt.Appendf(bytes.Repeat([]byte("\n"), bytes.Count(before, []byte("\n"))),
			`{"databases":%s}`, raw)
		return nil
	case "replication":
		return decode(d, name, &s.replication)
	case "faults":
		return decode(d, name, &s.faults)
	}
	if f == nil {
		return fmt.Errorf(
			"unknown member %q: there are databases, replication, faults, and the flags of -h, such as readOnlyKey",
			name)
	}
	var v any
	if err := d.Decode(&v); err != nil {
		return err
	}
	value, err := flagText(f, v)
	if err != nil {
		return fmt.Errorf("member %q: %w", name, err)
	}
	if err := flags.Set(f.Name, value); err != nil {
		return fmt.Errorf("member %q: %s: %w", name, value, err)
	}
	s.healthGiven = s.healthGiven || f.Name == "health"
	return nil
}

func decode(d *json.Decoder, name string, list *[]json.RawMessage) error {
	var wrong *json.UnmarshalTypeError
	err := d.Decode(list)
	if errors.As(err, &wrong) {
		return fmt.Errorf("member %q: a list is wanted", name)
	}
	return err
}

// flagText is a value of the file as the flag takes it: booleans and numbers as such, everything else as a text; the
// names of regions may be a list.
func flagText(f *flag.Flag, v any) (string, error) {
	want, ok := "a text", false
	getter, _ := f.Value.(flag.Getter)
	var kind any
	if getter != nil {
		kind = getter.Get()
	}
	switch kind.(type) {
	case bool:
		want = "true or false"
		_, ok = v.(bool)
	case int, uint64:
		want = "a number"
		_, ok = v.(json.Number)
	case time.Duration:
		want = "a time such as \"20ms\""
		_, ok = v.(string)
	default:
		if list, is := v.([]any); is {
			return joined(list)
		}
		_, ok = v.(string)
	}
	if !ok {
		return "", fmt.Errorf("%s is wanted, not %v", want, v)
	}
	return fmt.Sprint(v), nil
}

// joined is a list of texts as a flag takes it.
func joined(list []any) (string, error) {
	var parts []string
	for _, v := range list {
		text, ok := v.(string)
		if !ok || strings.Contains(text, ",") {
			return "", fmt.Errorf("a list of texts without commas is wanted, not %v", v)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ","), nil
}

// member is the name that a flag has in the file.
func member(flag string) string {
	words := strings.Split(flag, "-")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

// prepare asks of the world what the file says of replication and faults.
func (s *settings) prepare(world *control.Control, srv *cosmostest.Server) error {
	for i, body := range s.replication {
		if _, err := world.Do(srv, "PUT", "/replication", body); err != nil {
			return fmt.Errorf("-config: %s: replication[%d]: %w", s.config, i, err)
		}
	}
	for i, body := range s.faults {
		if _, err := world.Do(srv, "POST", "/faults", body); err != nil {
			return fmt.Errorf("-config: %s: faults[%d]: %w", s.config, i, err)
		}
	}
	return nil
}
