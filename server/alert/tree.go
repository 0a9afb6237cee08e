package alert

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
)

// tree is a JSON object read with leniency: senders' templates put numbers where words belong, and nothing is lost for it.
type tree map[string]any

var errTrailing = errors.New("more than one JSON value")

// parse reads one JSON value. When that does not work it tries again with raw control characters inside strings
// escaped, because real senders forget to.
func parse(body []byte) (any, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	v, err := parseStrict(body)
	if err == nil {
		return v, nil
	}
	if again, ok := escapeControls(body); ok {
		if v, err2 := parseStrict(again); err2 == nil {
			return v, nil
		}
	}
	return nil, err
}

func parseStrict(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errTrailing
	}
	return v, nil
}

// escapeControls escapes raw control characters inside JSON strings, and says whether there were any.
func escapeControls(body []byte) ([]byte, bool) {
	const hexes = "0123456789abcdef"
	out := make([]byte, 0, len(body)+64)
	inside, escaped, found := false, false, false
	for _, c := range body {
		switch {
		case !inside:
			inside = c == '"'
		case c < 0x20:
			found = true
			if escaped {
				out = append(out, '\\')
			}
			escaped = false
			out = append(out, '\\', 'u', '0', '0', hexes[c>>4], hexes[c&15])
			continue
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			inside = false
		}
		out = append(out, c)
	}
	return out, found
}

// str is the first of the named values that says something, as a string whatever it is in JSON.
func (t tree) str(names ...string) string {
	for _, n := range names {
		if s := str(t[n]); strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

// sub is the named object, empty when it is not one.
func (t tree) sub(name string) tree {
	m, _ := t[name].(map[string]any)
	return m
}

// list is the named array's objects; what is no object is left out.
func (t tree) list(name string) []tree {
	a, _ := t[name].([]any)
	return objects(a)
}

func objects(a []any) []tree {
	var out []tree
	for _, v := range a {
		if m, ok := v.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// names is the object's names in order.
func (t tree) names() []string { return slices.Sorted(maps.Keys(t)) }

// words is the object as labels: clean, every value a string, at most maxLabels of them. Empty ones are left out.
func (t tree) words() map[string]string {
	if len(t) == 0 {
		return nil
	}
	out := make(map[string]string, min(len(t), maxLabels))
	for _, n := range t.names() {
		name, value := line(n, maxName), lines(str(t[n]), maxValue)
		if name != "" && value != "" && len(out) < maxLabels {
			out[name] = value
		}
	}
	return out
}

// str is any JSON value as a string: words as they are, null as nothing, the rest as JSON.
func str(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return encode(v, "")
}

// pretty is any JSON value on several lines, unless it is so deep that the indentation would be most of it.
func pretty(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	if depth(v) > 20 {
		return encode(v, "")
	}
	return encode(v, "  ")
}

func encode(v any, indent string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func depth(v any) int {
	deepest := 0
	switch v := v.(type) {
	case map[string]any:
		for _, w := range v {
			deepest = max(deepest, depth(w))
		}
	case []any:
		for _, w := range v {
			deepest = max(deepest, depth(w))
		}
	default:
		return 0
	}
	return deepest + 1
}

// fenced is text as a code block in Markdown, with a fence that the text does not contain.
func fenced(text, language string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + language + "\n" + text + "\n" + fence
}
