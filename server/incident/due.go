package incident

import (
	"strconv"
	"strings"
	"time"

	"watchroom/server/id"
	"watchroom/store"
)

// What can be due. A kind and an id make one deadline; setting it again moves it.
const (
	dueStep    = "step"    // incident: the climb goes on
	dueCheck   = "check"   // page: does a device play?
	dueAgain   = "again"   // incident/person: other ways repeat
	dueLapse   = "lapse"   // incident: the acknowledgement lapses
	dueRemind  = "remind"  // incident: a low one reminds
	dueRows    = "rows"    // incident: rows whose sender stayed silent end
	dueArchive = "archive" // incident: its room is put away
	dueQuiet   = "quiet"   // incident: its own silence ends
	dueSilence = "silence" // silence: it ends
	duePause   = "pause"   // integration: it pages again
	dueForget  = "forget"  // what was kept to recognize late requests is forgotten
	dueLink    = "link"    // acknowledge link: it expires
	dueDark    = "dark"    // person: on call and still not to be rung
	dueShift   = "shift"   // schedule: somebody else is on call
	dueWeigh   = "weigh"   // incident: those after it are asked whether they should ring
)

// due is one deadline. At is what a restart goes by; while the server runs, the time left counts, from Set on.
type due struct {
	Kind string    `json:"kind"`
	ID   string    `json:"id"`
	At   id.Millis `json:"at"`
	Set  id.Millis `json:"set"`
}

// dueKey names one deadline.
type dueKey struct{ kind, id string }

func (k dueKey) key() []byte { return store.Key(k.kind, k.id) }

var dues = store.NewTable("due", func(d *due) []byte { return store.Key(d.Kind, d.ID) },
	store.Index[due]{Name: "at", Keys: func(d *due) [][]byte { return [][]byte{store.Key(int64(d.At))} }})

// due sets a deadline, in the place of one with the same name.
func (c *change) due(kind, name string, at time.Time) {
	dues.Put(c.Tx, due{Kind: kind, ID: name, At: id.At(at), Set: c.now()})
	c.moved = append(c.moved, dueKey{kind, name})
}

// undue takes a deadline away.
func (c *change) undue(kind, name string) {
	k := dueKey{kind, name}
	if _, ok := dues.Get(c.Tx, k.key()); ok {
		dues.Delete(c.Tx, k.key())
		c.moved = append(c.moved, k)
	}
}

// dueIn sets a deadline from now.
func (c *change) dueIn(kind, name string, in time.Duration) { c.due(kind, name, c.Now().Add(in)) }

// nth is an incident's number in a deadline's name.
func nth(n id.Incident) string { return strconv.FormatUint(uint64(n), 10) }

func parseNth(s string) id.Incident {
	n, _ := strconv.ParseUint(s, 10, 64) // 0 is no incident
	return id.Incident(n)
}

// theirs names a deadline of one person in one incident.
func theirs(n id.Incident, p id.Person) string { return nth(n) + "/" + string(p) }

func parseTheirs(s string) (id.Incident, id.Person) {
	n, p, _ := strings.Cut(s, "/")
	return parseNth(n), id.Person(p)
}
