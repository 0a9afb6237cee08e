package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

const (
	textMax  = 64 << 10
	filesMax = 20
	nonceMax = 64
	daySpan  = 24 * 60 * 60
)

// PostIn is a message to be. Card, Command and As are for the server's own callers.
type PostIn struct {
	Room    id.Room
	Thread  uint64
	Text    string
	Files   []id.File
	Nonce   string
	Card    *Card
	Command *CommandRef
	As      string
}

// draft is a PostIn that was checked, with what can be known without a transaction.
type draft struct {
	PostIn
	handles []string
}

func (in PostIn) check() (draft, error) {
	switch {
	case len(in.Text) > textMax:
		return draft{}, fault.New(fault.TooLarge, "text: has %d bytes, %d are the most; attach it as a file", len(in.Text), textMax)
	case !utf8.ValidString(in.Text) || strings.ContainsRune(in.Text, 0):
		return draft{}, fault.Field("text", "must be text in UTF-8")
	case strings.TrimSpace(in.Text) == "" && len(in.Files) == 0 && in.Card == nil:
		return draft{}, fault.Field("text", "is empty")
	case len(in.Files) > filesMax:
		return draft{}, fault.Field("files", "at most %d", filesMax)
	case len(in.Nonce) > nonceMax || !utf8.ValidString(in.Nonce):
		return draft{}, fault.Field("nonce", "has at most %d bytes", nonceMax)
	case len(slices.Compact(slices.Sorted(slices.Values(in.Files)))) != len(in.Files):
		return draft{}, fault.Field("files", "holds one twice")
	}
	as, err := account.Line("as", in.As, 80)
	in.As = as
	return draft{PostIn: in, handles: Mentions(in.Text)}, err
}

// Post says something in a room. Who may join the room and has not yet joins it. Posting the same nonce again within a day
// returns the message that it first made.
func (s *Service) Post(ctx context.Context, who account.Actor, in PostIn) (Message, error) {
	p := s.PostStart(ctx, who, in)
	return p.Result()
}

// Posting is a message on its way.
type Posting struct {
	change  *store.Change
	message Message
	err     error
}

// PostStart is Post that does not wait: messages whose posting was started one after the other are posted in that order,
// and share a commit.
func (s *Service) PostStart(ctx context.Context, who account.Actor, in PostIn) *Posting {
	p := &Posting{}
	d, err := in.check()
	if err != nil {
		p.err = err
		return p
	}
	p.change = s.store.Submit(ctx, func(tx *store.Tx) (err error) {
		p.message, err = s.post(tx, who, d)
		return err
	})
	return p
}

// Done is closed when the message is durable or refused; nil means at once.
func (p *Posting) Done() <-chan struct{} {
	if p.change == nil {
		return nil
	}
	return p.change.Done()
}

// Result waits for the message, which is durable then.
func (p *Posting) Result() (Message, error) {
	if p.err != nil {
		return Message{}, p.err
	}
	if err := p.change.Err(); err != nil {
		return Message{}, err
	}
	return p.message, nil
}

// PostTx is Post within a change.
func (s *Service) PostTx(tx *store.Tx, who account.Actor, in PostIn) (Message, error) {
	d, err := in.check()
	if err != nil {
		return Message{}, err
	}
	return s.post(tx, who, d)
}

func (s *Service) post(tx *store.Tx, who account.Actor, d draft) (Message, error) {
	day := uint64(tx.Now().Unix()) / daySpan
	if d.Nonce != "" {
		if seq := posted(tx, day, who.Person, d.Nonce); seq != 0 {
			if m, ok := s.message(tx, seq); ok {
				return m, nil
			}
		}
	}
	r, err := s.writable(tx, who, d.Room)
	if err != nil {
		return Message{}, err
	}
	root, err := s.rootOf(tx, d)
	if err != nil {
		return Message{}, err
	}
	files, err := s.filesOf(tx, who, d)
	if err != nil {
		return Message{}, err
	}
	m := Message{
		Room: r.ID, Author: who.Person, Text: d.Text, Thread: root, Files: shown(files), Mentions: s.mentioned(tx, who, r, d.handles),
		Card: d.Card, Command: d.Command, Nonce: d.Nonce, As: d.As,
	}
	now := id.At(tx.Now())
	if now < r.LastTime {
		m.Time = r.LastTime
	}
	if root == 0 {
		m.Ordinal = r.Count + 1
	}
	m.ID = emit(tx, who, EventPosted, r.ID, nil, Posted{m})
	m.Time = max(m.Time, now)
	if root == 0 {
		tx.Put(historyBucket, store.Key(string(r.ID), int64(m.Time), m.ID), number(m.Ordinal))
		t := tailOf(tx, r.ID)
		t.Count, t.LastSeq, t.LastTime = m.Ordinal, m.ID, m.Time
		t.put(tx, r.ID)
		if !who.Bot {
			Mark{Room: r.ID, Seq: m.ID, Ordinal: m.Ordinal}.put(tx, who.Person)
		}
	} else {
		tx.Put(threadBucket, store.Key(root, m.ID), nil)
		n := noteOf(tx, root)
		n.Replies++
		n.LastReply = m.Time
		notes.Put(tx, n)
	}
	if d.Nonce != "" {
		tx.Put(nonceBucket, store.Key(day, string(who.Person), d.Nonce), number(m.ID))
	}
	s.indexMentions(tx, m, nil, m.Mentions)
	for _, f := range files {
		f.Message = m.ID
		filesTable.Put(tx, f)
	}
	return m, nil
}

// posted is the Seq of the message that the author made with this nonce, today or yesterday.
func posted(tx *store.Tx, day uint64, author id.Person, nonce string) uint64 {
	for _, d := range []uint64{day, day - 1} {
		if seq := tx.Get(nonceBucket, store.Key(d, string(author), nonce)); seq != nil {
			return last(seq)
		}
	}
	return 0
}

// rootOf is the message that a draft replies to: never itself a reply.
func (s *Service) rootOf(tx *store.Tx, d draft) (uint64, error) {
	if d.Thread == 0 {
		return 0, nil
	}
	m, ok := s.message(tx, d.Thread)
	if !ok || m.Room != d.Room {
		return 0, fault.Field("thread", "there is no such message in this room")
	}
	if m.Thread != 0 {
		return m.Thread, nil
	}
	return m.ID, nil
}

func noteOf(tx *store.Tx, seq uint64) note {
	n, _ := notes.Get(tx, store.Key(seq))
	n.Seq = seq
	return n
}

// message is the message with this Seq as it is now, whoever asks.
func (s *Service) message(tx *store.Tx, seq uint64) (Message, bool) {
	e, ok := tx.Event(store.Seq(seq))
	if !ok || e.Kind != EventPosted {
		return Message{}, false
	}
	m, err := decodePosted(e)
	if err != nil {
		tx.Fail(err)
		return Message{}, false
	}
	if n, ok := notes.Get(tx, store.Key(seq)); ok {
		m.Replies, m.LastReply = n.Replies, n.LastReply
	}
	return m, true
}

// decodePosted reads the message in an event and gives it what stands in the envelope.
func decodePosted(e store.Event) (Message, error) {
	var p Posted
	if err := json.Unmarshal(e.Body, &p); err != nil {
		return Message{}, fmt.Errorf("decode message %d: %w", e.Seq, err)
	}
	p.Message.ID = uint64(e.Seq)
	if p.Message.Time == 0 {
		p.Message.Time = id.At(e.Time)
	}
	return p.Message, nil
}

// rewrite puts m in the place of what its event says.
func rewrite(tx *store.Tx, m Message) {
	e, ok := tx.Event(store.Seq(m.ID))
	if !ok {
		return
	}
	seq := e.Seq
	if m.ID = 0; m.Time == id.At(e.Time) {
		m.Time = 0
	}
	m.Replies, m.LastReply = 0, 0
	raw, err := json.Marshal(Posted{m})
	if err != nil {
		tx.Fail(fmt.Errorf("encode message %d: %w", seq, err))
		return
	}
	tx.Rewrite(seq, raw)
}

// MessageTx is one message, if who may read it.
func (s *Service) MessageTx(tx *store.Tx, who account.Actor, seq uint64) (Message, error) {
	m, ok := s.message(tx, seq)
	if !ok || !s.ReadableTx(tx, who, m.Room) {
		return Message{}, errNoMessage
	}
	return m, nil
}

// Message is one message, if who may read it; a deleted one is a tombstone.
func (s *Service) Message(ctx context.Context, who account.Actor, seq uint64) (m Message, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		m, err = s.MessageTx(tx, who, seq)
		return err
	})
	return m, err
}

// Edit changes the text of a message of one's own. Commands stay as they ran, and nothing in an edit ever runs.
func (s *Service) Edit(ctx context.Context, who account.Actor, seq uint64, text string) (m Message, err error) {
	d, err := PostIn{Text: text, Card: &Card{}}.check() // an empty text is judged with the message
	if err != nil {
		return Message{}, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		m, err = s.edit(tx, who, seq, d)
		return err
	})
	return m, err
}

func (s *Service) edit(tx *store.Tx, who account.Actor, seq uint64, d draft) (Message, error) {
	m, err := s.MessageTx(tx, who, seq)
	if err != nil {
		return Message{}, err
	}
	r, _ := s.RoomTx(tx, m.Room)
	switch {
	case m.Author != who.Person:
		return Message{}, fault.New(fault.Denied, "only who wrote a message may edit it")
	case m.Deleted != 0:
		return Message{}, fault.New(fault.Conflict, "this message was deleted")
	case m.Command != nil:
		return Message{}, fault.New(fault.Denied, "a command cannot be edited after it ran")
	case r.Archived:
		return Message{}, errArchived
	case strings.TrimSpace(d.Text) == "" && len(m.Files) == 0 && m.Card == nil:
		return Message{}, fault.Field("text", "is empty; delete the message instead")
	case d.Text == m.Text:
		return m, nil
	}
	was := m.Mentions
	m.Text, m.Mentions, m.Edited = d.Text, s.mentioned(tx, who, r, d.handles), id.At(tx.Now())
	rewrite(tx, m)
	n := noteOf(tx, seq)
	supersede(tx, m, n)
	n.Edit = emit(tx, who, EventEdited, m.Room, nil, Edited{
		Message: seq, Room: m.Room, Text: m.Text, Mentions: m.Mentions, Edited: m.Edited, Replaces: n.Edit,
	})
	notes.Put(tx, n)
	s.indexMentions(tx, m, was, m.Mentions)
	return m, nil
}

// supersede takes the text out of the newest message.edited: the log keeps no text that was taken away.
func supersede(tx *store.Tx, m Message, n note) {
	if n.Edit == 0 {
		return
	}
	raw, err := json.Marshal(Edited{Message: m.ID, Room: m.Room, Edited: m.Edited, Superseded: true})
	if err != nil {
		tx.Fail(fmt.Errorf("encode edit of %d: %w", m.ID, err))
		return
	}
	tx.Rewrite(store.Seq(n.Edit), raw)
}

// Delete makes a message a tombstone: its text, files and card are gone from the log too. Authors may, and administrators
// in rooms that they can read. Deleting twice is no error.
func (s *Service) Delete(ctx context.Context, who account.Actor, seq uint64) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		m, err := s.MessageTx(tx, who, seq)
		switch {
		case err != nil:
			return err
		case m.Author != who.Person && !who.IsAdmin():
			return fault.New(fault.Denied, "only who wrote a message or an administrator may delete it")
		case m.Deleted != 0:
			return nil
		}
		grave := Message{
			ID: m.ID, Room: m.Room, Author: m.Author, Time: m.Time, Thread: m.Thread, Ordinal: m.Ordinal, Nonce: m.Nonce,
			Deleted: id.At(tx.Now()),
		}
		rewrite(tx, grave)
		n := noteOf(tx, seq)
		supersede(tx, grave, n)
		if m.Thread == 0 {
			tx.Put(graveBucket, append(roomKey(m.Room), number(m.Ordinal)...), nil)
		} else if root := noteOf(tx, m.Thread); root.Replies > 0 {
			root.Replies--
			notes.Put(tx, root)
		}
		s.indexMentions(tx, m, m.Mentions, nil)
		dropFiles(tx, m.Files)
		emit(tx, who, EventDeleted, m.Room, nil, Deleted{
			Message: seq, Room: m.Room, Thread: m.Thread, Deleted: grave.Deleted, By: who.Person, Replaces: n.Edit,
		})
		return nil
	})
}

// sweepNonces forgets the nonces of the days before yesterday.
func (s *Service) sweepNonces(ctx context.Context) error {
	for more := true; more; {
		more = false
		err := s.store.Update(ctx, func(tx *store.Tx) error {
			n := 0
			day := uint64(tx.Now().Unix()) / daySpan
			for k := range tx.Scan(nonceBucket, store.Range{To: store.Key(day - 1)}) {
				tx.Delete(nonceBucket, k)
				if n++; n == 500 {
					more = true
					break
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("sweep nonces: %w", err)
		}
	}
	return nil
}
