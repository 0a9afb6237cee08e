package oncall

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"watchroom/server/fault"
	"watchroom/server/id"
)

// MaxFile is how many bytes an on-call file may have.
const MaxFile = 1 << 20

// File is teams, schedules and policies as people declare them in YAML. People are handles such as "@ann" until People has
// replaced them. Rooms are names such as "#ops", for the caller to resolve.
type File struct {
	Teams     []Team     `yaml:"teams"`
	Schedules []Schedule `yaml:"schedules"`
	Policies  []Policy   `yaml:"policies"`
}

// fileID is what an ID in a file may be: a word that people choose.
var fileID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// ParseFile reads an on-call file and validates it. An unknown field is an error with its line, as is a value that does not
// fit; IDs are words of a-z, 0-9, - and _, each used once. A name that is left out is the ID. What an ID refers to may stand in another file.
func ParseFile(b []byte) (File, error) {
	var f File
	if len(b) > MaxFile {
		return File{}, fault.New(fault.TooLarge, "an on-call file has at most %d bytes", MaxFile)
	}
	if err := load(b, &f); err != nil {
		return File{}, fault.Wrap(err, fault.Invalid, "%s", words(err))
	}
	if err := f.validate(); err != nil {
		return File{}, err
	}
	return f, nil
}

var errDocuments = errors.New("the file has more than one document (---)")

// load reads the one document of a file; an empty file has none.
func load(b []byte, f *File) error {
	loader, err := yaml.NewLoader(bytes.NewReader(b), yaml.WithKnownFields())
	if err != nil {
		return err
	}
	if err := loader.Load(f); err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
	var rest yaml.Node
	if err := loader.Load(&rest); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return err
	}
	return errDocuments
}

// unknownField is how the YAML library says that it does not know a field.
var unknownField = regexp.MustCompile(`^field (.*) not found in type \S+$`)

// words says what is wrong with a file's YAML, each fault with its line.
func words(err error) string {
	var faults []*yaml.LoadError
	if many, ok := errors.AsType[*yaml.LoadErrors](err); ok {
		faults = many.Errors
	} else if one, ok := errors.AsType[*yaml.LoadError](err); ok {
		faults = []*yaml.LoadError{one}
	}
	var out []string
	for _, f := range faults[:min(len(faults), 10)] {
		said := unknownField.ReplaceAllString(f.Message, `there is no field "$1"`)
		out = append(out, fmt.Sprintf("line %d: %s", f.Mark.Line, said))
	}
	if len(out) == 0 {
		out = []string{err.Error()}
	}
	return strings.ToValidUTF8(strings.Join(strings.Fields(strings.Join(out, "; ")), " "), "\ufffd")
}

func (f *File) validate() error {
	seen := map[string]bool{}
	for i := range f.Teams {
		t, at := &f.Teams[i], fmt.Sprintf("teams[%d].", i)
		if err := identified(at, string(t.ID), &t.Name, seen); err != nil {
			return err
		}
		if err := t.validate(at); err != nil {
			return err
		}
	}
	clear(seen)
	for i := range f.Schedules {
		s, at := &f.Schedules[i], fmt.Sprintf("schedules[%d].", i)
		if err := identified(at, string(s.ID), &s.Name, seen); err != nil {
			return err
		}
		if err := s.validate(at); err != nil {
			return err
		}
	}
	clear(seen)
	for i := range f.Policies {
		p, at := &f.Policies[i], fmt.Sprintf("policies[%d].", i)
		if err := identified(at, string(p.ID), &p.Name, seen); err != nil {
			return err
		}
		if err := p.validate(at); err != nil {
			return err
		}
	}
	return nil
}

// identified checks an ID of a file, and lets it stand for a name that is left out.
func identified(at, name string, label *string, seen map[string]bool) error {
	if !fileID.MatchString(name) {
		return fault.Field(at+"id", "%q is not an ID: use a-z, 0-9, - and _", name)
	}
	if seen[name] {
		return fault.Field(at+"id", "%q is used twice", name)
	}
	seen[name] = true
	if *label == "" {
		*label = name
	}
	return nil
}

// People replaces every handle in the file by what resolve makes of it. resolve gets the handle as it is written, with its @; an
// error of resolve is returned with the field at which it arose.
func (f *File) People(resolve func(handle string) (id.Person, error)) error {
	replace := func(p *id.Person, field string, args ...any) error {
		who, err := resolve(string(*p))
		if err != nil {
			at := fmt.Sprintf(field, args...)
			wrapped := fault.Wrap(err, kind(err), "%s: %s", at, fault.Words(err))
			wrapped.Field = at
			return wrapped
		}
		*p = who
		return nil
	}
	for i, s := range f.Schedules {
		for j, r := range s.Rotations {
			for k := range r.People {
				if err := replace(&r.People[k], "schedules[%d].rotations[%d].people[%d]", i, j, k); err != nil {
					return err
				}
			}
		}
		for j := range s.Overrides {
			if err := replace(&s.Overrides[j].Person, "schedules[%d].overrides[%d].person", i, j); err != nil {
				return err
			}
		}
	}
	for i, p := range f.Policies {
		for j, s := range p.Steps {
			for k := range s.Targets {
				if s.Targets[k].Person == "" {
					continue
				}
				if err := replace(&s.Targets[k].Person, "policies[%d].steps[%d].targets[%d].person", i, j, k); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// kind is the kind of resolve's error: a person who is missing makes the file wrong; what nobody classified stays internal.
func kind(err error) fault.Kind {
	if k := fault.KindOf(err); k != fault.Missing {
		return k
	}
	return fault.Invalid
}
