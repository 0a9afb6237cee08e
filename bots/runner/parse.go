package runner

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"watchroom/server/fault"
)

// IsCommand tells whether text is meant as a command: it begins with a slash and a letter, and has no second slash in
// its first word, so that "/var/log/syslog is full" is talk.
func IsCommand(text string) bool {
	first, _, _ := strings.Cut(text, " ")
	first, _, _ = strings.Cut(first, "\n")
	return len(first) > 1 && first[0] == '/' && unicode.IsLetter(rune(first[1])) && !strings.Contains(first[1:], "/")
}

// word is one word of a line, and where it begins.
type word struct {
	text  string
	start int
}

const maxLine = 4000

// split cuts a line into words. Double or single quotes keep spaces together; a backslash keeps the next character.
func split(line string) ([]word, error) {
	if len(line) > maxLine {
		return nil, fault.New(fault.Invalid, "a command has at most %d characters", maxLine)
	}
	var words []word
	var b strings.Builder
	var quote rune
	start, in, escaped := 0, false, false
	for i, r := range line {
		switch {
		case escaped:
			b.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, in, start = true, true, begin(in, start, i)
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			b.WriteRune(r)
		case r == '"' || r == '\'' && !in:
			quote, in, start = r, true, begin(in, start, i)
		case unicode.IsSpace(r):
			if in {
				words = append(words, word{b.String(), start})
				b.Reset()
				in = false
			}
		default:
			in, start = true, begin(in, start, i)
			b.WriteRune(r)
		}
	}
	if quote != 0 {
		return nil, fault.New(fault.Invalid, "a quote is not closed")
	}
	if in {
		words = append(words, word{b.String(), start})
	}
	if len(words) == 0 {
		return nil, fault.New(fault.Invalid, "there is no command")
	}
	return words, nil
}

func begin(in bool, start, i int) int {
	if in {
		return start
	}
	return i
}

// read puts the words into the command's arguments. Phones turn -- into a dash: both begin a named argument.
func (c Command) read(line string, words []word) (map[string][]string, error) {
	args := map[string][]string{}
	place := 0
	for i := 0; i < len(words); i++ {
		if name, value, named := flag(words[i].text); named && c.arg(name) != nil && c.tail(place) == nil {
			if value == "" && i+1 < len(words) {
				i++
				value = words[i].text
			}
			args[name] = append(args[name], value)
			continue
		}
		for place < len(c.Args) && len(args[c.Args[place].Name]) > 0 && !c.Args[place].Many {
			place++
		}
		if place >= len(c.Args) {
			return nil, fault.New(fault.Invalid, "/%s does not take %q. Usage: %s", c.Name, words[i].text, c.Usage())
		}
		a := c.Args[place]
		if a.Kind == TextArg {
			args[a.Name] = []string{strings.TrimSpace(line[words[i].start:])}
			break
		}
		if !a.Required && !a.Many && !a.fits(words[i].text) && place+1 < len(c.Args) {
			place++
			i--
			continue
		}
		args[a.Name] = append(args[a.Name], words[i].text)
	}
	for _, a := range c.Args {
		if a.Required && len(args[a.Name]) == 0 {
			return nil, fault.Field(a.Name, "is required. Usage: %s", c.Usage())
		}
		for _, v := range args[a.Name] {
			if !a.fits(v) {
				return nil, fault.Field(a.Name, "%s", a.wants(v))
			}
		}
	}
	return args, nil
}

// tail is the text argument at this place, which takes all that is left as it stands.
func (c Command) tail(place int) *Arg {
	if place < len(c.Args) && c.Args[place].Kind == TextArg {
		return &c.Args[place]
	}
	return nil
}

func (c Command) arg(name string) *Arg {
	if i := slices.IndexFunc(c.Args, func(a Arg) bool { return a.Name == name }); i >= 0 {
		return &c.Args[i]
	}
	return nil
}

// flag reads --name or --name=value; an em or en dash counts as two hyphens.
func flag(s string) (name, value string, ok bool) {
	for _, dash := range []string{"--", "—", "–"} {
		if rest, found := strings.CutPrefix(s, dash); found && rest != "" {
			name, value, _ = strings.Cut(rest, "=")
			return name, value, true
		}
	}
	return "", "", false
}

var incidentNumber = regexp.MustCompile(`^#?(inc-)?[0-9]{1,18}(-[a-z0-9-]*)?$`)

// fits tells whether v can be a value of a.
func (a Arg) fits(v string) bool {
	switch a.Kind {
	case PersonArg:
		return len(v) > 1 && v[0] == '@'
	case IncidentArg:
		return incidentNumber.MatchString(v)
	case DurationArg:
		_, err := Span(v)
		return err == nil
	case ChoiceArg:
		return slices.Contains(a.Choices, v)
	}
	return v != ""
}

func (a Arg) wants(v string) string {
	switch a.Kind {
	case PersonArg:
		return fmt.Sprintf("%q is not a person; write @name", v)
	case IncidentArg:
		return fmt.Sprintf("%q is not an incident's number", v)
	case DurationArg:
		return fmt.Sprintf("%q is not a time; write 30m, 2h, 1d or until-resolved", v)
	case ChoiceArg:
		return "must be one of " + strings.Join(a.Choices, ", ")
	}
	return "must not be empty"
}

// UntilResolved is the Span of "until-resolved".
const UntilResolved time.Duration = -1

// Span reads 90s, 30m, 2h, 1d, 1w, sums such as 1h30m, and until-resolved. At most a year.
func Span(s string) (time.Duration, error) {
	if s == "until-resolved" {
		return UntilResolved, nil
	}
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	var sum time.Duration
	for rest := s; rest != ""; {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, err := strconv.Atoi(rest[:digits])
		if err != nil || digits == len(rest) || digits > 6 || units[rest[digits]] == 0 {
			return 0, fault.New(fault.Invalid, "%q is not a time; write 30m, 2h, 1d or until-resolved", s)
		}
		sum += time.Duration(n) * units[rest[digits]]
		rest = rest[digits+1:]
	}
	if sum <= 0 || sum > 366*24*time.Hour {
		return 0, fault.New(fault.Invalid, "%q is not between a second and a year", s)
	}
	return sum, nil
}

// Incident reads 142, #142 or #inc-142-checkout.
func Incident(s string) (uint64, error) {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "#"), "inc-")
	s, _, _ = strings.Cut(s, "-")
	return strconv.ParseUint(s, 10, 63)
}

// distance is the number of letters to change, add, drop or swap between a and b (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
