//go:build e2e

package e2e

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/playwright-community/playwright-go"
)

// driver is the one driver process that all browsers of a run share.
var driver = sync.OnceValues(func() (*playwright.Playwright, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, err
	}
	if err := os.Setenv("PLAYWRIGHT_NODEJS_PATH", node); err != nil {
		return nil, err
	}
	return playwright.Run(&playwright.RunOptions{DriverDirectory: workspace("driver"), SkipInstallBrowsers: true, Stdout: os.Stderr})
})

// flags keep Chromium from talking to anybody but the server under test.
var flags = []string{
	"--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic", "--disable-gpu",
}

// Look is how a browser presents itself: a phone, a light theme, a muted tab.
type Look struct {
	Width, Height int
	Phone         bool
	Light         bool
	Muted         bool // the browser plays nothing, whatever the page does
}

// Browser is one person's browser, with one page, and a sound device of its own when the stage has sound. What it cannot
// do fails the test, with a picture of the page.
type Browser struct {
	Name    string
	Page    playwright.Page
	Context playwright.BrowserContext

	t        testing.TB
	server   *Server
	process  playwright.Browser
	recorder *recorder
	console  transcript
}

// Browser opens a browser for somebody.
func (st *Stage) Browser(name string) *Browser { return st.BrowserAs(name, Look{}) }

// BrowserAs opens a browser with that look.
func (st *Stage) BrowserAs(name string, look Look) *Browser {
	st.t.Helper()
	pw, err := driver()
	if err != nil {
		st.t.Fatalf("start the browser driver (make setup installs it): %v", err)
	}
	o := playwright.BrowserTypeLaunchOptions{Args: flags}
	if os.Getuid() == 0 {
		o.Args = append([]string{"--no-sandbox"}, flags...)
	}
	if path, err := exec.LookPath("chromium"); err == nil {
		o.ExecutablePath = &path
	}
	b := &Browser{Name: name, t: st.t, server: st.Server}
	if st.sound != nil {
		b.recorder = st.sound.device(name)
		o.Env = environment(st.sound.environment(name))
		if !look.Muted {
			o.IgnoreDefaultArgs = []string{"--mute-audio"}
		}
	}
	if b.process, err = pw.Chromium.Launch(o); err != nil {
		st.t.Fatalf("start a browser for %s: %v", name, err)
	}
	st.t.Cleanup(b.end)
	b.Context, err = b.process.NewContext(look.context())
	if err != nil {
		st.t.Fatal(err)
	}
	b.Context.SetDefaultTimeout(10_000)
	b.open()
	return b
}

func (l Look) context() playwright.BrowserNewContextOptions {
	o := playwright.BrowserNewContextOptions{
		Viewport:    &playwright.Size{Width: 1280, Height: 800},
		ColorScheme: playwright.ColorSchemeDark,
	}
	if l.Width > 0 {
		o.Viewport = &playwright.Size{Width: l.Width, Height: l.Height}
	}
	if l.Phone {
		o.HasTouch, o.IsMobile = playwright.Bool(true), playwright.Bool(true)
	}
	if l.Light {
		o.ColorScheme = playwright.ColorSchemeLight
	}
	return o
}

func environment(pairs []string) map[string]string {
	all := map[string]string{}
	for _, p := range pairs {
		k, v, _ := strings.Cut(p, "=")
		all[k] = v
	}
	return all
}

// open makes the page. An error that the page does not catch fails the test, and so does what its security policy forbids.
func (b *Browser) open() {
	b.t.Helper()
	page, err := b.Context.NewPage()
	if err != nil {
		b.t.Fatal(err)
	}
	b.Page = page
	page.OnConsole(func(m playwright.ConsoleMessage) {
		fmt.Fprintf(&b.console, "%s: %s\n", m.Type(), m.Text())
		if strings.Contains(m.Text(), "Content Security Policy") {
			b.t.Errorf("%s's page: %s", b.Name, m.Text())
		}
	})
	page.OnPageError(func(err error) {
		fmt.Fprintf(&b.console, "uncaught: %v\n", err)
		b.t.Errorf("%s's page: uncaught: %v", b.Name, err)
	})
}

// Tab is a second tab of the same browser: the same person, the same cookies, the same sound device.
func (b *Browser) Tab() *Browser {
	b.t.Helper()
	tab := &Browser{Name: b.Name, Context: b.Context, t: b.t, server: b.server, process: b.process, recorder: b.recorder}
	tab.open()
	return tab
}

func (b *Browser) end() {
	if b.t.Failed() {
		b.picture(workspace("e2e"), b.t.Name()+"-"+b.Name)
		b.t.Logf("%s's console:\n%s", b.Name, b.console.String())
	}
	_ = b.process.Close() // it may have been closed by the test
}

// Close ends the browser, as when somebody goes home.
func (b *Browser) Close() {
	b.t.Helper()
	if err := b.process.Close(); err != nil {
		b.t.Fatal(err)
	}
}

// check fails the test when a step could not be done.
func (b *Browser) check(err error, step string, args ...any) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%s: %s: %v\nat %s", b.Name, fmt.Sprintf(step, args...), err, b.Page.URL())
	}
}

// Goto opens an address; one without a host is on the server, such as /#/incidents.
func (b *Browser) Goto(address string) {
	b.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.server.URL + address
	}
	_, err := b.Page.Goto(address)
	b.check(err, "open %s", address)
}

// SignUp makes the owner, or whoever an invitation is for, through the API, and opens the client signed in.
func (b *Browser) SignUp(link, handle, name, password string) {
	b.t.Helper()
	kind, secret, _ := strings.Cut(link[strings.Index(link, "#/")+2:], "/")
	path := map[string]string{"claim": "/claim", "invite": "/invites/accept", "reset": "/password/reset"}[kind]
	b.api("POST", path, map[string]any{"secret": secret, "handle": handle, "name": name, "password": password})
	b.Goto("/")
}

// SignIn signs in through the API and opens the client.
func (b *Browser) SignIn(handle, password string) {
	b.t.Helper()
	b.api("POST", "/session", map[string]any{"handle": handle, "password": password, "device": b.Name})
	b.Goto("/")
}

// api is a request with this browser's cookies.
func (b *Browser) api(method, path string, in any) {
	b.t.Helper()
	resp, err := b.Context.Request().Fetch(b.server.URL+"/api/v1"+path, playwright.APIRequestContextFetchOptions{
		Method: &method, Data: in, Headers: map[string]string{"X-Watchroom": "1"},
	})
	b.check(err, "%s %s", method, path)
	if !resp.Ok() {
		text, _ := resp.Text() // the status says enough without it
		b.t.Fatalf("%s: %s %s: %d %s", b.Name, method, path, resp.Status(), text)
	}
}

// Click clicks on what the selector finds, waiting until it can be clicked.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.check(b.Page.Locator(selector).First().Click(), "click %s", selector)
}

// Fill puts text into a field.
func (b *Browser) Fill(selector, text string) {
	b.t.Helper()
	b.check(b.Page.Locator(selector).First().Fill(text), "fill %s", selector)
}

// Press presses a key, such as Enter or Control+K, wherever the focus is.
func (b *Browser) Press(key string) {
	b.t.Helper()
	b.check(b.Page.Keyboard().Press(key), "press %s", key)
}

// Type types text, key by key, wherever the focus is.
func (b *Browser) Type(text string) {
	b.t.Helper()
	b.check(b.Page.Keyboard().Type(text), "type %q", text)
}

// See waits until what the selector finds is visible; `text=…` finds words.
func (b *Browser) See(selector string) {
	b.t.Helper()
	b.SeeWithin(selector, 10*time.Second)
}

// SeeWithin is See with patience of another length.
func (b *Browser) SeeWithin(selector string, d time.Duration) {
	b.t.Helper()
	b.check(b.Page.Locator(selector).First().WaitFor(playwright.LocatorWaitForOptions{Timeout: milliseconds(d)}), "see %s", selector)
}

// Miss waits until nothing that the selector finds is visible.
func (b *Browser) Miss(selector string) {
	b.t.Helper()
	b.check(b.Page.Locator(selector).First().WaitFor(playwright.LocatorWaitForOptions{State: playwright.WaitForSelectorStateHidden}), "no longer see %s", selector)
}

// Count is how many elements the selector finds now.
func (b *Browser) Count(selector string) int {
	b.t.Helper()
	n, err := b.Page.Locator(selector).Count()
	b.check(err, "count %s", selector)
	return n
}

// Text is the visible text of what the selector finds.
func (b *Browser) Text(selector string) string {
	b.t.Helper()
	text, err := b.Page.Locator(selector).First().InnerText()
	b.check(err, "read %s", selector)
	return text
}

// Eval runs JavaScript in the page. It carries a user's gesture with it, so it must not be what unlocks sound in a test.
func (b *Browser) Eval(js string) any {
	b.t.Helper()
	value, err := b.Page.Evaluate(js)
	b.check(err, "evaluate %s", js)
	return value
}

// AllowNotifications answers the browser's question before it is asked.
func (b *Browser) AllowNotifications() {
	b.t.Helper()
	origin, err := url.Parse(b.server.URL)
	b.check(err, "read the server's address")
	b.check(b.Context.GrantPermissions([]string{"notifications"}, playwright.BrowserContextGrantPermissionsOptions{
		Origin: playwright.String("http://" + origin.Host),
	}), "allow notifications")
}

// Still waits until the client shows something and nothing in it is being loaded any more.
func (b *Browser) Still() {
	b.t.Helper()
	_, err := b.Page.WaitForFunction(`() => {
		const main = document.querySelector('main')
		return main !== null && main.innerText.trim() !== '' && document.querySelector('.skeleton, [role=status].booting') === null
	}`, nil)
	b.check(err, "come to rest")
	b.check(b.Page.WaitForLoadState(playwright.PageWaitForLoadStateOptions{State: playwright.LoadStateNetworkidle}), "have everything")
	b.Eval("document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))")
}

// Screenshot takes a picture of the page into the directory that WATCHROOM_SCREENSHOTS names; without one it does nothing.
func (b *Browser) Screenshot(name string) {
	b.t.Helper()
	if dir := os.Getenv("WATCHROOM_SCREENSHOTS"); dir != "" {
		b.picture(dir, name)
	}
}

func (b *Browser) picture(dir, name string) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Logf("no picture of %s's page: %v", b.Name, err)
		return
	}
	file := filepath.Join(dir, strings.NewReplacer("/", "-", " ", "-").Replace(name)+".png")
	if _, err := b.Page.Screenshot(playwright.PageScreenshotOptions{Path: &file}); err != nil {
		b.t.Logf("no picture of %s's page: %v", b.Name, err)
		return
	}
	b.t.Logf("%s's page: %s", b.Name, file)
}

func milliseconds(d time.Duration) *float64 {
	return playwright.Float(float64(d.Milliseconds()))
}
