package alert

import (
	"strings"
)

// said is what a message or an attachment says, collected from its text and its blocks.
type said struct {
	header string   // of the blocks, when they begin with one
	text   string   // beside the blocks
	parts  []string // the other blocks
	fields []Field
	links  links
}

// maxNesting is how deep blocks may stand in each other; what is deeper is not read.
const maxNesting = 8

// whole is all text in Markdown. Where a sender gives text and blocks, the text only repeats the blocks for notifications.
func (s *said) whole() string {
	blocks := paragraphs(s.parts...)
	text := s.text
	if strings.Contains(bare(s.header+" "+blocks), bare(text)) {
		text = ""
	}
	return lines(paragraphs(text, blocks), maxText)
}

// bare is text without what only forms it, to compare two texts.
func bare(s string) string {
	return strings.ToLower(strings.Join(words(s), " "))
}

func (s *said) field(name, value string) {
	name, value = line(name, maxName), lines(value, maxValue)
	if (name != "" || value != "") && len(s.fields) < maxFields {
		s.fields = append(s.fields, Field{Name: name, Value: value})
	}
}

// blocks reads Block Kit. An unknown block gives what text it has and is never an error.
func (s *said) blocks(blocks []tree, nesting int) {
	if nesting > maxNesting {
		return
	}
	for _, b := range blocks {
		switch b.str("type") {
		case "divider":
		case "header":
			if t := line(plain(textOf(b["text"], false)), maxTitle); s.header == "" && len(s.parts) == 0 {
				s.header = t
			} else if t != "" {
				s.parts = append(s.parts, "**"+t+"**")
			}
		case "section":
			s.parts = append(s.parts, textOf(b["text"], true))
			for _, f := range b.list("fields") {
				s.parts = append(s.parts, textOf(map[string]any(f), true))
			}
			s.action(b.sub("accessory"))
		case "context":
			var line []string
			for _, e := range b.list("elements") {
				line = append(line, textOf(map[string]any(e), true), plain(e.str("alt_text")))
			}
			s.parts = append(s.parts, strings.Join(strings.Fields(strings.Join(line, " ")), " "))
		case "actions":
			for _, e := range b.list("elements") {
				s.action(e)
			}
		case "image":
			s.links.add(first(plain(textOf(b["title"], false)), plain(b.str("alt_text")), "Image"), b.str("image_url"))
		case "markdown":
			s.parts = append(s.parts, clean(b.str("text")))
		case "rich_text":
			s.parts = append(s.parts, rich(b, 0))
		default:
			s.parts = append(s.parts, first(textOf(b["text"], true), mrkdwn(b.str("fallback", "alt_text"))))
			s.blocks(b.list("blocks"), nesting+1)
		}
	}
}

// action is a button, or an image beside a text, as a link when it leads somewhere.
func (s *said) action(t tree) {
	s.links.add(first(plain(textOf(t["text"], false)), plain(t.str("alt_text")), "Open"), first(t.str("url"), t.str("image_url")))
}

// textOf is a text object or a bare string; as Markdown when it may be formatted, else as the sender wrote it.
func textOf(v any, formatted bool) string {
	m, ok := v.(map[string]any)
	if !ok {
		s, _ := v.(string)
		if formatted {
			return mrkdwn(s)
		}
		return s
	}
	t := tree(m)
	s, _ := t["text"].(string)
	switch {
	case !formatted:
		return s
	case t.str("type") == "plain_text":
		return entities.Replace(clean(s))
	}
	return mrkdwn(s)
}

// rich flattens a rich_text block: its sections, lists, quotes and code to Markdown.
func rich(t tree, nesting int) string {
	if nesting > maxNesting {
		return ""
	}
	var b strings.Builder
	for _, e := range t.list("elements") {
		switch e.str("type") {
		case "rich_text_section":
			b.WriteString(rich(e, nesting+1) + "\n")
		case "rich_text_quote":
			b.WriteString("> " + strings.ReplaceAll(strings.TrimSpace(rich(e, nesting+1)), "\n", "\n> ") + "\n")
		case "rich_text_preformatted":
			b.WriteString(fenced(strings.TrimSpace(rich(e, nesting+1)), "") + "\n")
		case "rich_text_list":
			for _, item := range e.list("elements") {
				b.WriteString("- " + strings.TrimSpace(rich(item, nesting+1)) + "\n")
			}
		case "link":
			b.WriteString(link(e.str("url"), e.str("text")))
		case "emoji":
			b.WriteString(":" + clean(e.str("name")) + ":")
		case "user", "usergroup", "broadcast", "channel":
			b.WriteString(inert("@" + e.str("user_id", "usergroup_id", "range", "channel_id")))
		default:
			text, _ := e["text"].(string)
			b.WriteString(clean(text))
		}
	}
	return b.String()
}
