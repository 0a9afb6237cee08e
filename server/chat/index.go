package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"watchroom/server/id"
	"watchroom/store"
	"watchroom/store/search"
)

const (
	indexBatch = 1000
	indexPause = 100 * time.Millisecond // between a message and its batch, so that neighbours share it
	indexYield = 500 * time.Millisecond // the longest that the index rests after a batch while messages keep coming
	indexRetry = 2 * time.Second
)

// RunIndex feeds the search index from the log until ctx ends. The cursor is in the index, in the same batch as the
// documents. An index that is ahead of the log or was damaged is emptied and filled again, while everything else goes on.
func (s *Service) RunIndex(ctx context.Context) error {
	if s.index == nil {
		<-ctx.Done()
		return nil
	}
	for ctx.Err() == nil {
		wake, head, begin := s.store.Wake(), s.store.Head(), time.Now()
		more, err := s.feed(ctx)
		if ctx.Err() != nil || errors.Is(err, search.ErrClosed) {
			return nil
		}
		switch {
		case errors.Is(err, search.ErrSuspect):
			s.o.Log.Warn("search index is rebuilt", "error", err)
			if err := s.index.Reset(ctx); err != nil && ctx.Err() == nil {
				s.o.Log.Error("search index not emptied", "error", err)
				pause(ctx, indexRetry)
			}
		case err != nil:
			s.o.Log.Error("search index not fed", "error", err)
			pause(ctx, indexRetry)
		case more && s.store.Head() != head:
			// Posting comes first: the index takes at most half of the time, and catches up when it is quiet.
			pause(ctx, min(indexYield, time.Since(begin)))
		case !more:
			select {
			case <-ctx.Done():
			case <-s.index.Suspect():
			case <-wake:
				pause(ctx, indexPause)
			}
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// feed gives the index the next events, and tells whether there may be more.
func (s *Service) feed(ctx context.Context) (more bool, err error) {
	if err := s.index.Err(); err != nil {
		return false, err
	}
	at := s.index.Cursor()
	if at > uint64(s.store.Head()) {
		return true, fmt.Errorf("%w: it is ahead of the log", search.ErrSuspect)
	}
	events, err := s.store.Events(ctx, store.Seq(at), indexBatch)
	if err != nil || len(events) == 0 {
		return false, err
	}
	batch := search.Batch{Cursor: uint64(events[len(events)-1].Seq)}
	for _, e := range events {
		if err := s.take(ctx, e, &batch); err != nil {
			return false, err
		}
	}
	return len(events) == indexBatch, s.index.Apply(ctx, batch)
}

// take adds what one event changes to a batch.
func (s *Service) take(ctx context.Context, e store.Event, b *search.Batch) error {
	switch e.Kind {
	case EventPosted:
		m, err := decodePosted(e)
		if err != nil {
			return err
		}
		if m.Deleted == 0 {
			b.Docs = append(b.Docs, document(m))
		}
	case EventEdited:
		var edited Edited
		if err := json.Unmarshal(e.Body, &edited); err != nil {
			return fmt.Errorf("decode edit %d: %w", e.Seq, err)
		}
		return s.store.View(ctx, func(tx *store.Tx) error {
			if m, ok := s.message(tx, edited.Message); ok && m.Deleted == 0 {
				b.Docs = append(b.Docs, document(m))
			}
			return nil
		})
	case EventDeleted:
		var deleted Deleted
		if err := json.Unmarshal(e.Body, &deleted); err != nil {
			return fmt.Errorf("decode deletion %d: %w", e.Seq, err)
		}
		b.Deletes = append(b.Deletes, deleted.Message)
	}
	return nil
}

// document is a message as the index has it: all that can be read of it is its text.
func document(m Message) search.Doc {
	d := search.Doc{ID: m.ID, Room: string(m.Room), Author: string(m.Author), Time: m.Time.Time(), Thread: m.Thread}
	has := func(mark string, yes bool) {
		if yes {
			d.Has = append(d.Has, mark)
		}
	}
	text := []string{m.Text}
	picture := false
	for _, f := range m.Files {
		text = append(text, f.Name)
		picture = picture || strings.HasPrefix(f.Type, "image/")
	}
	alert := false
	if c := m.Card; c != nil {
		alert = c.Alert != nil || c.Incident != id.Incident(0)
		if c.Alert != nil {
			text = append(text, c.Alert.Title, c.Alert.Text)
			for _, f := range c.Alert.Fields {
				text = append(text, f.Name+" "+f.Value)
			}
		}
	}
	d.Text = strings.Join(text, "\n")
	has("file", len(m.Files) > 0)
	has("image", picture)
	has("link", strings.Contains(d.Text, "http://") || strings.Contains(d.Text, "https://"))
	has("code", strings.Contains(m.Text, "`"))
	has("alert", alert)
	has("thread", m.Thread != 0)
	return d
}
