package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"watchroom/server/id"
)

type applyCmd struct {
	Files []string `arg:"" type:"existingfile" help:"YAML files with teams, schedules, policies, routing."`
}

// Run applies files.
func (a applyCmd) Run(ctx context.Context, c *cli) error {
	op, err := operator(c)
	if err != nil {
		return err
	}
	var in struct {
		Files []string `json:"files"`
	}
	for _, name := range a.Files {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		in.Files = append(in.Files, string(b))
	}
	var out struct {
		Changes []string `json:"changes"`
	}
	if err := op.call(ctx, "POST", "/apply", in, &out); err != nil {
		return err
	}
	if len(out.Changes) == 0 {
		fmt.Println("Nothing changed.")
	}
	for _, line := range out.Changes {
		fmt.Println(line)
	}
	return nil
}

type postCmd struct {
	Room  string   `arg:"" help:"The room, such as #ops."`
	Words []string `arg:"" optional:"" help:"What to post; standard input when left out."`
	URL   string   `help:"The server's address." env:"WATCHROOM_URL" default:"http://127.0.0.1:8080"`
	Token string   `help:"An access token; better given by environment." env:"WATCHROOM_TOKEN"`
}

const postLimit = 60 << 10 // leaves room for the code fence within a message's 64 KiB

// Run posts.
func (p postCmd) Run(ctx context.Context) error {
	if p.Token == "" {
		return errors.New("set WATCHROOM_TOKEN to an access token (Settings → Access tokens, or watchroom token create)")
	}
	text := strings.Join(p.Words, " ")
	if text == "" {
		b, err := io.ReadAll(io.LimitReader(os.Stdin, 64<<20))
		if err != nil {
			return err
		}
		text = strings.TrimRight(strings.ToValidUTF8(string(b), "\uFFFD"), "\n")
		if len(text) > postLimit {
			cut := strings.ToValidUTF8(text[len(text)-postLimit:], "")
			text = fmt.Sprintf("… %d bytes left out …\n%s", len(text)-len(cut), cut)
		}
		if strings.Contains(text, "\n") {
			text = fence(text)
		}
	}
	if strings.TrimSpace(text) == "" {
		return errors.New("there is nothing to post")
	}
	in := map[string]string{"text": text, "nonce": id.New[string]("cli")}
	return remote(p.URL, p.Token).call(ctx, "POST", "/rooms/~"+url.PathEscape(strings.TrimPrefix(p.Room, "#"))+"/messages", in, nil)
}

// fence puts text into a code block whose fence does not occur in it.
func fence(text string) string {
	ticks := "```"
	for strings.Contains(text, ticks) {
		ticks += "`"
	}
	return ticks + "\n" + text + "\n" + ticks
}

type healthcheckCmd struct{}

// Run asks /readyz.
func (healthcheckCmd) Run(ctx context.Context, c *cli) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	op, err := operator(c)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, "GET", op.base+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := op.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server on %s is not ready: %s", cfg.Data, resp.Status)
	}
	return nil
}
