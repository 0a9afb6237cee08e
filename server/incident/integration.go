package incident

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"watchroom/server/account"
	"watchroom/server/alert"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

const (
	oldKey  = 24 * time.Hour // how long a rotated key still works
	maxName = 80
	maxRule = 100
)

// IntegrationIn is what somebody says of an integration to make or change it.
type IntegrationIn struct {
	Kind     Kind      `json:"kind"`
	Name     string    `json:"name"`
	Service  string    `json:"service,omitempty"`
	Team     id.Team   `json:"team,omitempty"`
	Room     id.Room   `json:"room,omitempty"`
	Policy   id.Policy `json:"policy,omitempty"`
	Rules    []Rule    `json:"rules,omitempty"`
	Shadow   id.Person `json:"shadow,omitempty"`
	EndAfter int       `json:"endAfter,omitempty"`
	LockRoom bool      `json:"lockRoom,omitempty"`
}

// Integration is in as an integration that is not made yet.
func (in IntegrationIn) Integration() Integration {
	return Integration{
		Kind: in.Kind, Name: in.Name, Service: in.Service, Team: in.Team, Room: in.Room, Policy: in.Policy,
		Rules: in.Rules, Shadow: in.Shadow, EndAfter: in.EndAfter, LockRoom: in.LockRoom,
	}
}

// keyed is an integration with the hashes of its keys.
type keyed struct {
	Integration
	Hash     []byte    `json:"hash"`
	Old      []byte    `json:"old,omitempty"`
	OldUntil id.Millis `json:"oldUntil,omitempty"`
}

var integrations = store.NewTable("integration", func(k *keyed) []byte { return store.Key(string(k.ID)) },
	store.Index[keyed]{Name: "hash", Keys: func(k *keyed) [][]byte {
		keys := [][]byte{store.Key(hex.EncodeToString(k.Hash))}
		if len(k.Old) > 0 {
			keys = append(keys, store.Key(hex.EncodeToString(k.Old)))
		}
		return keys
	}})

var errNoIntegration = fault.New(fault.Missing, "there is no such integration")

func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// newKey is a secret in the form that the sender's own key has.
func newKey(kind Kind) string {
	if kind == KindPagerDuty {
		b := make([]byte, 16)
		rand.Read(b)
		return hex.EncodeToString(b)
	}
	return id.Secret()
}

// URL is the whole address to paste into the sender. PagerDuty's is the same for all: its key is the routing key.
func URL(publicURL string, kind Kind, key string) string {
	base := strings.TrimSuffix(publicURL, "/")
	switch kind {
	case KindAlertmanager, KindJSON:
		return base + "/in/" + string(kind) + "/" + key
	case KindPagerDuty:
		return base + "/v2/enqueue"
	case KindSlack:
		return base + "/services/T0WATCHROOM/B0WATCHROOM/" + key
	}
	return ""
}

// ByKey is the integration that this key opens, for senders of this kind.
func (s *Service) ByKey(ctx context.Context, kind Kind, key string) (in Integration, err error) {
	if key == "" || len(key) > 200 {
		return Integration{}, errNoIntegration
	}
	sum := digest(key)
	err = s.store.View(ctx, func(tx *store.Tx) error {
		for k := range integrations.By(tx, "hash", store.Prefix(store.Key(hex.EncodeToString(sum)))) {
			now := subtle.ConstantTimeCompare(k.Hash, sum) == 1
			old := subtle.ConstantTimeCompare(k.Old, sum) == 1 && id.At(tx.Now()) < k.OldUntil
			if (now || old) && k.Kind == kind {
				in = k.Integration
				return nil
			}
		}
		return errNoIntegration
	})
	return in, err
}

// Integrations lists the ways in, by name. Administrators only: what senders are called is nobody else's business.
func (s *Service) Integrations(ctx context.Context, who account.Actor) ([]Integration, error) {
	if !who.IsAdmin() {
		return nil, errAdmin
	}
	list := []Integration{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		for k := range integrations.Scan(tx, store.Range{}) {
			list = append(list, seen(tx, k.Integration))
		}
		return nil
	})
	slices.SortFunc(list, func(a, b Integration) int { return strings.Compare(a.Name, b.Name) })
	return list, err
}

// CreateIntegration makes a way in. The key is shown this once.
func (s *Service) CreateIntegration(ctx context.Context, who account.Actor, in Integration) (Integration, string, error) {
	if !who.IsAdmin() {
		return Integration{}, "", errAdmin
	}
	key := newKey(in.Kind)
	err := s.change(ctx, who, func(c *change) error {
		in.ID, in.By, in.Created = id.New[id.Integration]("in"), who.Person, c.now()
		in.Paused, in.LastSeen, in.Declared, in.Hint = 0, 0, false, hint(key)
		if err := s.checkIntegration(c, &in); err != nil {
			return err
		}
		s.putIntegration(c, keyed{Integration: in, Hash: digest(key)})
		return nil
	})
	if err != nil {
		return Integration{}, "", err
	}
	return in, key, nil
}

func hint(key string) string { return key[len(key)-4:] }

func (s *Service) putIntegration(c *change, k keyed) {
	integrations.Put(c.Tx, k)
	c.emit(EventIntegrationChanged, "", []string{"@admin"}, IntegrationChanged{Integration: seen(c.Tx, k.Integration)})
}

// edit changes one integration as an administrator.
func (s *Service) edit(ctx context.Context, who account.Actor, n id.Integration, fn func(*change, *keyed) error) (out Integration, err error) {
	if !who.IsAdmin() {
		return Integration{}, errAdmin
	}
	err = s.change(ctx, who, func(c *change) error {
		k, ok := integrations.Get(c.Tx, store.Key(string(n)))
		if !ok {
			return errNoIntegration
		}
		if err := fn(c, &k); err != nil {
			return err
		}
		s.putIntegration(c, k)
		out = seen(c.Tx, k.Integration)
		return nil
	})
	return out, err
}

// UpdateIntegration replaces what an integration says of routing. Its kind and its key stay.
func (s *Service) UpdateIntegration(ctx context.Context, who account.Actor, in Integration) (Integration, error) {
	return s.edit(ctx, who, in.ID, func(c *change, k *keyed) error {
		if k.Declared {
			return errDeclared("integration")
		}
		was := k.Integration
		in.Kind, in.By, in.Created, in.Paused, in.Declared, in.Hint, in.LastSeen = was.Kind, was.By, was.Created, was.Paused, false, was.Hint, 0
		if err := s.checkIntegration(c, &in); err != nil {
			return err
		}
		k.Integration = in
		return nil
	})
}

// RotateKey makes a new key. The one that was in force works for 24 h more.
func (s *Service) RotateKey(ctx context.Context, who account.Actor, n id.Integration) (Integration, string, error) {
	var key string
	in, err := s.edit(ctx, who, n, func(c *change, k *keyed) error {
		key = newKey(k.Kind)
		k.Old, k.OldUntil = k.Hash, id.At(c.Now().Add(oldKey))
		k.Hash, k.Hint = digest(key), hint(key)
		return nil
	})
	if err != nil {
		return Integration{}, "", err
	}
	return in, key, nil
}

// PauseIntegration keeps an integration from paging until then: -1 until it is resumed, 0 resumes it. What fires is still kept and
// shown; what still fires when the pause ends rings then.
func (s *Service) PauseIntegration(ctx context.Context, who account.Actor, n id.Integration, until id.Millis) (Integration, error) {
	return s.edit(ctx, who, n, func(c *change, k *keyed) error {
		if until < -1 || until > 0 && until <= c.now() {
			return fault.Field("until", "is in the past")
		}
		s.pause(c, k, until)
		return nil
	})
}

// pause sets the pause and lets the open incidents feel it.
func (s *Service) pause(c *change, k *keyed, until id.Millis) {
	k.Paused = until
	c.undue(duePause, string(k.ID))
	if until > 0 {
		c.due(duePause, string(k.ID), until.Time())
	}
	integrations.Put(c.Tx, *k)
	s.weighAll(c, func(r *record) bool { return r.Integration == k.ID })
}

// pauseDue ends a pause.
func (s *Service) pauseDue(c *change, d due) error {
	k, ok := integrations.Get(c.Tx, store.Key(d.ID))
	if !ok || k.Paused != d.At {
		return nil
	}
	s.pause(c, &k, 0)
	s.putIntegration(c, k)
	return nil
}

// RemoveIntegration takes a way in away. Its incidents stay.
func (s *Service) RemoveIntegration(ctx context.Context, who account.Actor, n id.Integration) error {
	if !who.IsAdmin() {
		return errAdmin
	}
	return s.change(ctx, who, func(c *change) error {
		k, ok := integrations.Get(c.Tx, store.Key(string(n)))
		switch {
		case !ok:
			return errNoIntegration
		case k.Kind == KindManual:
			return fault.New(fault.Conflict, "/page and Page me come through this integration; it stays")
		case k.Declared:
			return errDeclared("integration")
		}
		integrations.Delete(c.Tx, store.Key(string(n)))
		intakes.Delete(c.Tx, store.Key(string(n)))
		c.undue(duePause, string(n))
		for r := range requests.Scan(c.Tx, store.Prefix(store.Key(string(n)))) {
			dropRequest(c.Tx, r)
		}
		c.emit(EventIntegrationChanged, "", []string{"@admin"}, IntegrationChanged{Integration: k.Integration, Deleted: true})
		return nil
	})
}

// checkIntegration says what is wrong with in, and fills in the defaults.
func (s *Service) checkIntegration(c *change, in *Integration) error {
	switch in.Kind {
	case KindAlertmanager, KindPagerDuty, KindSlack, KindJSON, KindChecks:
	case KindManual:
		if !c.who.System {
			return fault.Field("kind", "there is one manual integration, the server's own")
		}
	default:
		return fault.Field("kind", "is alertmanager, pagerduty, slack or json")
	}
	if in.Name = strings.TrimSpace(in.Name); in.Name == "" || utf8.RuneCountInString(in.Name) > maxName {
		return fault.Field("name", "has 1 to %d characters", maxName)
	}
	for k := range integrations.Scan(c.Tx, store.Range{}) {
		if k.ID != in.ID && strings.EqualFold(k.Name, in.Name) {
			return &fault.Error{Kind: fault.Conflict, Field: "name", Message: "name: " + in.Name + " is taken"}
		}
	}
	if in.EndAfter < 0 || in.EndAfter > 30*86400 {
		return fault.Field("endAfter", "is 0 to 2592000 seconds")
	}
	if in.Shadow != "" {
		if _, ok := s.people.ActorTx(c.Tx, in.Shadow); !ok {
			return fault.Field("shadow", "there is no such person")
		}
	}
	if in.Team == "" {
		in.Team = defaultTeam
	}
	if err := s.checkRoute(c, "", Rule{Room: in.Room, Policy: in.Policy, Team: in.Team}); err != nil {
		return err
	}
	team, _ := teams.Get(c.Tx, store.Key(string(in.Team)))
	if in.Room == "" {
		in.Room = team.Room
	}
	if in.Policy == "" {
		in.Policy = team.Policy
	}
	if len(in.Rules) > maxRule {
		return fault.Field("rules", "at most %d", maxRule)
	}
	for i, rule := range in.Rules {
		if err := s.checkRoute(c, "rules["+nth(id.Incident(i))+"].", rule); err != nil {
			return err
		}
		if len(rule.Match) == 0 {
			return fault.Field("rules["+nth(id.Incident(i))+"].match", "name at least one label")
		}
	}
	return nil
}

// checkRoute says what is wrong with where a rule sends alerts.
func (s *Service) checkRoute(c *change, at string, rule Rule) error {
	if rule.Room != "" {
		if r, ok := s.rooms.RoomTx(c.Tx, rule.Room); !ok || r.Archived || !s.rooms.ReadableTx(c.Tx, c.who, rule.Room) {
			return fault.Field(at+"room", "there is no such room, or it is archived")
		}
	}
	if rule.Policy != "" {
		if _, ok := policies.Get(c.Tx, store.Key(string(rule.Policy))); !ok {
			return fault.Field(at+"policy", "there is no such policy")
		}
	}
	if rule.Team != "" {
		if _, ok := teams.Get(c.Tx, store.Key(string(rule.Team))); !ok {
			return fault.Field(at+"team", "there is no such team")
		}
	}
	switch rule.Severity {
	case "", alert.Critical, alert.Low, alert.Info:
	default:
		return fault.Field(at+"severity", "is critical, low or info")
	}
	return checkMatch(at+"match", rule.Match)
}

// checkMatch refuses patterns that cannot be read.
func checkMatch(at string, match map[string]string) error {
	for name, value := range match {
		if name == "" || len(name) > 200 || len(value) > 2000 {
			return fault.Field(at, "a label has a name, and at most 2000 bytes")
		}
		if p, ok := pattern(value); ok {
			if _, err := regexp.Compile(p); err != nil {
				return fault.Field(at, "%s: %q is not a regular expression", name, value)
			}
		}
	}
	return nil
}
