package wire

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"reflect"
	"strconv"
	"strings"
)

// source reads from Go files what reflection forgets: constants and comments.
type source struct {
	root     fs.FS
	packages map[string]*declared
}

// declared is what one package declares.
type declared struct {
	consts map[string][]string          // type → the values of its string constants
	docs   map[string]string            // type → its comment
	fields map[string]map[string]string // type → field → its comment
	err    error
}

// constants are the values of the constants of string type t, in their order.
func (s *source) constants(t reflect.Type) ([]string, error) {
	p := s.load(t.PkgPath())
	if p.err != nil {
		return nil, p.err
	}
	values := p.consts[t.Name()]
	if len(values) == 0 {
		return nil, errors.New("there are no constants of this type, so it could be any string")
	}
	return values, nil
}

func (s *source) doc(t reflect.Type) string { return s.load(t.PkgPath()).docs[t.Name()] }

func (s *source) field(t reflect.Type, name string) string {
	return s.load(t.PkgPath()).fields[t.Name()][name]
}

func (s *source) load(pkg string) *declared {
	if p, ok := s.packages[pkg]; ok {
		return p
	}
	p := &declared{consts: map[string][]string{}, docs: map[string]string{}, fields: map[string]map[string]string{}}
	s.packages[pkg] = p
	if !strings.HasPrefix(pkg, "watchroom/") {
		return p
	}
	files, err := fs.Glob(s.root, path.Join(dir(pkg), "*.go"))
	if err != nil || len(files) == 0 {
		p.err = fmt.Errorf("no source of %s: %w", pkg, errors.Join(err, fs.ErrNotExist))
		return p
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := fs.ReadFile(s.root, name)
		if err != nil {
			p.err = err
			return p
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
		if err != nil {
			p.err = err
			return p
		}
		for _, d := range file.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				p.take(g)
			}
		}
	}
	return p
}

func (p *declared) take(g *ast.GenDecl) {
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.ValueSpec:
			typ, ok := spec.Type.(*ast.Ident)
			if g.Tok != token.CONST || !ok {
				continue
			}
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if text, err := strconv.Unquote(lit.Value); err == nil {
						p.consts[typ.Name] = append(p.consts[typ.Name], text)
					}
				}
			}
		case *ast.TypeSpec:
			doc := spec.Doc.Text()
			if doc == "" && len(g.Specs) == 1 {
				doc = g.Doc.Text()
			}
			p.docs[spec.Name.Name] = doc
			if st, ok := spec.Type.(*ast.StructType); ok {
				p.fields[spec.Name.Name] = comments(st)
			}
		}
	}
}

// comments are what stands behind or above the fields of a struct.
func comments(st *ast.StructType) map[string]string {
	m := map[string]string{}
	for _, f := range st.Fields.List {
		for _, n := range f.Names {
			m[n.Name] = strings.TrimSpace(f.Doc.Text() + f.Comment.Text())
		}
	}
	return m
}
