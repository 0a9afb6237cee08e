package runner_test

import (
	"fmt"
	"strings"
	"testing"

	"watchroom/bots/runner"
	"watchroom/server/fault"
)

var page = runner.Command{Name: "page", Args: []runner.Arg{
	{Name: "who", Kind: runner.PersonArg, Required: true}, {Name: "mode", Kind: runner.ChoiceArg, Choices: []string{"loud", "soft"}},
	{Name: "for", Kind: runner.DurationArg}, {Name: "text", Kind: runner.TextArg},
}}

var invite = runner.Command{Name: "invite", Args: []runner.Arg{{Name: "person", Kind: runner.PersonArg, Required: true, Many: true}}}

// Words go to their places, optional ones are left out by not fitting, names may be given, and the rest of a line stays as it was typed.
func TestRead(t *testing.T) {
	for line, want := range map[string]string{
		"/page @ann":                          "map[who:[@ann]]",
		"/page @ann disk  full":               "map[text:[disk  full] who:[@ann]]",
		"/page @ann soft 30m disk \"full\"":   "map[for:[30m] mode:[soft] text:[disk \"full\"] who:[@ann]]",
		"/page @ann 30m":                      "map[for:[30m] who:[@ann]]",
		"/page --mode=loud @ann":              "map[mode:[loud] who:[@ann]]",
		"/page —mode loud @ann":               "map[mode:[loud] who:[@ann]]",
		"/page @ann loud 1h the --mode is on": "map[for:[1h] mode:[loud] text:[the --mode is on] who:[@ann]]",
	} {
		if got, err := page.Read(line); err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: read %v, %v, want %s", line, got, err, want)
		}
	}
	if got, err := invite.Read("/invite @ann '@bob' @cy"); err != nil || fmt.Sprint(got) != "map[person:[@ann @bob @cy]]" {
		t.Errorf("read %v, %v", got, err)
	}
	for _, line := range []string{"/page", "/page ann", "/page --mode=mid @ann", "/page \"@ann", "/invite", "/invite @ann bob", "/page " + strings.Repeat("x", 5000), ""} {
		if got, err := page.Read(line); strings.HasPrefix(line, "/page") && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%.40s: read %v, %v, want it refused", line, got, err)
		}
	}
}

// Whatever is typed is read or refused in words, and no argument has a value that its kind forbids.
func FuzzRead(f *testing.F) {
	for _, line := range []string{"/page @ann disk full", "/page --mode=loud @ann", "/invite @a @b", "/page —for 1h @ann \"x", `/page \`, "/page ''"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		for _, c := range []runner.Command{page, invite} {
			args, err := c.Read(line)
			if err != nil {
				if fault.KindOf(err) != fault.Invalid || fault.Words(err) == "" {
					t.Errorf("%q: %v is not in words", line, err)
				}
				continue
			}
			for _, v := range append(args["who"], args["person"]...) {
				if len(v) < 2 || v[0] != '@' {
					t.Errorf("%q: %q is taken for a person", line, v)
				}
			}
			if len(args["who"])+len(args["person"]) == 0 {
				t.Errorf("%q: read without what is required: %v", line, args)
			}
		}
	})
}
