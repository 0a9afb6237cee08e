package wire

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

// renamed gives another name to a Go type whose own is taken or says too little outside its package.
var renamed = map[reflect.Type]string{
	reflect.TypeFor[fault.Kind]():    "FaultKind",
	reflect.TypeFor[alert.Field]():   "AlertField",
	reflect.TypeFor[account.Patch](): "PersonPatch",
	reflect.TypeFor[account.AddIn](): "PersonIn",
}

// branded are the types that are a number or a string in JSON and must not be mixed up.
var branded = map[reflect.Type]string{
	reflect.TypeFor[store.Seq](): "Seq",
	reflect.TypeFor[id.Millis](): "Millis",
	reflect.TypeFor[time.Time](): "Timestamp",
}

// seqs are the fields that are a Seq although their package does not know the store.
var seqs = map[string]bool{
	"Message.id": true, "Message.thread": true, "Room.lastSeq": true, "Mark.seq": true, "Incident.line": true,
	"MessageEdited.message": true, "MessageDeleted.message": true, "MessageDeleted.thread": true, "Snapshot.at": true,
	"HistoryPage.at": true, "SearchOut.before": true, "MessageEdited.replaces": true, "MessageDeleted.replaces": true,
}

// always are the fields that only the log leaves out.
var always = map[string]bool{"Message.id": true, "Message.time": true}

// words are the fields that are one of a few words although Go calls them strings.
var words = map[string][]string{
	"CheckState.state": {"up", "down", "unknown"},
	"Readiness.state":  {"armed", "armed_unproven", "away", "dark"},
}

// special are the fields whose type TypeScript says better.
var special = map[string]string{
	"MessagePosted.message": `Omit<Message, "id" | "time"> & Partial<Pick<Message, "id" | "time">>`,
}

// TypeScript is the client's view of the protocol: brands, unions, an interface for every struct, and the unions of
// events and frames. The string unions and the comments are read from the Go source at root. It fails rather than
// write a type that says nothing.
func TypeScript(root fs.FS) ([]byte, error) {
	g := &generator{source: source{root: root, packages: map[string]*declared{}}, named: map[string]reflect.Type{}, text: map[string]string{}, places: map[string]bool{}}
	var tail bytes.Buffer
	g.events(&tail)
	g.frames(&tail)
	for _, zero := range API() {
		g.ref(reflect.TypeOf(zero))
	}
	for g.err == nil && len(g.queue) > 0 {
		next := g.queue[0]
		g.queue = g.queue[1:]
		g.text[next.name] = g.object(next.name, next.t)
	}
	for _, table := range []iter.Seq[string]{maps.Keys(seqs), maps.Keys(always), maps.Keys(words), maps.Keys(special)} {
		for place := range table {
			if !g.places[place] {
				g.fail("there is no field %s", place)
			}
		}
	}
	if g.err != nil {
		return nil, fmt.Errorf("write TypeScript: %w", g.err)
	}
	var out bytes.Buffer
	out.WriteString("// Generated from the Go types by `go generate ./server/wire`. Do not edit.\n\n")
	out.WriteString("declare const brand: unique symbol;\n\n")
	out.WriteString("/** A T that cannot be mistaken for another T. */\nexport type Brand<T, Name extends string> = T & { readonly [brand]: Name };\n\n")
	for _, name := range slices.Sorted(maps.Keys(g.text)) {
		out.WriteString(g.text[name] + "\n")
	}
	out.Write(tail.Bytes())
	return out.Bytes(), nil
}

type generator struct {
	source source
	named  map[string]reflect.Type // who has which name
	text   map[string]string       // the declaration of each name
	places map[string]bool         // every field that was written
	queue  []todo
	err    error
}

type todo struct {
	name string
	t    reflect.Type
}

func (g *generator) fail(format string, args ...any) string {
	if g.err == nil {
		g.err = fmt.Errorf(format, args...)
	}
	return "never"
}

// claim gives name to t, once.
func (g *generator) claim(name string, t reflect.Type) (fresh bool) {
	have, taken := g.named[name]
	if taken && have != t {
		g.fail("%v and %v are both called %s", have, t, name)
	}
	g.named[name] = t
	return !taken
}

// ref is how a field of type t is written.
func (g *generator) ref(t reflect.Type) string {
	if name, ok := branded[t]; ok {
		return g.brand(name, t)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.ref(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return g.fail("%v is bytes, which JSON hides in base64", t)
		}
		return "readonly " + g.element(t.Elem()) + "[]"
	case reflect.Array:
		return "readonly [" + strings.TrimSuffix(strings.Repeat(g.ref(t.Elem())+", ", t.Len()), ", ") + "]"
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return g.fail("%v: keys are strings", t)
		}
		return "Readonly<Record<" + g.ref(t.Key()) + ", " + g.ref(t.Elem()) + ">>"
	case reflect.Struct:
		name := cmp.Or(renamed[t], t.Name())
		if name == "" {
			return g.fail("a struct without a name")
		}
		if g.claim(name, t) {
			g.queue = append(g.queue, todo{name, t})
		}
		return name
	case reflect.String, reflect.Bool, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return g.scalar(t)
	}
	return g.fail("%v has no shape that a client could rely on", t)
}

func (g *generator) element(t reflect.Type) string {
	s := g.ref(t)
	if strings.Contains(s, " ") {
		return "(" + s + ")"
	}
	return s
}

func (g *generator) scalar(t reflect.Type) string {
	switch {
	case t.PkgPath() == reflect.TypeFor[id.Person]().PkgPath():
		return g.brand(t.Name()+"Id", t)
	case t.Kind() == reflect.String && t.PkgPath() != "":
		return g.union(t)
	case t.Kind() == reflect.String:
		return "string"
	case t.Kind() == reflect.Bool:
		return "boolean"
	}
	return "number"
}

func (g *generator) brand(name string, t reflect.Type) string {
	if g.claim(name, t) {
		base := "number"
		if t.Kind() == reflect.String || t == reflect.TypeFor[time.Time]() {
			base = "string"
		}
		doc := g.source.doc(t)
		if t == reflect.TypeFor[time.Time]() {
			doc = "A moment as RFC 3339 writes it."
		}
		g.text[name] = comment(doc, "") + fmt.Sprintf("export type %s = Brand<%s, %q>;\n", name, base, name)
	}
	return name
}

// union is a string type whose constants are all that it can be.
func (g *generator) union(t reflect.Type) string {
	name := cmp.Or(renamed[t], t.Name())
	if !g.claim(name, t) {
		return name
	}
	values, err := g.source.constants(t)
	if err != nil {
		return g.fail("%v: %w", t, err)
	}
	g.text[name] = comment(g.source.doc(t), "") + "export type " + name + " = " + either(values) + ";\n"
	return name
}

func either(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = fmt.Sprintf("%q", v)
	}
	return strings.Join(quoted, " | ")
}

// object is the declaration of a struct.
func (g *generator) object(name string, t reflect.Type) string {
	var b strings.Builder
	b.WriteString(comment(g.source.doc(t), ""))
	b.WriteString("export interface " + name + " {\n")
	b.WriteString(g.fields(name, t))
	b.WriteString("}\n")
	return b.String()
}

func (g *generator) fields(name string, t reflect.Type) string {
	var b strings.Builder
	for f := range fields(t) {
		tag, ok := f.Tag.Lookup("json")
		key, options, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-" || !f.IsExported():
			continue
		case !ok || key == "":
			g.fail("%v.%s has no JSON name", t, f.Name)
			continue
		}
		optional, nullable := "", ""
		switch options {
		case "omitempty", "omitzero":
			optional = "?"
		case "":
			if f.Type.Kind() == reflect.Pointer {
				nullable = " | null"
			}
		default:
			g.fail("%v.%s: the option %s changes the JSON", t, f.Name, options)
		}
		place := name + "." + key
		g.places[place] = true
		if always[place] {
			optional = ""
		}
		as := g.ref(f.Type)
		switch {
		case special[place] != "":
			as = special[place]
		case seqs[place]:
			as = g.brand("Seq", reflect.TypeFor[store.Seq]())
		case words[place] != nil:
			as = either(words[place])
		}
		b.WriteString(comment(g.source.field(t, f.Name), "  "))
		fmt.Fprintf(&b, "  readonly %s%s: %s%s;\n", key, optional, as, nullable)
	}
	return b.String()
}

// fields walks the fields of a struct in their order.
func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

func (g *generator) events(out *bytes.Buffer) {
	out.WriteString("/** The body of every event, by its kind. */\nexport interface EventBodies {\n")
	for _, e := range Events() {
		t := reflect.TypeOf(e.Zero)
		name := pascal(e.Name)
		if g.claim(name, t) {
			g.queue = append(g.queue, todo{name, t})
		}
		fmt.Fprintf(out, "  readonly %q: %s;\n", e.Name, name)
	}
	seq, millis := g.ref(reflect.TypeFor[store.Seq]()), g.ref(reflect.TypeFor[id.Millis]())
	room, person := g.ref(reflect.TypeFor[id.Room]()), g.ref(reflect.TypeFor[id.Person]())
	fmt.Fprintf(out, `}

export type EventKind = keyof EventBodies;

/** One line of the log, of one kind. */
export interface EventOf<K extends EventKind> {
  readonly seq: %s;
  readonly time: %s;
  readonly kind: K;
  readonly room?: %s;
  readonly actor?: %s;
  readonly body: EventBodies[K];
}

/** One line of the log. */
export type Event = { [K in EventKind]: EventOf<K> }[EventKind];

`, seq, millis, room, person)
}

func (g *generator) frames(out *bytes.Buffer) {
	list := func(entries []Entry) []string {
		union := []string{}
		for _, e := range entries {
			t := reflect.TypeOf(e.Zero)
			name := t.Name() + "Frame"
			g.claim(name, t)
			fmt.Fprintf(out, "%sexport interface %s {\n  readonly t: %q;\n%s}\n\n", comment(g.source.doc(t), ""), name, e.Name, g.fields(name, t))
			union = append(union, name)
		}
		return union
	}
	client := list(ClientFrames())
	server := list(ServerFrames())
	out.WriteString("/** One line of the log, as the socket brings it. */\nexport type EventFrame = Event & { readonly t: \"event\" };\n\n")
	out.WriteString("/** What is not in the log and does not matter a minute later. */\nexport type SignalFrame =")
	for _, s := range Signals() {
		fmt.Fprintf(out, "\n  | { readonly t: \"signal\"; readonly kind: %q; readonly body: %s }", s.Name, g.ref(reflect.TypeOf(s.Zero)))
	}
	server = append(server, "EventFrame", "SignalFrame")
	fmt.Fprintf(out, ";\n\n/** What the client sends. */\nexport type ClientFrame =\n  | %s;\n", strings.Join(client, "\n  | "))
	fmt.Fprintf(out, "\n/** What the server sends. */\nexport type ServerFrame =\n  | %s;\n", strings.Join(server, "\n  | "))
	fmt.Fprintf(out, "\n/** The codes with which the server closes a socket. */\nexport const closeCodes = { unsigned: %d, slow: %d, bad: %d, many: %d, drain: %d } as const;\n",
		CloseUnsigned, CloseSlow, CloseBad, CloseMany, CloseDrain)
}

// pascal makes a name of a kind: "message.posted" is MessagePosted.
func pascal(kind string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(kind, ".") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// comment writes Go's words above a declaration.
func comment(text, indent string) string {
	text = strings.TrimSpace(strings.ReplaceAll(text, "*/", "* /"))
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	if len(lines) == 1 {
		return indent + "/** " + lines[0] + " */\n"
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight(indent+" * "+line, " ") + "\n")
	}
	return indent + "/**\n" + b.String() + indent + " */\n"
}

// dir is where the source of a package of this module lies.
func dir(pkg string) string { return path.Clean(strings.TrimPrefix(pkg, "watchroom/")) }
