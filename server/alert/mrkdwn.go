package alert

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// entities are the only ones that Slack's text knows.
var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// code is what Slack and Markdown both keep as it is: a block between three backticks, or a span within a line.
var code = regexp.MustCompile("(?s)```.*?```|`[^`\n]+`")

// angled is what Slack puts between angle brackets: an address, a mention or a command.
var angled = regexp.MustCompile(`<((?i:https?://|mailto:|tel:)[^<>|\n]*|[@#!][^<>|\n]*)(?:\|([^<>\n]*))?>`)

// mrkdwn turns Slack's text into Markdown. What is Markdown already stays; mentions become text that calls nobody.
func mrkdwn(s string) string {
	s = clean(s)
	var b strings.Builder
	end := 0
	for _, at := range code.FindAllStringIndex(s, -1) {
		b.WriteString(formatted(s[end:at[0]]))
		b.WriteString(entities.Replace(angled.ReplaceAllStringFunc(s[at[0]:at[1]], bareAngle)))
		end = at[1]
	}
	b.WriteString(formatted(s[end:]))
	return b.String()
}

// plain is Slack's text without any form: links as their words, mentions by name.
func plain(s string) string {
	return strings.TrimSpace(entities.Replace(angled.ReplaceAllStringFunc(clean(s), bareAngle)))
}

// formatted is text outside code: first its emphasis, then what is in angle brackets, whose inside is left alone.
func formatted(s string) string {
	var b strings.Builder
	end := 0
	var last rune
	for _, at := range angled.FindAllStringIndex(s, -1) {
		b.WriteString(entities.Replace(emphasis(s[end:at[0]], last)))
		b.WriteString(angle(s[at[0]:at[1]]))
		end, last = at[1], '>'
	}
	b.WriteString(entities.Replace(emphasis(s[end:], last)))
	return b.String()
}

// emphasis turns *bold* into **bold** and ~struck~ into ~~struck~~; _italic_ is the same in both. What is doubled already
// is Markdown and stays. before is the rune in front of s, 0 for none.
func emphasis(s string, before rune) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		c := s[i]
		if c != '*' && c != '~' {
			r, size := utf8.DecodeRuneInString(s[i:])
			b.WriteString(s[i : i+size])
			i, before = i+size, r
			continue
		}
		run := 1
		for i+run < len(s) && s[i+run] == c {
			run++
		}
		if run == 1 && !inWord(before) {
			if n := closing(s[i+1:], c); n > 0 {
				inner := s[i+1 : i+1+n]
				b.WriteString(strings.Repeat(string(c), 2) + inner + strings.Repeat(string(c), 2))
				i, before = i+n+2, rune(c)
				continue
			}
		}
		b.WriteString(s[i : i+run])
		i, before = i+run, rune(c)
	}
	return b.String()
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// closing is where the mark c that opened in front of s closes, within the line; 0 when it does not.
func closing(s string, c byte) int {
	if s == "" || s[0] == ' ' || s[0] == '\t' {
		return 0
	}
	for i := 0; i < len(s) && s[i] != '\n' && i < 500; i++ {
		if s[i] != c {
			continue
		}
		after, _ := utf8.DecodeRuneInString(s[i+1:])
		doubled := i+1 < len(s) && s[i+1] == c
		if i > 0 && s[i-1] != ' ' && !doubled && (i+1 == len(s) || !inWord(after)) {
			return i
		}
		return 0
	}
	return 0
}

// angle is one <…> as Markdown.
func angle(s string) string {
	m := angled.FindStringSubmatch(s)
	target, label := entities.Replace(m[1]), entities.Replace(m[2])
	switch target[0] {
	case '@', '#', '!':
		return inert(bareAngle(s))
	}
	return link(target, label)
}

// link is an address in Markdown: with a label as a link, alone as it is. What a browser must not open stays text.
func link(target, label string) string {
	target, label = clean(target), strings.TrimSpace(clean(label))
	switch {
	case !openable(target):
		return first(label, target)
	case label == "" || label == target:
		return target
	}
	target = strings.NewReplacer("(", "%28", ")", "%29").Replace(target)
	return "[" + strings.NewReplacer("[", `\[`, "]", `\]`, "\n", " ").Replace(label) + "](" + target + ")"
}

// bareAngle is one <…> as plain words.
func bareAngle(s string) string {
	m := angled.FindStringSubmatch(s)
	target, label := m[1], m[2]
	switch {
	case strings.HasPrefix(target, "!date") && label != "":
		return label
	case target[0] == '#':
		return "#" + strings.TrimPrefix(first(label, target[1:]), "#")
	case target[0] == '@' || target[0] == '!':
		name, _, _ := strings.Cut(target[1:], "^")
		return "@" + strings.TrimPrefix(first(label, name), "@")
	}
	return first(label, target)
}

// inert is a mention as text that calls nobody: in code, where mentions do not count.
func inert(s string) string {
	s = line(strings.ReplaceAll(entities.Replace(s), "`", "'"), maxName)
	if !strings.HasPrefix(s, "@") {
		return s
	}
	return "`" + s + "`"
}
