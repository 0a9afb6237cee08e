package wire_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"watchroom/server/wire"
)

var update = flag.Bool("update", false, "write the generated files")

const generated = "../../webui/src/wire/types.gen.ts"

// The TypeScript that the client compiles against is what the Go types say today.
func TestTypeScript(t *testing.T) {
	want, err := wire.TypeScript(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(generated), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(generated, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(generated)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale: run `go generate ./server/wire`", generated)
	}
	for _, empty := range []string{": any", ": unknown", "never;", "<any"} {
		if strings.Contains(string(want), empty) {
			t.Errorf("the types say %q somewhere", empty)
		}
	}
}
