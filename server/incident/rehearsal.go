package incident

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

// SendTest sends a request as this sender would write it down the whole road: decoded, routed, raised, paged.
func (s *Service) SendTest(ctx context.Context, who account.Actor, n id.Integration, severity alert.Severity) (Request, error) {
	if !who.IsAdmin() {
		return Request{}, errAdmin
	}
	if rank(severity) == 0 && severity != alert.Info {
		return Request{}, fault.Field("severity", "is critical, low or info")
	}
	var in Integration
	err := s.store.View(ctx, func(tx *store.Tx) error {
		k, ok := integrations.Get(tx, store.Key(string(n)))
		if in = k.Integration; !ok {
			return errNoIntegration
		}
		return nil
	})
	if err != nil {
		return Request{}, err
	}
	nonce := strings.ToLower(strings.TrimPrefix(id.New[string]("t"), "t_"))
	body, err := json.Marshal(sample(in.Kind, severity, nonce, who.Handle, s.o.Now()))
	if err != nil {
		return Request{}, fmt.Errorf("encode test: %w", err)
	}
	h := http.Header{"Content-Type": {"application/json"}}
	return s.Receive(ctx, ReceiveIn{Integration: in, Body: body, Header: h, Remote: "test by " + who.Handle, Test: true})
}

// sample is what this kind of sender posts when something is wrong.
func sample(kind Kind, severity alert.Severity, nonce, by string, now time.Time) any {
	title := fmt.Sprintf("Test from %s (%s)", by, severity)
	word := map[alert.Severity]string{alert.Critical: "critical", alert.Low: "warning", alert.Info: "info"}[severity]
	type object = map[string]any
	switch kind {
	case KindAlertmanager:
		labels := object{"alertname": "WatchroomTest", "severity": word, "test": nonce}
		return object{
			"version": "4", "groupKey": fmt.Sprintf("{}:{alertname=%q, test=%q}", "WatchroomTest", nonce), "status": "firing", "receiver": "watchroom-test",
			"groupLabels": object{"alertname": "WatchroomTest"}, "commonLabels": labels, "commonAnnotations": object{"summary": title},
			"alerts": []object{{
				"status": "firing", "labels": labels, "annotations": object{"summary": title}, "fingerprint": nonce,
				"startsAt": now.UTC().Format(time.RFC3339Nano), "endsAt": "0001-01-01T00:00:00Z",
			}},
		}
	case KindPagerDuty:
		return object{
			"routing_key": strings.Repeat("0", 32), "event_action": "trigger", "dedup_key": nonce,
			"payload": object{"summary": title, "source": "watchroom", "severity": word},
		}
	case KindSlack:
		if severity == alert.Info {
			return object{"text": title, "username": "test"}
		}
		return object{"username": "test", "attachments": []object{{
			"title": fmt.Sprintf("[FIRING:1] WatchroomTest %s (%s)", nonce, word), "text": title, "color": "danger",
		}}}
	case KindChecks, KindManual:
		return alert.Alert{
			Key: nonce, Group: nonce, Status: alert.Firing, Title: title, Severity: severity, SeverityWhy: "as the test says", StartsAt: now,
			Annotations: map[string]string{raisedBy: by},
		}
	}
	return object{"title": title, "severity": word, "key": nonce, "labels": object{"test": nonce}}
}

// CleanUpTests resolves every incident of a rehearsal and puts its room away. It returns how many there were.
func (s *Service) CleanUpTests(ctx context.Context, who account.Actor) (n int, err error) {
	if !who.System && who.Role == account.Guest {
		return 0, errGuest
	}
	var list []id.Incident
	err = s.store.View(ctx, func(tx *store.Tx) error {
		for r := range incidents.By(tx, "test", store.Range{}) {
			if s.readable(tx, who, &r) {
				list = append(list, r.ID)
			}
		}
		return nil
	})
	for _, one := range list {
		if err != nil {
			break
		}
		err = s.change(ctx, who, func(c *change) error {
			r, ok := incidents.Get(c.Tx, number(one))
			if !ok || r.Cleaned {
				return nil
			}
			if r.State != Resolved {
				s.close(c, &r, "Cleaned up by "+s.name(c.Tx, who.Person)+": it was a test.")
			}
			c.undue(dueArchive, nth(r.ID))
			s.archive(c, &r)
			r.Cleaned = true
			n++
			s.put(c, &r, EventChanged)
			return nil
		})
	}
	return n, err
}
