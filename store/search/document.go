package search

import (
	"strconv"

	bleve "github.com/blevesearch/bleve/v2/document"
	index "github.com/blevesearch/bleve_index_api"
)

// The two fields: the words with their positions, and the marks by which messages are filtered, each with a letter before it.
const (
	fieldText = "t"
	fieldMark = "m"

	markRoom   = "r"
	markAuthor = "a"
	markHas    = "h"
	markThread = "t"
)

// document is a Doc as scorch takes it. Nothing but the key is stored.
type document struct {
	*bleve.Document
	id uint64
	ms int64
}

func newDocument(d Doc) *document {
	ms := millis(d.Time)
	doc := bleve.NewDocument(makeKey(d.ID, ms, d.Room))
	if d.Text != "" {
		doc.AddField(&field{name: fieldText, options: index.IndexField | index.IncludeTermVectors, text: d.Text})
	}
	marks := make([]string, 0, 3+len(d.Has))
	marks = append(marks, markRoom+d.Room, markAuthor+d.Author)
	for _, h := range d.Has {
		marks = append(marks, markHas+h)
	}
	if d.Thread != 0 {
		marks = append(marks, threadMark(d.Thread))
	}
	doc.AddField(&field{name: fieldMark, options: index.IndexField | index.SkipFreqNorm, marks: marks})
	return &document{Document: doc, id: d.ID, ms: ms}
}

// newDummy is a document without text and room, which no query finds, within the bounds of a partition.
func newDummy(b span) *document {
	doc := bleve.NewDocument(makeKey(b.minID, b.minMs, ""))
	doc.AddField(&field{name: fieldMark, options: index.IndexField | index.SkipFreqNorm, marks: []string{""}})
	return &document{Document: doc, id: b.minID, ms: b.minMs}
}

func threadMark(id uint64) string { return markThread + strconv.FormatUint(id, 36) }

// field is an index.Field over the terms of scan, or over marks.
type field struct {
	name    string
	options index.FieldIndexingOptions
	text    string
	marks   []string
	freqs   index.TokenFrequencies
}

func (f *field) Name() string                                     { return f.name }
func (f *field) Value() []byte                                    { return []byte(f.text) }
func (f *field) ArrayPositions() []uint64                         { return nil }
func (f *field) EncodedFieldType() byte                           { return 't' }
func (f *field) Options() index.FieldIndexingOptions              { return f.options }
func (f *field) AnalyzedLength() int                              { return 1 }
func (f *field) AnalyzedTokenFrequencies() index.TokenFrequencies { return f.freqs }
func (f *field) NumPlainTextBytes() uint64                        { return uint64(len(f.text)) }

func (f *field) Size() int { return len(f.text) + 64*len(f.freqs) }

// Analyze makes the terms. Places in bytes are left out: Highlight finds them again in the text.
func (f *field) Analyze() {
	if f.marks != nil {
		f.freqs = make(index.TokenFrequencies, len(f.marks))
		for _, m := range f.marks {
			t := &index.TokenFreq{Term: []byte(m)}
			t.SetFrequency(1)
			f.freqs[m] = t
		}
		return
	}
	tokens := scan(f.text)
	places := make([]index.TokenLocation, len(tokens))
	f.freqs = make(index.TokenFrequencies, len(tokens))
	for i, t := range tokens {
		places[i].Position = t.at
		freq := f.freqs[t.term]
		if freq == nil {
			freq = &index.TokenFreq{Term: []byte(t.term)}
			f.freqs[t.term] = freq
		} else if freq.Locations[len(freq.Locations)-1].Position == t.at {
			continue
		}
		freq.Locations = append(freq.Locations, &places[i])
		freq.SetFrequency(len(freq.Locations))
	}
}
