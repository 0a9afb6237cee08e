package server_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	root         = ".."
	module       = "watchroom/"
	fileLines    = 500
	functionLine = 80
)

// top is everything that may stand at the top of the tree; what is built or fetched is not part of it.
var top = []string{
	".ci", ".dockerignore", ".gitignore", "Dockerfile", "LICENSE", "Makefile", "README.md", "bots", "cmd", "docs", "e2e",
	"go.mod", "go.sum", "server", "store", "webui", "watchroom.yaml",
}

var built = []string{".git", ".cache", "bin", "data", "webui/node_modules", "webui/dist"}

// floors are the heights of the packages. Those under bots/ that are not named stand with the bots.
var floors = map[string]int{
	"e2e": 9, "cmd/watchroom": 8,
	"server":     7,
	"server/web": 6, "bots": 6,
	"server/hub": 5, "server/notify": 5, "bots/runner": 5,
	"server/wire":     4,
	"server/incident": 3, "server/gate": 3,
	"server/chat":    2,
	"server/account": 1, "server/oncall": 1, "server/alert": 1,
	"store/boltkv": 1, "store/memkv": 1, "store/search": 1, "store/blob": 1, "store/storetest": 1,
	"store": 0, "server/id": 0, "server/fault": 0, "server/meter": 0, "webui": 0,
}

// clientFloors are the heights of the folders of the browser client.
var clientFloors = map[string]int{"lib": 0, "wire": 1, "state": 2, "alarm": 3, "view": 4, ".": 5}

func floorOf(pkg string) (int, bool) {
	if f, ok := floors[pkg]; ok {
		return f, true
	}
	if strings.HasPrefix(pkg, "bots/") {
		return floors["bots"], true
	}
	return 0, false
}

// source is one file of the tree, by its path with slashes from the top.
type source struct {
	path string
	body []byte
}

func (s source) in(suffixes ...string) bool {
	return slices.ContainsFunc(suffixes, func(x string) bool { return strings.HasSuffix(s.path, x) })
}

func (s source) test() bool { return s.in("_test.go", ".test.ts", ".test.tsx") }

func (s source) generated() bool { return strings.Contains(path.Base(s.path), ".gen.") }

func tree(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if slices.Contains(built, name) {
			return fs.SkipDir
		}
		if !d.Type().IsRegular() {
			return nil
		}
		body, err := os.ReadFile(file)
		all = append(all, source{name, body})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// goFile parses a Go file of the tree.
func goFile(t *testing.T, s source) (*token.FileSet, *ast.File) {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, s.path, s.body, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return set, f
}

func imports(f *ast.File) []string {
	var all []string
	for _, i := range f.Imports {
		all = append(all, strings.Trim(i.Path.Value, `"`))
	}
	return all
}

// Nothing stands at the top but what the architecture names.
func TestFloorsTop(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range tree(t) {
		name, _, _ := strings.Cut(s.path, "/")
		if !seen[name] && !slices.Contains(top, name) {
			t.Errorf("%s has no place at the top", name)
		}
		seen[name] = true
	}
}

// A package imports only lower floors; Fiber and the websocket package stay in server/web.
func TestFloorsImports(t *testing.T) {
	for _, s := range tree(t) {
		if !s.in(".go") {
			continue
		}
		_, f := goFile(t, s)
		pkg := path.Dir(s.path)
		floor, ok := floorOf(pkg)
		if !ok {
			t.Errorf("%s: package %s has no floor", s.path, pkg)
			continue
		}
		for _, i := range imports(f) {
			if (strings.HasPrefix(i, "github.com/gofiber/") || strings.HasPrefix(i, "github.com/fasthttp/") || i == "github.com/valyala/fasthttp") &&
				pkg != "server/web" && !clientOf(pkg, i) {
				t.Errorf("%s imports %s, which belongs to server/web alone", s.path, i)
			}
			if i == module+"server" && pkg != "cmd/watchroom" && pkg != "e2e" && pkg != "server" {
				t.Errorf("%s imports the wiring", s.path)
			}
			other, own := strings.CutPrefix(i, module)
			if !own || s.test() {
				continue
			}
			if below, ok := floorOf(other); !ok || below >= floor {
				t.Errorf("%s: floor %d imports %s, floor %d", s.path, floor, other, below)
			}
		}
	}
}

// clientOf tells whether pkg may use the websocket package as a client: the bench drives a server from outside.
func clientOf(pkg, imported string) bool {
	return pkg == "cmd/watchroom" && imported == "github.com/fasthttp/websocket"
}

// Files and functions stay short enough to read; nothing runs before main; what is exported says what it promises.
func TestFloorsShape(t *testing.T) {
	for _, s := range tree(t) {
		if !s.in(".go", ".ts", ".tsx") || s.generated() {
			continue
		}
		if n := bytes.Count(s.body, []byte("\n")); n > fileLines {
			t.Errorf("%s has %d lines, more than %d", s.path, n, fileLines)
		}
		if !s.in(".go") {
			continue
		}
		set, f := goFile(t, s)
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := set.Position(fn.End()).Line - set.Position(fn.Pos()).Line + 1; n > functionLine && !s.test() {
				t.Errorf("%s: %s has %d lines, more than %d", s.path, fn.Name, n, functionLine)
			}
			if fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s has an init function", s.path)
			}
		}
		if !s.test() {
			for _, name := range silent(f) {
				t.Errorf("%s: %s is exported without a comment", s.path, name)
			}
		}
	}
}

// understood are methods whose names alone say what the standard library expects of them.
var understood = []string{"Error", "Unwrap", "Is", "String", "GoString", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "Len", "Less", "Swap"}

// silent are the exported declarations without a comment. One comment serves a group.
func silent(f *ast.File) []string {
	var names []string
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) && !(d.Recv != nil && slices.Contains(understood, d.Name.Name)) {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
						names = append(names, spec.Name.Name)
					}
				case *ast.ValueSpec:
					if spec.Names[0].IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
						names = append(names, spec.Names[0].Name)
					}
				}
			}
		}
	}
	return names
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	exported := false
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok {
			exported = exported || name.IsExported()
			return false
		}
		return true
	})
	return exported
}

var (
	clientImport = regexp.MustCompile(`(?m)^(?:import|export)\b[^'"]*?['"]([^'"]+)['"]|\bfrom ['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)`)
	comment      = regexp.MustCompile(`(?s)/\*.*?\*/|(?m)(?:^|\s)//[^\n]*`)
	banned       = regexp.MustCompile(`(?:[:<|&,]|\bas|=)\s*any\b(?:\[\]|\s*[>;,)=|&\n{\]])|innerHTML|outerHTML|insertAdjacentHTML|document\.write\b`)
	framework    = regexp.MustCompile(`^(?:preact(?:/.*)?|@preact/signals)$`)
)

// The client has floors too: lib ← wire ← state ← alarm ← view ← main. Only the view knows the framework, nothing is
// typed any, and no string ever becomes markup.
func TestFloorsClient(t *testing.T) {
	for _, s := range tree(t) {
		inside, ok := strings.CutPrefix(s.path, "webui/src/")
		if !ok || !s.in(".ts", ".tsx") {
			continue
		}
		layer := layerOf(inside)
		floor, ok := clientFloors[layer]
		if !ok {
			t.Errorf("%s: folder %s has no floor", s.path, layer)
			continue
		}
		code := comment.ReplaceAll(s.body, nil)
		if !s.test() {
			if found := banned.Find(code); found != nil {
				t.Errorf("%s: %q is banned", s.path, bytes.TrimSpace(found))
			}
		}
		for _, m := range clientImport.FindAllSubmatch(code, -1) {
			to := string(slices.Concat(m[1], m[2], m[3]))
			if !strings.HasPrefix(to, ".") {
				if framework.MatchString(to) && floor < clientFloors["view"] {
					t.Errorf("%s imports %s, which belongs to the view", s.path, to)
				}
				continue
			}
			target := layerOf(path.Join(path.Dir(inside), to))
			if below, ok := clientFloors[target]; !ok || target != layer && below >= floor {
				t.Errorf("%s: %s imports %s", s.path, layer, target)
			}
		}
	}
}

// layerOf is the folder that a file of the client stands in, "." for the top.
func layerOf(file string) string {
	if layer, _, deeper := strings.Cut(file, "/"); deeper {
		return layer
	}
	return "."
}

// No file names a place on the machine that it was written on: such a path means nothing to a reader.
func TestFloorsPlaces(t *testing.T) {
	place := regexp.MustCompile(`(?:^|[^\w./-])(/(?:home|root|work|Users)/[\w.][^\s"'` + "`" + `)]*|\.\./shared/[^\s"'` + "`" + `)]*)`)
	for _, s := range tree(t) {
		if bytes.IndexByte(s.body, 0) >= 0 {
			continue
		}
		if m := place.FindSubmatch(s.body); m != nil {
			t.Errorf("%s names %s", s.path, m[1])
		}
	}
}

// The floors test itself finds what it is there to find.
func TestFloorsFind(t *testing.T) {
	for text, want := range map[string]bool{
		"let x: any = 1": true, "f(y as any)": true, "Map<string, any>": true, "el.innerHTML = s": true, "x: any[]": true,
		"type T = any;": true, "// any of them\n": false, "if (company) many(x)": false, "'has any, or'": false,
	} {
		if got := banned.MatchString(string(comment.ReplaceAll([]byte(text), nil))); got != want {
			t.Errorf("%q: banned is %v, want %v", text, got, want)
		}
	}
	m := clientImport.FindAllStringSubmatch("import { a,\n  b } from './x.ts'\nconst c = await import(\"../y.ts\")\nimport './z.css'\n", -1)
	if got := fmt.Sprint(len(m)); got != "3" {
		t.Errorf("found %s imports, want 3: %q", got, m)
	}
}
