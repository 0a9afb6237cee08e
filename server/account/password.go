package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"watchroom/server/fault"
	"watchroom/server/id"
	"watchroom/store"
)

// Argon is what hashing a password costs.
type Argon struct {
	Memory  uint32 // KiB
	Time    uint32
	Threads uint8
}

// DefaultCost is what a new hash costs.
var DefaultCost = Argon{Memory: 64 << 10, Time: 3, Threads: 2}

const (
	passwordSlots = 2 // at 64 MiB each
	passwordWait  = 10 * time.Second
	passwordMin   = 12
	passwordMax   = 256
)

// Hash is a hashed password with what it takes to hash another one the same way. Its text form is the usual
// $argon2id$v=19$m=65536,t=3,p=2$salt$key.
type Hash struct {
	Argon
	Salt, Key []byte
}

var errHash = errors.New("not an argon2id hash within bounds")

// ParseHash reads the text form. It refuses costs that would take the server down.
func ParseHash(s string) (Hash, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return Hash{}, errHash
	}
	var h Hash
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.Memory, &h.Time, &h.Threads); err != nil {
		return Hash{}, errHash
	}
	if h.Memory < 8 || h.Memory > 1<<20 || h.Time < 1 || h.Time > 16 || h.Threads < 1 || h.Threads > 16 {
		return Hash{}, errHash
	}
	var err1, err2 error
	h.Salt, err1 = base64.RawStdEncoding.Strict().DecodeString(parts[4])
	h.Key, err2 = base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(h.Salt) < 8 || len(h.Salt) > 64 || len(h.Key) < 16 || len(h.Key) > 64 || h.String() != s {
		return Hash{}, errHash
	}
	return h, nil
}

func (h Hash) String() string {
	enc := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.Memory, h.Time, h.Threads, enc(h.Salt), enc(h.Key))
}

// Hash hashes a password with a fresh salt. It is slow, and takes the memory that it says.
func (a Argon) Hash(password string) Hash {
	h := Hash{Argon: a, Salt: make([]byte, 16)}
	rand.Read(h.Salt)
	h.Key = h.derive(password, 32)
	return h
}

// Matches tells whether h was made of password.
func (h Hash) Matches(password string) bool {
	return subtle.ConstantTimeCompare(h.derive(password, uint32(len(h.Key))), h.Key) == 1
}

func (h Hash) derive(password string, size uint32) []byte {
	return argon2.IDKey([]byte(norm.NFKC.String(password)), h.Salt, h.Time, h.Memory, h.Threads, size)
}

// decoy is a hash that nothing matches, as much work as a true one.
func (a Argon) decoy() Hash {
	h := Hash{Argon: a, Salt: make([]byte, 16), Key: make([]byte, 32)}
	rand.Read(h.Salt)
	rand.Read(h.Key)
	return h
}

//go:embed common.txt
var commonPasswords string

// CheckPassword refuses passwords that are too short, too long, or among the first that are tried.
func CheckPassword(password, handle string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return fault.Field("password", "must be text")
	case n < passwordMin:
		return fault.Field("password", "needs at least %d characters", passwordMin)
	case n > passwordMax:
		return fault.Field("password", "has more than %d characters", passwordMax)
	}
	plain := strings.ToLower(norm.NFKC.String(password))
	first, _ := utf8.DecodeRuneInString(plain)
	if strings.Trim(plain, string(first)) == "" || (handle != "" && strings.ReplaceAll(plain, handle, "") == "") ||
		strings.Contains("\n"+commonPasswords, "\n"+plain+"\n") {
		return fault.Field("password", "is among the first that are guessed; choose another")
	}
	return nil
}

// slot waits for a turn at hashing, so that many sign-ins at once cannot eat the memory.
func (s *Service) slot(ctx context.Context) (release func(), err error) {
	wait := time.NewTimer(passwordWait)
	defer wait.Stop()
	select {
	case s.slots <- struct{}{}:
		return func() { <-s.slots }, nil
	case <-wait.C:
		return nil, fault.New(fault.Unavailable, "too many people sign in at this moment; try again")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hash checks and hashes a new password.
func (s *Service) hash(ctx context.Context, password, handle string) (Hash, error) {
	if err := CheckPassword(password, handle); err != nil {
		return Hash{}, err
	}
	return s.rehash(ctx, password)
}

// rehash hashes a password that was accepted before, at what it costs now.
func (s *Service) rehash(ctx context.Context, password string) (Hash, error) {
	release, err := s.slot(ctx)
	if err != nil {
		return Hash{}, err
	}
	defer release()
	return s.cost.Hash(password), nil
}

func (s *Service) matches(ctx context.Context, h Hash, password string) (bool, error) {
	release, err := s.slot(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	return h.Matches(password), nil
}

// credential is a person's password. Bots have none.
type credential struct {
	Person  id.Person `json:"person"`
	Hash    string    `json:"hash"`
	Changed id.Millis `json:"changed"`
}

func setPassword(tx *store.Tx, p id.Person, h Hash) {
	passwords.Put(tx, credential{Person: p, Hash: h.String(), Changed: id.At(tx.Now())})
}

// PasswordIn changes one's own password.
type PasswordIn struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// Password changes the actor's own password and ends all other sessions of the actor.
func (s *Service) Password(ctx context.Context, who Actor, in PasswordIn) error {
	old, err := s.passwordOf(ctx, who.Person)
	if err != nil {
		return err
	}
	account := bucket{"password " + string(who.Person), 5, 30 * time.Second}
	if wait := s.throttle.try(s.o.Now(), account); wait > 0 {
		return tooFast(wait)
	}
	if ok, err := s.matches(ctx, old, in.Old); err != nil {
		return err
	} else if !ok {
		return fault.Field("old", "is not your password")
	}
	s.throttle.right(bucket{}, account)
	fresh, err := s.hash(ctx, in.New, who.Handle)
	if err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		if c, ok := passwords.Get(tx, personKey(who.Person)); !ok || c.Hash != old.String() {
			return fault.New(fault.Conflict, "your password was changed meanwhile")
		}
		setPassword(tx, who.Person, fresh)
		dropLinks(tx, who.Person)
		endSessions(tx, who, who.Person, who.Session)
		return nil
	})
}

func (s *Service) passwordOf(ctx context.Context, p id.Person) (h Hash, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		c, ok := passwords.Get(tx, personKey(p))
		if !ok {
			return fault.New(fault.Missing, "this account has no password")
		}
		h, err = ParseHash(c.Hash)
		return err
	})
	return h, err
}

func tooFast(wait time.Duration) error {
	return fault.New(fault.Throttled, "too many tries: wait %d s", int(wait/time.Second)+1)
}
