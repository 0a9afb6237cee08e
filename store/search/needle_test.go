package search_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"watchroom/store/search"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, dir string, o search.Options) *search.Index {
	t.Helper()
	x, err := search.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return x
}

func apply(t testing.TB, x *search.Index, b search.Batch) {
	t.Helper()
	if err := x.Apply(context.Background(), b); err != nil {
		t.Fatal(err)
	}
}

func line(id uint64, text string) search.Doc {
	return search.Doc{ID: id, Room: "ops", Author: "ann", Time: noon.Add(time.Duration(id) * time.Second), Text: text}
}

func find(t testing.TB, x *search.Index, q search.Query) []uint64 {
	t.Helper()
	if q.Rooms == nil {
		q.Rooms = []string{"ops"}
	}
	h, err := x.Search(context.Background(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	ids := []uint64{}
	for _, hit := range h.Hits {
		ids = append(ids, hit.ID)
	}
	return ids
}

// What people look for in operations is found as a whole and by its parts, and what only resembles it is not.
func TestNeedles(t *testing.T) {
	for _, c := range []struct {
		hay  string
		hits []string
		miss []string
	}{
		{"connect to 10.0.3.17 failed", []string{"10.0.3.17", "10.0.3", "0.3.17", "17", "10.0.3.", "10.0.3.1"}, []string{"10.0.3.1 ", "10.0.3.170", "10.0.3.18", "10.0.3.17.5", "3.0", "10-0"}},
		{"[10.0.3.17]:8443: refused", []string{"10.0.3.17", ":8443", "8443", "10.0.3.17]:8443"}, []string{"844 "}},
		{"dial tcp 10.0.3.17:8443: i/o timeout", []string{"10.0.3.17:8443", "10.0.3.17", ":8443", "17:8443", "i/o", "i/o timeout"}, []string{"10.0.3.17:844 "}},
		{"see /var/log/syslog.", []string{"/var/log/syslog", "/var/log", "log/syslog", "syslog", "/var/log/sys", "var"}, []string{"/log/var", "/var/syslog"}},
		{"err=ERR_CONN_REFUSED code=E1234", []string{"ERR_CONN_REFUSED", "err_conn_refused", "conn", "refused", "CONN_REFUSED", "E1234", "e1234", "1234", "code=E1234"}, []string{"conn_err ", "E123 ", "123 "}},
		{"at 0xdeadbeef in main", []string{"0xdeadbeef", "0xDEADBEEF", "deadbeef", "0xdead"}, []string{"0xbeef"}},
		{"https://db-1.eu.example.com:5432/app?x=1&y=2", []string{"db-1.eu.example.com", "db-1", "example.com", "eu.example", "5432", "https://db-1.eu.example.com:5432/app?x=1&y=2", "com:5432", "x=1"}, []string{"db-1.example.com", "db-2"}},
		{"mail to ann.lee+ops@example.com", []string{"ann.lee+ops@example.com", "lee", "@example.com", "example.com"}, []string{"ann@example.com"}},
		{"id 550e8400-e29b-41d4-a716-446655440000.", []string{"550e8400-e29b-41d4-a716-446655440000", "550E8400", "41d4-a716"}, []string{"e29b-a716"}},
		{"ran with --no-cache -v --depth=1", []string{"--no-cache", "no-cache", "--depth=1", "depth", "--depth"}, []string{"--cache-no"}},
		{"upgrade to v1.2.3-rc1", []string{"v1.2.3", "1.2.3", "V1.2.3-RC1", "v1.2", "rc1"}, []string{"v1.3", "2.1"}},
		{"call getUserName in HTTPServer and parse_config_file", []string{"getUserName", "getusername", "user", "name", "http", "server", "HTTPServer", "config", "parse_config", "config_file"}, []string{"config_parse", "ername "}},
		{"connection refused by upstream", []string{"conn", "connection refused", `"connection refused"`, "upstream conn* ", "Refused"}, []string{"conn ", `"refused connection"`, "connection -refused", `-"connection refused"`, "nection"}},
		{"Café déjà vu — ÜBER Straße", []string{"cafe", "CAFÉ", "deja", "uber", "strasse", "Straße"}, []string{"caf "}},
		{"Cafe\u0301 closed", []string{"café", "cafe"}, nil},
		{"数据库连接失败 on db", []string{"数据库", "连接失败", "库", "数据库连接失败", "失败 db"}, []string{"数连", "败失"}},
		{"データベース接続エラー", []string{"接続", "エラー", "ベース接続"}, []string{"続接"}},
		{`{"level":"error","msg":"disk full"}`, []string{"level:error", `"disk full"`, "msg", `"error msg disk"`}, []string{`"full disk"`}},
		{`key="some value" other='x'`, []string{`key="some`, "key=some", "other=x"}, nil},
		{"it's 🔥 in prod", []string{"🔥", "it's", "prod 🔥"}, []string{"💧"}},
		{"eth0 took 500ms on node12", []string{"eth", "500", "ms ", "node", "12", "eth0"}, []string{"50 "}},
	} {
		x := open(t, "", search.Options{})
		apply(t, x, search.Batch{Docs: []search.Doc{line(1, "another line altogether"), line(2, c.hay), line(3, "and one more")}, Cursor: 3})
		for _, n := range c.hits {
			if got := fmt.Sprint(find(t, x, search.Query{Text: n})); got != "[2]" {
				t.Errorf("%q in %q: got %v, want [2]", n, c.hay, got)
			}
			if len(search.Highlight(c.hay, n)) == 0 {
				t.Errorf("%q in %q: nothing highlighted", n, c.hay)
			}
		}
		for _, n := range c.miss {
			if got := find(t, x, search.Query{Text: n}); slices.Contains(got, 2) {
				t.Errorf("%q in %q: found, want it missed", n, c.hay)
			}
		}
	}
}

// Any token of any line finds that line, as it stands and within quotes.
func TestAnyToken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, err := search.Open("", search.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer x.Close()
		char := rapid.OneOf(rapid.Rune(), rapid.RuneFrom([]rune("abcXYZ019")), rapid.RuneFrom([]rune(`._-/:@=+#%&?~\,;()[]'"|`)), rapid.RuneFrom([]rune("éßÜ連接エ한ก\u0301🔥")))
		var docs []search.Doc
		var lines [][]string
		for i := range rapid.IntRange(1, 5).Draw(t, "lines") {
			tokens := rapid.SliceOfN(rapid.StringOfN(char, 1, 24, -1), 1, 8).Draw(t, "line")
			lines = append(lines, tokens)
			docs = append(docs, line(uint64(i+1), strings.Join(tokens, " ")))
		}
		if err := x.Apply(t.Context(), search.Batch{Docs: docs, Cursor: 9}); err != nil {
			t.Fatal(err)
		}
		for i, tokens := range lines {
			for _, token := range strings.Fields(strings.Join(tokens, " ")) {
				if !strings.ContainsFunc(token, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
					continue
				}
				asked := []string{`"` + unquote.Replace(token) + `"`}
				if !strings.ContainsAny(token[:1], `-"`) && !strings.ContainsFunc(token, isQuote) && !strings.HasSuffix(token, "*") {
					asked = append(asked, token, token+" ")
				}
				for _, q := range asked {
					h, err := x.Search(t.Context(), search.Query{Text: q, Rooms: []string{"ops"}, Limit: 10})
					if err != nil {
						t.Fatal(err)
					}
					if !slices.ContainsFunc(h.Hits, func(h search.Hit) bool { return h.ID == uint64(i+1) }) {
						t.Fatalf("%q does not find %q", q, docs[i].Text)
					}
				}
			}
		}
	})
}

var unquote = strings.NewReplacer(`"`, " ", "“", " ", "”", " ", "„", " ", "«", " ", "»", " ")

func isQuote(r rune) bool { return strings.ContainsRune(`"“”„«»`, r) }
