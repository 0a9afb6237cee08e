// Package webui holds the built browser client, embedded into the binary.
//
// A clone in which the client was never built still compiles: dist then contains nothing but a placeholder, and Files
// says so, so that the server can tell in plain words how to build it.
package webui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var embedded embed.FS

// Files returns the built client, with index.html at its root, and whether there is one. Without a built client the
// file system is still usable, but holds nothing worth serving.
func Files() (fs.FS, bool) {
	dist, err := fs.Sub(embedded, "dist")
	if err != nil {
		return embedded, false
	}
	_, err = fs.Stat(dist, "index.html")
	return dist, err == nil
}
