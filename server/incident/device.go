package incident

import (
	"context"
	"fmt"
	"strings"
	"time"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

const (
	provenFor  = 24 * time.Hour // how long a confirmed test tone proves an output
	maxDevices = 20             // of one person that are remembered
	maxDevice  = 200            // bytes of its name
	maxWords   = 500            // bytes of what a device says
)

// proof is when somebody last confirmed hearing a device.
type proof struct {
	Person id.Person `json:"person"`
	Device id.Device `json:"device"`
	Proven id.Millis `json:"proven"`
}

var proofs = store.NewTable("deviceproof", func(p *proof) []byte { return store.Key(string(p.Person), string(p.Device)) })

// rings tells whether a device sounds when it is rung. A hidden page on a phone never counts.
func (d *DeviceState) rings() bool { return d.Online && d.Armed && !(d.Phone && d.Hidden) }

// ringable tells whether any device of a person sounds when it is rung.
func (s *Service) ringable(p id.Person) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.devices[p] {
		if d.rings() {
			return true
		}
	}
	return false
}

// ReportDevice takes in what a device of who says of its ability to ring. One that cannot ring any more while it played is as good as gone.
func (s *Service) ReportDevice(ctx context.Context, who account.Actor, d DeviceState) error {
	if d.Device == "" || len(d.Device) > maxDevice {
		return fault.Field("device", "has 1 to %d bytes", maxDevice)
	}
	now := id.At(s.o.Now())
	d.Person, d.Seen, d.Proven = who.Person, now, min(max(d.Proven, 0), now)
	d.Why, d.Agent, d.Notify = clip(d.Why, maxWords), clip(d.Agent, maxWords), clip(d.Notify, 20)
	if err := s.prove(ctx, &d); err != nil {
		return err
	}
	s.mu.Lock()
	mine := s.devices[who.Person]
	if mine == nil {
		mine = map[id.Device]*DeviceState{}
		s.devices[who.Person] = mine
	}
	mine[d.Device] = &d
	forget(mine)
	s.mu.Unlock()
	if !d.rings() {
		if err := s.quieten(ctx, who.Person, d.Device, "its device cannot ring any more: "+nonempty(d.Why, "not armed"), s.fellSilent); err != nil {
			return err
		}
	}
	return s.judge(ctx, who.Person)
}

func nonempty(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// prove keeps when the device was last heard. A device that is armed and says nothing of it withdraws it: its owner heard
// nothing, or chose another output; one that is not armed has nothing to say.
func (s *Service) prove(ctx context.Context, d *DeviceState) error {
	var kept proof
	key := store.Key(string(d.Person), string(d.Device))
	err := s.store.View(ctx, func(tx *store.Tx) error {
		kept, _ = proofs.Get(tx, key)
		return nil
	})
	switch {
	case err != nil || d.Proven == kept.Proven:
		return err
	case d.Proven == 0 && !d.Armed:
		d.Proven = kept.Proven
		return nil
	}
	return s.change(ctx, account.System(), func(c *change) error {
		proofs.Put(c.Tx, proof{Person: d.Person, Device: d.Device, Proven: d.Proven})
		return nil
	})
}

// forget drops the device that was silent for longest when there are too many.
func forget(mine map[id.Device]*DeviceState) {
	if len(mine) <= maxDevices {
		return
	}
	var oldest *DeviceState
	for _, d := range mine {
		if oldest == nil || oldest.Online && !d.Online || oldest.Online == d.Online && d.Seen < oldest.Seen {
			oldest = d
		}
	}
	delete(mine, oldest.Device)
}

// DeviceGone takes in that a device has no connection any more. If it was the last that played for its person and none plays 3 s
// later (a page that is loaded anew is back by then), it counts as not playing: other ways at once, the next step at once.
func (s *Service) DeviceGone(ctx context.Context, person id.Person, device id.Device, why string) error {
	s.mu.Lock()
	if d := s.devices[person][device]; d != nil {
		gone := *d
		gone.Online, gone.Armed, gone.Why, gone.Seen = false, false, clip(why, maxWords), id.At(s.o.Now())
		s.devices[person][device] = &gone
	}
	s.mu.Unlock()
	if err := s.quieten(ctx, person, device, "its device is gone: "+nonempty(clip(why, maxWords), "no connection"), s.waitAgain); err != nil {
		return err
	}
	return s.judge(ctx, person)
}

// quieten takes in that a device plays nothing any more. Where it was the person's last, then says what follows.
func (s *Service) quieten(ctx context.Context, person id.Person, device id.Device, why string, then func(context.Context, id.Incident, id.Person, string) error) error {
	var silent []id.Incident
	s.mu.Lock()
	for n, people := range s.sounds {
		if on := people[person]; on[device] {
			if delete(on, device); len(on) == 0 {
				silent = append(silent, n)
			}
		}
	}
	s.mu.Unlock()
	for _, n := range silent {
		if err := then(ctx, n, person, why); err != nil {
			return err
		}
	}
	return nil
}

// fellSilent takes in that nothing plays any more for a person, and that nothing will.
func (s *Service) fellSilent(ctx context.Context, n id.Incident, person id.Person, why string) error {
	return s.silent(ctx, n, person, func(c *change, r *record, p Page) { s.unheard(c, r, p, why) })
}

// waitAgain takes in that nothing plays any more for a person, but may again in a moment.
func (s *Service) waitAgain(ctx context.Context, n id.Incident, person id.Person, why string) error {
	return s.silent(ctx, n, person, func(c *change, r *record, p Page) {
		p.State, p.Why, r.Bells[person].State = Sent, why, Sent
		c.dueIn(dueCheck, string(p.ID), playWithin)
		s.note(c, r, Entry{Kind: "silent", Page: p.ID, Text: fmt.Sprintf("%s: %s.", s.name(c.Tx, person), why)})
		s.putPage(c, r, p)
	})
}

// silent changes the page of a person whose device played until now.
func (s *Service) silent(ctx context.Context, n id.Incident, person id.Person, fn func(*change, *record, Page)) error {
	return s.change(ctx, account.System(), func(c *change) error {
		r, ok := incidents.Get(c.Tx, number(n))
		if b := r.Bells[person]; !ok || r.State != Triggered || !b.plays() {
			return nil
		}
		p, ok := pages.Get(c.Tx, store.Key(string(r.Bells[person].Page)))
		if !ok {
			return nil
		}
		fn(c, &r, p)
		s.put(c, &r, EventChanged)
		return nil
	})
}

// lost looks, a while after a start, for pages that played before it and whose devices did not come back.
func (s *Service) lost(ctx context.Context) {
	type page struct {
		n id.Incident
		p id.Person
	}
	var gone []page
	err := s.store.View(ctx, func(tx *store.Tx) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		for r := range incidents.By(tx, "state", store.Prefix(store.Key(stateOpen))) {
			for _, p := range r.Ringing {
				if r.Bells[p].plays() && len(s.sounds[r.ID][p]) == 0 {
					gone = append(gone, page{r.ID, p})
				}
			}
		}
		return nil
	})
	for _, g := range gone {
		if err == nil {
			err = s.fellSilent(ctx, g.n, g.p, "its device did not come back after a restart")
		}
	}
	if err != nil && ctx.Err() == nil {
		s.o.Log.Error("lost devices not handled", "error", err)
	}
}

// bell is the page of n that rings who, if one does.
func (s *Service) bell(ctx context.Context, who id.Person, n id.Incident) (b bell, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if r, ok := incidents.Get(tx, number(n)); ok && r.State == Triggered && r.Bells[who] != nil {
			b = *r.Bells[who]
		}
		return nil
	})
	if err == nil && b.Page == "" {
		s.mu.Lock()
		delete(s.sounds, n)
		s.mu.Unlock()
	}
	return b, err
}

// ReportReceived takes in that a device knows that an incident rings.
func (s *Service) ReportReceived(ctx context.Context, who account.Actor, n id.Incident, device id.Device) error {
	b, err := s.bell(ctx, who.Person, n)
	if err != nil || b.State != Queued && b.State != Sent {
		return err
	}
	return s.page(ctx, b.Page, func(c *change, r *record, p *Page) bool {
		now := r.Bells[who.Person]
		if now == nil || now.Page != p.ID || now.State != Queued && now.State != Sent {
			return false
		}
		now.State, p.State, p.Device = Received, Received, device
		if p.Sent == 0 {
			p.Sent = c.now()
		}
		return true
	})
}

// ReportPlaying takes in that a device of who plays the siren of n: its page is delivered, and heard when the owner confirmed a test
// tone on that device within a day. Saying it again changes nothing.
func (s *Service) ReportPlaying(ctx context.Context, who account.Actor, n id.Incident, device id.Device, proven bool) error {
	b, err := s.bell(ctx, who.Person, n)
	if err != nil || b.Page == "" || len(device) > maxDevice {
		return err
	}
	state := Playing
	s.mu.Lock()
	if d := s.devices[who.Person][device]; d != nil {
		proven = d.Proven != 0 && s.o.Now().Sub(d.Proven.Time()) < provenFor
	}
	if proven {
		state = Heard
	}
	if s.sounds[n] == nil {
		s.sounds[n] = map[id.Person]map[id.Device]bool{}
	}
	if s.sounds[n][who.Person] == nil {
		s.sounds[n][who.Person] = map[id.Device]bool{}
	}
	s.sounds[n][who.Person][device] = true
	s.mu.Unlock()
	if b.State == Heard || b.State == state {
		return nil
	}
	return s.change(ctx, account.System(), func(c *change) error {
		r, ok := incidents.Get(c.Tx, number(n))
		now := r.Bells[who.Person]
		if !ok || r.State != Triggered || now == nil || now.State == Heard || now.State == state {
			return nil
		}
		p, ok := pages.Get(c.Tx, store.Key(string(now.Page)))
		if !ok {
			return nil
		}
		s.plays(c, &r, p, device, state)
		return nil
	})
}

// plays takes in that a page is delivered.
func (s *Service) plays(c *change, r *record, p Page, device id.Device, state PageState) {
	if p.Played == 0 {
		s.counts.delivered.Add(1)
		p.Played = c.now()
	}
	p.State, p.Device, p.Why, p.Ended = state, device, "", 0
	if p.Sent == 0 {
		p.Sent = c.now()
	}
	r.Bells[p.Person].State = state
	c.undue(dueCheck, string(p.ID))
	words := "plays"
	if state == Heard {
		words = "plays on a device that was heard before"
	}
	s.note(c, r, Entry{Kind: "playing", Page: p.ID, Text: fmt.Sprintf("%s: %s.", s.name(c.Tx, p.Person), words)})
	if r.Climb != nil {
		r.Climb.Heard = true
	}
	s.putPage(c, r, p)
	if r.NotDelivered {
		r.NotDelivered = false
		s.tell(c, r, "Delivered after all: a device of %s plays.", s.handles(c.Tx, []id.Person{p.Person}))
	}
	s.put(c, r, EventChanged)
}

// ReportSilent takes in that a device should play and does not. When no other device of the person can ring, nothing is waited for.
func (s *Service) ReportSilent(ctx context.Context, who account.Actor, n id.Incident, device id.Device, why string) error {
	why = "its device does not play: " + nonempty(strings.TrimSpace(clip(why, maxWords)), "no reason given")
	s.mu.Lock()
	delete(s.sounds[n][who.Person], device)
	others := len(s.sounds[n][who.Person])
	for _, d := range s.devices[who.Person] {
		if d.Device != device && d.rings() {
			others++
		}
	}
	s.mu.Unlock()
	if others > 0 {
		return nil
	}
	return s.change(ctx, account.System(), func(c *change) error {
		r, ok := incidents.Get(c.Tx, number(n))
		b := r.Bells[who.Person]
		if !ok || r.State != Triggered || !b.plays() && !b.waits() {
			return nil
		}
		p, ok := pages.Get(c.Tx, store.Key(string(b.Page)))
		if !ok {
			return nil
		}
		c.undue(dueCheck, string(p.ID))
		s.unheard(c, &r, p, why)
		s.put(c, &r, EventChanged)
		return nil
	})
}
