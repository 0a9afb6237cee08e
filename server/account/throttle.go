package account

import (
	"net/netip"
	"sync"
	"time"
)

// throttle slows guessing down: after some failures every further try has to wait, twice as long each time up to a
// limit, and never for ever. A refused try costs nothing and does not prolong the wait.
type throttle struct {
	mu   sync.Mutex // guards seen
	seen map[string]*tries
}

type tries struct {
	failed int
	until  time.Time
	last   time.Time
}

// bucket is one thing that tries are counted for.
type bucket struct {
	key  string
	free int           // tries without a wait
	most time.Duration // the longest wait
}

const (
	throttleForget = 15 * time.Minute
	throttleKeys   = 20_000
)

func byAccount(handle string) bucket { return bucket{"account " + handle, 5, 30 * time.Second} }

// byDevice counts for a device that its account has signed in on before: strangers who guess cannot make it wait.
func byDevice(handle, device string) bucket {
	return bucket{"device " + handle + " " + device, 5, 30 * time.Second}
}

// byRemote counts for an address; all of an IPv6 customer is one.
func byRemote(remote string) bucket {
	if a, err := netip.ParseAddr(remote); err == nil && a.Is6() && !a.Is4In6() {
		if p, err := a.Prefix(64); err == nil {
			remote = p.String()
		}
	}
	return bucket{"remote " + remote, 20, 5 * time.Minute}
}

// try counts a try, or says how long to wait. A try counts as failed until it is known to have been right.
func (t *throttle) try(now time.Time, buckets ...bucket) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	var wait time.Duration
	for _, b := range buckets {
		if e := t.seen[b.key]; e != nil && now.Sub(e.last) < throttleForget {
			wait = max(wait, e.until.Sub(now))
		}
	}
	if wait > 0 {
		return wait
	}
	t.sweep(now)
	for _, b := range buckets {
		e := t.seen[b.key]
		if e == nil || now.Sub(e.last) >= throttleForget {
			e = &tries{}
			t.seen[b.key] = e
		}
		e.failed++
		e.last = now
		if over := e.failed - b.free; over >= 0 {
			e.until = now.Add(min(b.most, time.Second<<min(over, 20)))
		}
	}
	return 0
}

// right forgives a try that turned out to be right: the account begins anew, an address only gets this one back, or a
// guesser could clear its count by signing in to an account of its own.
func (t *throttle) right(remote bucket, account ...bucket) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, b := range account {
		delete(t.seen, b.key)
	}
	if e := t.seen[remote.key]; e != nil {
		e.failed = max(0, e.failed-1)
		if e.failed < remote.free {
			e.until = time.Time{}
		}
	}
}

// sweep keeps the table small.
func (t *throttle) sweep(now time.Time) {
	if len(t.seen) < throttleKeys {
		return
	}
	for k, e := range t.seen {
		if now.Sub(e.last) >= throttleForget {
			delete(t.seen, k)
		}
	}
	for k := range t.seen {
		if len(t.seen) < throttleKeys {
			return
		}
		delete(t.seen, k)
	}
}
