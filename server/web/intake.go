package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"watchroom/server/alert"
	"watchroom/server/fault"
	"watchroom/server/incident"
)

// intake registers the senders' routes. They answer in the sender's own format, and never with 4xx for a body that
// they cannot parse under a valid key: such a body is kept and shown.
func (s *Server) intake() {
	s.app.Post("/in/alertmanager/:key", s.plainIntake(incident.KindAlertmanager))
	s.app.Post("/in/json/:key", s.plainIntake(incident.KindJSON))
	s.app.Post("/v2/enqueue", s.pagerDuty)
	s.app.Post("/services/:t/:b/:secret", s.slack)
}

// received stores one request under its integration and says what became of it. Alerts may be nil: then the body says them.
func (s *Server) received(c *fiber.Ctx, kind incident.Kind, key string, alerts []alert.Alert) (incident.Request, error) {
	ctx, cancel := context.WithTimeout(c.UserContext(), useTimeout)
	defer cancel()
	in, err := s.o.Incidents.ByKey(ctx, kind, key)
	if err != nil {
		return incident.Request{}, err
	}
	h := http.Header{}
	c.Request().Header.All()(func(k, v []byte) bool {
		h.Add(string(k), string(v))
		return true
	})
	h.Del("Authorization")
	h.Del("Cookie")
	return s.o.Incidents.Receive(ctx, incident.ReceiveIn{Integration: in, Body: bodyOf(c), Header: h, Remote: strings.Clone(c.IP()), Alerts: alerts})
}

func (s *Server) plainIntake(kind incident.Kind) fiber.Handler {
	return func(c *fiber.Ctx) error {
		r, err := s.received(c, kind, strings.Clone(c.Params("key")), nil)
		if err != nil {
			return unavailable(err)
		}
		return c.JSON(fiber.Map{"status": "ok", "request": r.ID})
	}
}

// unavailable turns what is ours into 503, which senders try again; their own mistakes keep their status.
func unavailable(err error) error {
	switch fault.KindOf(err) {
	case fault.Internal, fault.Throttled, fault.Conflict:
		return fault.Wrap(err, fault.Unavailable, "the request was not stored, send it again")
	}
	return err
}

type pagerDutyAnswer struct {
	Status   string   `json:"status"`
	Message  string   `json:"message"`
	DedupKey string   `json:"dedup_key,omitempty"`
	Errors   []string `json:"errors,omitempty"`
}

func (s *Server) pagerDuty(c *fiber.Ctx) error {
	event, faults := alert.PagerDutyCheck(bodyOf(c))
	if len(faults) > 0 {
		return c.Status(http.StatusBadRequest).JSON(pagerDutyAnswer{Status: "invalid event", Message: "Event object is invalid", Errors: faults})
	}
	// The event is not read a second time: a key that was made up for it would be another one.
	if _, err := s.received(c, incident.KindPagerDuty, event.RoutingKey, event.Alerts(time.Now())); err != nil {
		return unavailable(err)
	}
	return c.Status(http.StatusAccepted).JSON(pagerDutyAnswer{Status: "success", Message: "Event processed", DedupKey: event.DedupKey})
}

// slack answers as Slack's incoming webhooks do: exactly "ok", or one of Slack's own words.
func (s *Server) slack(c *fiber.Ctx) error {
	if _, err := s.received(c, incident.KindSlack, strings.Clone(c.Params("secret")), nil); err != nil {
		return unavailable(err)
	}
	return slackSays(c, http.StatusOK, "ok")
}

func slackSays(c *fiber.Ctx, status int, words string) error {
	c.Set("Content-Type", "text/plain; charset=utf-8")
	return c.Status(status).SendString(words)
}

// inSendersWords answers an error as the sender whose route this is expects it, and tells whether there is such a sender.
func inSendersWords(c *fiber.Ctx, p *Problem) (bool, error) {
	switch path := c.Path(); {
	case path == "/v2/enqueue":
		a := pagerDutyAnswer{Status: "invalid event", Message: "Event object is invalid", Errors: []string{p.Detail}}
		status := p.Status
		switch {
		case status >= 500:
			a.Status, a.Message, status = "unavailable", "The event was not stored, send it again.", http.StatusServiceUnavailable
		case p.Kind == fault.Missing || p.Kind == fault.Denied:
			a.Errors, status = []string{"'routing_key' is not a key of this server"}, http.StatusBadRequest
		}
		return true, c.Status(status).JSON(a)
	case strings.HasPrefix(path, "/services/"):
		switch {
		case p.Status >= 500:
			return true, slackSays(c, http.StatusServiceUnavailable, "service_unavailable")
		case p.Kind == fault.Missing || p.Kind == fault.Denied:
			return true, slackSays(c, http.StatusNotFound, "no_service")
		}
		return true, slackSays(c, p.Status, "invalid_payload")
	}
	return false, nil
}
