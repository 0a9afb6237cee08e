package incident_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"watchroom/server/alert"
	"watchroom/server/id"
	"watchroom/server/incident"
)

// said is one thing that an Alertmanager says: an episode of an alert fires or is over.
type said struct{ group, key, episode, over int }

func (x said) alert(start time.Time) alert.Alert {
	at := start.Add(time.Duration(x.episode) * time.Minute)
	a := alert.Alert{
		Key: fmt.Sprintf("k%d", x.key), Group: fmt.Sprintf("g%d", x.group), Status: alert.Firing, Title: "t", Severity: alert.Critical,
		SeverityWhy: "label", StartsAt: at, Episode: at.Format(time.RFC3339Nano),
	}
	if x.over == 1 {
		a.Status, a.EndsAt = alert.Resolved, at.Add(30*time.Second)
	}
	return a
}

// model is what should burn: the newest episode of each alert, unless it was said to be over.
type model map[[2]int]said

func (m model) take(x said) {
	k := [2]int{x.group, x.key}
	if was, ok := m[k]; !ok || x.episode > was.episode || x.episode == was.episode && x.over == 1 {
		m[k] = x
	}
}

// burning lists the keys that fire in each group.
func (m model) burning() map[string][]string {
	out := map[string][]string{}
	for k, x := range m {
		if x.over == 0 {
			g := fmt.Sprintf("g%d", k[0])
			out[g] = append(out[g], fmt.Sprintf("k%d", k[1]))
		}
	}
	for _, keys := range out {
		slices.Sort(keys)
	}
	return out
}

// However three Alertmanagers interleave, repeat and reorder what they say of some alerts in some groups, exactly one incident is
// open for each group that burns, none for one that does not, and its rows are those of a plain model.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		one := rapid.Custom(func(rt *rapid.T) said {
			return said{rapid.IntRange(0, 2).Draw(rt, "group"), rapid.IntRange(0, 2).Draw(rt, "key"), rapid.IntRange(0, 2).Draw(rt, "episode"), rapid.IntRange(0, 1).Draw(rt, "over")}
		})
		talk := rapid.SliceOfN(rapid.SliceOfN(one, 1, 3), 1, 25).Draw(rt, "requests")
		var wrong string
		t.Run("", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { wrong = disagree(t, talk) })
		})
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

// disagree has three senders share the requests of a talk, and says where the server and the model differ.
func disagree(t *testing.T, talk [][]said) string {
	w := fresh(t)
	defer func() { w.end() }()
	in := w.sender(incident.KindAlertmanager, nil)
	start := time.Now().Add(-time.Hour)
	m := model{}
	for _, request := range talk {
		var alerts []alert.Alert
		for _, x := range request {
			alerts = append(alerts, x.alert(start))
			m.take(x)
		}
		w.send(in, alerts...)
	}
	want := m.burning()
	open := w.open()
	if len(open) != len(want) {
		return fmt.Sprintf("%d incidents are open, want %d: %v", len(open), len(want), want)
	}
	for _, i := range open {
		var keys []string
		group := ""
		for _, row := range w.detail(i.ID).Rows {
			if row.Ended == 0 {
				keys, group = append(keys, row.Alert.Key), row.Alert.Group
			}
		}
		slices.Sort(keys)
		if !slices.Equal(keys, want[group]) || i.Firing != len(keys) || !slices.Equal(i.Ringing, []id.Person{w.ann.Person}) {
			return fmt.Sprintf("group %s fires %v (%d counted, rings %v), want %v", group, keys, i.Firing, i.Ringing, want[group])
		}
	}
	return ""
}
