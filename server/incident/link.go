package incident

import (
	"context"
	"encoding/hex"
	"time"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

// linkFor is how long the secret of a mail or a push works.
const linkFor = 8 * time.Hour

// ackLink lets who holds its secret acknowledge one incident as one person, and nothing else.
type ackLink struct {
	Hash     string      `json:"hash"`
	Incident id.Incident `json:"incident"`
	Person   id.Person   `json:"person"`
	Expires  id.Millis   `json:"expires"`
}

var ackLinks = store.NewTable("acklink", func(l *ackLink) []byte { return store.Key(l.Hash) })

// AckLink makes a secret by which the person of a page acknowledges: PublicURL + "/#/ack/" + secret. It works for 8 h.
func (s *Service) AckLink(ctx context.Context, p Page) (secret string, err error) {
	secret = id.Secret()
	err = s.change(ctx, account.System(), func(c *change) error {
		if _, ok := incidents.Get(c.Tx, number(p.Incident)); !ok {
			return errNoIncident
		}
		at := c.Now().Add(linkFor)
		hash := hex.EncodeToString(digest(secret))
		ackLinks.Put(c.Tx, ackLink{Hash: hash, Incident: p.Incident, Person: p.Person, Expires: id.At(at)})
		c.due(dueLink, hash, at)
		return nil
	})
	return secret, err
}

// AckByLink acknowledges by the secret of a mail or a push. Using it again does no harm.
func (s *Service) AckByLink(ctx context.Context, secret string) (Incident, error) {
	gone := fault.New(fault.Gone, "this link has expired; sign in to acknowledge")
	if secret == "" || len(secret) > 200 {
		return Incident{}, gone
	}
	var l ackLink
	var who account.Actor
	err := s.store.View(ctx, func(tx *store.Tx) error {
		var ok bool
		if l, ok = ackLinks.Get(tx, store.Key(hex.EncodeToString(digest(secret)))); !ok || l.Expires <= id.At(tx.Now()) {
			return gone
		}
		if who, ok = s.people.ActorTx(tx, l.Person); !ok {
			return gone
		}
		return nil
	})
	if err != nil {
		return Incident{}, err
	}
	return s.Acknowledge(ctx, who, l.Incident, false)
}

// linkDue forgets a link that has expired.
func (s *Service) linkDue(c *change, d due) error {
	ackLinks.Delete(c.Tx, store.Key(d.ID))
	return nil
}
