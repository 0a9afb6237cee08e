package incident

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"time"

	"watchroom/server/alert"
	"watchroom/server/id"
	"watchroom/store"
)

const (
	reopenWithin = 30 * time.Minute // after a resolve, the same key opens the same incident again
	rememberFor  = 24 * time.Hour   // how long an end is remembered whose beginning never came
	rowsTold     = 100              // rows announced one by one for each group of a request
)

// rowRecord is a row with what clients do not see.
type rowRecord struct {
	Row
	Open    bool `json:"open,omitempty"`    // ended, but not by its sender: the same episode may go on
	Episode int  `json:"episode,omitempty"` // of the incident
}

// as is the row as r leaves it: what still fired when r was resolved ended then.
func (row rowRecord) as(r *record) rowRecord {
	if row.Ended == 0 && row.Episode < r.Episode {
		row.Ended, row.Ends, row.Open = r.Swept, 0, true
	}
	return row
}

var rows = store.NewTable("incidentrow", func(r *rowRecord) []byte { return rowKey(r.Incident, r.Alert.Key) })

func rowKey(n id.Incident, key string) []byte { return store.Key(uint64(n), key) }

// endings remembers what a sender reported as over without having fired, or what was only posted: requests overtake each other.
type endings struct {
	Key    string            `json:"key"`
	Ended  map[string]moment `json:"ended,omitempty"`
	Posted map[string]string `json:"posted,omitempty"` // info alerts that were posted, with their episode
}

// moment is an episode of an alert.
type moment struct {
	Episode string    `json:"episode"`
	Starts  id.Millis `json:"starts"`
}

var endingsTable = store.NewTable("incidentending", func(e *endings) []byte { return store.Key(e.Key) })

// forgetDue lets go of endings.
func (s *Service) forgetDue(c *change, d due) error {
	endingsTable.Delete(c.Tx, store.Key(d.ID))
	return nil
}

// routed is an alert with where it goes.
type routed struct {
	alert.Alert
	to route
}

// group is the alerts of one request that the sender holds together, while it is decided what becomes of them.
type group struct {
	s     *Service
	c     *change
	in    *ReceiveIn
	key   string
	all   []routed
	cur   *record // the newest incident of this key, whatever its state
	seen  endings
	dirty bool // seen changed

	fired, ended, updated []rowRecord
	lead                  *routed // the worst of those that fire anew
	acked                 bool    // somebody acknowledged at the sender
	posted                []Decision
	quiet                 bool // nothing changed
}

func (s *Service) group(c *change, in *ReceiveIn, name string, alerts []alert.Alert) *group {
	g := &group{s: s, c: c, in: in, key: groupKey(in.Integration.ID, name), quiet: true}
	at := map[string]int{}
	for _, a := range alerts {
		a.Key = bounded(cmp.Or(a.Key, name))
		r := routed{a, s.route(c, in.Integration, a)}
		if i, twice := at[a.Key]; !twice {
			at[a.Key] = len(g.all)
			g.all = append(g.all, r)
		} else if was := g.all[i]; a.StartsAt.After(was.StartsAt) || a.StartsAt.Equal(was.StartsAt) && (was.Status != alert.Resolved || was.Episode != a.Episode || a.Episode == "") {
			g.all[i] = r
		}
	}
	g.cur = newest(c.Tx, g.key)
	if g.seen, _ = endingsTable.Get(c.Tx, store.Key(g.key)); g.seen.Key == "" {
		g.seen = endings{Key: g.key}
	}
	return g
}

// groupKey is what an incident is known by: the integration and the sender's group.
func groupKey(in id.Integration, name string) string { return string(in) + "|" + bounded(name) }

// bounded is a name that fits into a key of the store.
func bounded(s string) string {
	if len(s) <= 255 {
		return s
	}
	return hex.EncodeToString(digest(s))
}

// newest is the newest incident with this key, nil when there never was one.
func newest(tx *store.Tx, key string) *record {
	r := store.Prefix(store.Key(key))
	r.Reverse = true
	for rec := range incidents.By(tx, "key", r) {
		return &rec
	}
	return nil
}

// decide takes the group in.
func (g *group) decide() []Decision {
	for i := range g.all {
		a := &g.all[i]
		switch a.Status {
		case alert.Resolved:
			g.over(a)
		case alert.Acknowledged:
			g.acked = true
		default:
			g.fires(a)
		}
	}
	if g.dirty {
		endingsTable.Put(g.c.Tx, g.seen)
		g.c.dueIn(dueForget, g.key, rememberFor)
	}
	if g.cur == nil && g.lead == nil || len(g.all) == len(g.posted) {
		if len(g.posted) > 0 {
			return g.posted
		}
		return []Decision{g.decision("nothing of this group is open")}
	}
	return append(g.posted, g.settle())
}

// row is what is known of an alert in the newest incident.
func (g *group) row(key string) (rowRecord, bool) {
	if g.cur == nil {
		return rowRecord{}, false
	}
	row, ok := rows.Get(g.c.Tx, rowKey(g.cur.ID, key))
	return row.as(g.cur), ok
}

// late tells whether a speaks of an episode that is over, or of one before that.
func (g *group) late(a *routed, row rowRecord, has bool) bool {
	if g.in.Replay || a.Episode == "" {
		return false
	}
	last, over := g.seen.Ended[a.Key]
	if has && (!over || last.Starts <= id.At(row.Alert.StartsAt)) {
		last, over = moment{row.Alert.Episode, id.At(row.Alert.StartsAt)}, row.Ended != 0 && !row.Open
	}
	if last.Episode == "" {
		return false
	}
	if last.Episode == a.Episode {
		return over && a.Status == alert.Firing
	}
	return id.At(a.StartsAt) < last.Starts
}

// fires takes one alert in that its sender says is wrong.
func (g *group) fires(a *routed) {
	row, has := g.row(a.Key)
	burns := has && row.Ended == 0
	switch {
	case g.late(a, row, has):
		return
	case !burns && a.to.severity == alert.Info:
		g.inform(a)
		return
	}
	next := rowRecord{Row: Row{Alert: a.Alert, Since: g.c.now(), Ends: g.ends(a)}}
	next.Alert.Severity, next.Alert.SeverityWhy = a.to.severity, a.to.why
	if !burns {
		g.fired = append(g.fired, next)
		if g.lead == nil || rank(a.to.severity) > rank(g.lead.to.severity) {
			g.lead = a
		}
		return
	}
	next.Incident, next.Since = g.cur.ID, row.Since
	if next.Alert.Text != row.Alert.Text || next.Alert.Title != row.Alert.Title || next.Alert.Severity != row.Alert.Severity || next.Alert.Episode != row.Alert.Episode {
		g.updated = append(g.updated, next)
	} else if next.Ends != row.Ends {
		row.Ends = next.Ends
		g.keepEnds(row)
	}
}

// keepEnds keeps when a row ends by itself; nobody needs to be told.
func (g *group) keepEnds(row rowRecord) {
	rows.Put(g.c.Tx, row)
	g.s.dueRow(g.c, row)
}

// ends is when an alert ends by itself while its sender stays silent.
func (g *group) ends(a *routed) id.Millis {
	var at time.Time
	if a.EndsAt.After(g.c.Now()) {
		at = a.EndsAt
	}
	if after := g.in.Integration.EndAfter; after > 0 {
		if t := g.c.Now().Add(time.Duration(after) * time.Second); at.IsZero() || t.Before(at) {
			at = t
		}
	}
	return id.At(at)
}

// over takes one alert in that its sender says is well again.
func (g *group) over(a *routed) {
	row, has := g.row(a.Key)
	if g.late(a, row, has) {
		return
	}
	if !has {
		g.remember(a)
		return
	}
	burns := row.Ended == 0
	if !burns && !row.Open && row.Alert.Episode == a.Episode {
		return
	}
	row.Open = false
	if a.Episode != "" {
		row.Alert.Episode, row.Alert.StartsAt = a.Episode, a.StartsAt
	}
	row.Alert.Status, row.Alert.EndsAt = alert.Resolved, a.EndsAt
	if burns {
		row.Ended, row.Ends = g.c.now(), 0
		g.ended = append(g.ended, row)
		return
	}
	rows.Put(g.c.Tx, row)
}

// remember keeps that an alert is over whose beginning did not come yet, or posts the all-clear of one that was only posted.
func (g *group) remember(a *routed) {
	if _, ok := g.seen.Posted[a.Key]; ok {
		delete(g.seen.Posted, a.Key)
		g.dirty = true
		g.quiet = false
		g.posted = append(g.posted, g.s.post(g.c, g.in, a.Alert))
		return
	}
	if a.Episode == "" || len(g.seen.Ended) >= 1000 {
		return
	}
	if g.seen.Ended == nil {
		g.seen.Ended = map[string]moment{}
	}
	if m := (moment{a.Episode, id.At(a.StartsAt)}); g.seen.Ended[a.Key] != m {
		g.seen.Ended[a.Key], g.dirty = m, true
	}
}

// inform posts an info alert, once for each episode.
func (g *group) inform(a *routed) {
	if was, ok := g.seen.Posted[a.Key]; ok && was == a.Episode {
		g.posted = append(g.posted, Decision{Title: a.Title, Status: a.Status, Severity: a.to.severity, Why: a.to.why, Route: a.to.words, Room: a.to.room, Outcome: "posted before"})
		return
	}
	if g.seen.Posted == nil {
		g.seen.Posted = map[string]string{}
	}
	if len(g.seen.Posted) < 1000 {
		g.seen.Posted[a.Key], g.dirty = a.Episode, true
	}
	a.Severity, g.quiet = a.to.severity, false
	g.posted = append(g.posted, g.s.post(g.c, g.in, a.Alert))
}

// settle opens, opens again, joins or closes the group's incident.
func (g *group) settle() Decision {
	s, c := g.s, g.c
	outcome := ""
	fresh := g.cur == nil || g.cur.State == Resolved
	switch {
	case g.lead == nil && g.cur.State == Resolved:
		return g.decision("nothing of this group is open")
	case g.lead == nil && len(g.ended)+len(g.updated) == 0 && !g.acked:
		return g.repeat()
	case fresh && g.cur != nil && c.Now().Sub(g.cur.Resolved.Time()) <= reopenWithin && g.cur.Test == g.in.Test:
		outcome = "reopened"
	case fresh:
		outcome = "opened"
		g.cur = s.open(c, g.in, g.key, *g.lead)
	case g.lead != nil:
		outcome = "joined"
	}
	r := g.cur
	g.quiet = false
	was := r.Severity
	if outcome == "reopened" {
		r.Severity = g.lead.to.severity
	}
	g.count(r)
	switch outcome {
	case "opened":
		s.announce(c, r, *g.lead)
	case "reopened":
		s.reopen(c, r)
	case "joined":
		s.join(c, r, g.fired)
	}
	if was != r.Severity && r.Severity == alert.Critical {
		s.worsen(c, r)
	}
	g.write(r)
	if g.acked && r.State == Triggered {
		s.senderAcked(c, r)
	}
	if r.Firing == 0 && r.State != Resolved && len(g.ended) > 0 {
		s.senderDone(c, r)
	}
	s.weigh(c, r)
	s.put(c, r, EventChanged)
	return g.decision(s.outcome(c, r, outcome))
}

// count counts what fires and what ended, and takes over the worst severity.
func (g *group) count(r *record) {
	r.Firing -= len(g.ended)
	r.Firing += len(g.fired)
	for _, row := range g.fired {
		if _, had := rows.Get(g.c.Tx, rowKey(r.ID, row.Alert.Key)); !had {
			r.Alerts++
		}
	}
	for _, list := range [][]rowRecord{g.fired, g.updated} {
		for _, row := range list {
			if rank(row.Alert.Severity) > rank(r.Severity) {
				r.Severity = row.Alert.Severity
			}
		}
	}
}

// write keeps the rows that changed and announces them.
func (g *group) write(r *record) {
	told := 0
	for _, list := range [][]rowRecord{g.ended, g.updated, g.fired} {
		for _, row := range list {
			row.Incident, row.Episode = r.ID, r.Episode
			rows.Put(g.c.Tx, row)
			if told++; told <= rowsTold {
				g.c.emit(EventAlertChanged, r.Room, nil, AlertChanged{Row: row.Row})
			}
			if row.Ended == 0 {
				g.s.dueRow(g.c, row)
			}
		}
	}
}

// repeat counts a request that changes nothing. It is announced once a minute at most.
func (g *group) repeat() Decision {
	r := g.cur
	r.Repeats++
	if now := g.c.now(); now.Time().Sub(r.Repeated.Time()) >= repeatEvery {
		r.Repeated = now
		g.s.put(g.c, r, EventChanged)
	} else {
		incidents.Put(g.c.Tx, *r)
	}
	return g.decision(fmt.Sprintf("#%d goes on, nothing changed", r.ID))
}

// decision is what became of the group, in words.
func (g *group) decision(outcome string) Decision {
	a := g.lead
	if a == nil {
		a = &g.all[0]
	}
	d := Decision{
		Title: cmp.Or(a.GroupTitle, a.Title, a.Group), Status: a.Status, Severity: a.to.severity, Why: a.to.why,
		Route: a.to.words, Room: a.to.room, Policy: a.to.policy, Outcome: outcome,
	}
	if g.cur != nil {
		d.Incident = g.cur.ID
		if g.cur.State != Resolved {
			d.Rings = g.cur.Ringing
		}
	}
	return d
}

// rank orders severities.
func rank(s alert.Severity) int {
	switch s {
	case alert.Critical:
		return 2
	case alert.Low:
		return 1
	}
	return 0
}

// rowsDue ends the rows whose sender stayed silent.
func (s *Service) rowsDue(c *change, d due) error {
	r, ok := incidents.Get(c.Tx, number(parseNth(d.ID)))
	if !ok || r.State == Resolved {
		return nil
	}
	var over []rowRecord
	next := id.Millis(0)
	for row := range rows.Scan(c.Tx, store.Prefix(number(r.ID))) {
		row = row.as(&r)
		switch {
		case row.Ended != 0 || row.Ends == 0:
		case row.Ends > d.At || len(over) == rowsTold:
			if next == 0 || row.Ends < next {
				next = row.Ends
			}
		default:
			over = append(over, row)
		}
	}
	for _, row := range over {
		row.Ended, row.Ends, row.Open = c.now(), 0, true
		rows.Put(c.Tx, row)
		r.Firing--
		c.emit(EventAlertChanged, r.Room, nil, AlertChanged{Row: row.Row})
		s.note(c, &r, Entry{Kind: "ended", Text: fmt.Sprintf("%q ended by itself: its sender said nothing more.", row.Alert.Title)})
	}
	if next != 0 {
		c.due(dueRows, d.ID, max(next, c.now()).Time())
	}
	if len(over) == 0 {
		return nil
	}
	if r.Firing == 0 {
		s.senderDone(c, &r)
	}
	s.weigh(c, &r)
	s.put(c, &r, EventChanged)
	return nil
}

// dueRow has the engine look when the first of an incident's rows ends.
func (s *Service) dueRow(c *change, row rowRecord) {
	if row.Ends == 0 {
		return
	}
	if d, ok := dues.Get(c.Tx, dueKey{dueRows, nth(row.Incident)}.key()); !ok || d.At > row.Ends {
		c.due(dueRows, nth(row.Incident), row.Ends.Time())
	}
}
