package recorded

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	guid    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	replica = regexp.MustCompile(`/apps/\S+?/replicas/\d+[ps](/?)`)
)

// plain takes out of a text what differs from run to run.
func plain(text string) string {
	text, _, cut := strings.Cut(text, ", \r\nRequestStartTime:")
	if cut {
		return text + ", DIAGNOSTICS"
	}
	return replica.ReplaceAllString(guid.ReplaceAllString(text, "GUID"), "URI$1")
}

// normal writes JSON with its members in their order, and without the values that differ from run to run: of the list
// named only the first element, whose order does not matter.
func normal(text, list string) string {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var b strings.Builder
	if err := walk(d, &b, "", list); err != nil && err != io.EOF {
		return text
	}
	return b.String()
}

func walk(d *json.Decoder, b *strings.Builder, name, list string) error {
	tok, err := d.Token()
	if err != nil {
		return err
	}
	switch t := tok.(type) {
	case json.Delim:
		b.WriteString(t.String())
		var elements []string
		for d.More() {
			var e strings.Builder
			if t == '{' {
				key, err := d.Token()
				if err != nil {
					return err
				}
				fmt.Fprintf(&e, "%q:", key)
				if err := walk(d, &e, key.(string), list); err != nil {
					return err
				}
			} else if err := walk(d, &e, "", list); err != nil {
				return err
			}
			elements = append(elements, e.String())
		}
		if t == '[' && list != "" && name == list {
			elements = elements[:min(1, len(elements))]
		}
		b.WriteString(strings.Join(elements, ","))
		end, err := d.Token()
		if err != nil {
			return err
		}
		b.WriteString(end.(json.Delim).String())
	case string:
		volatile := slices.Contains(
			[]string{"_rid", "_self", "_etag", "eTag", "databaseAccountEndpoint", "resource", "offerResourceId"}, name)
		if volatile || name == "id" && list != "" { // of the first of several, whichever it is
			t = "*"
		}
		fmt.Fprintf(b, "%q", t)
	case json.Number:
		f, _ := t.Float64()
		switch {
		case slices.Contains([]string{"_ts", "_lsn", "lsn"}, name), name == "_count" && list == "Offers":
			b.WriteString("*")
		case name == "requestCharge":
			b.WriteString("*") // the answer's is the sum
		case strings.ContainsAny(t.String(), ".eE"):
			b.WriteString(strconv.FormatFloat(f, 'g', 15, 64))
		default:
			b.WriteString(t.String())
		}
	default:
		fmt.Fprint(b, t)
	}
	return nil
}

func escape(path string) string { return strings.ReplaceAll(path, " ", "%20") }
