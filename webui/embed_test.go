package webui_test

import (
	"io/fs"
	"strings"
	"testing"

	"watchroom/webui"
)

// Files tells the truth about the client: with one, index.html names a script that is there too; without one, it says no.
func TestFilesTellWhetherAClientWasBuilt(t *testing.T) {
	files, built := webui.Files()
	page, err := fs.ReadFile(files, "index.html")
	if built != (err == nil) {
		t.Fatalf("built is %v, but reading index.html gave %v", built, err)
	}
	if !built {
		if _, err := fs.Stat(files, ".keep"); err != nil {
			t.Fatalf("the placeholder is gone: %v", err)
		}
		return
	}
	_, after, found := strings.Cut(string(page), `src="/`)
	script, _, closed := strings.Cut(after, `"`)
	if !found || !closed {
		t.Fatalf("index.html names no script:\n%s", page)
	}
	if _, err := fs.Stat(files, script); err != nil {
		t.Errorf("index.html names %q: %v", script, err)
	}
}
