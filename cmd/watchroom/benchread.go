package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"sync"
	"time"

	"watchroom/server/chat"
	"watchroom/server/id"
)

// fanOut measures the time from a post to the last member that has it, and deliveries a second with many in flight.
func (b *bench) fanOut(ctx context.Context) error {
	for _, load := range []struct {
		members int
		rate    float64
		target  string
	}{{100, 100, "≤ 1.65R p50, ≤ 3R p99"}, {b.Members, 20, "≤ 1.15R p50, ≤ 1.3R p99"}} {
		room, members, err := b.team(ctx, "fan", load.members)
		if err != nil {
			return err
		}
		g := &gather{need: len(members), posted: map[string]*arrival{}}
		got := g.got
		for _, m := range members {
			m.got.Store(&got)
		}
		if _, err := g.latency(ctx, room, members, int(load.rate), load.rate); err != nil { // a second to warm up
			return err
		}
		var last, floor times
		var perSecond []float64
		for range b.Rounds {
			rounds := max(20, int(b.For.Seconds()*load.rate))
			raw, each, err := wireFloor(load.members, frameSize(room), rounds, load.rate)
			if err != nil {
				return err
			}
			floor, perSecond = append(floor, each...), append(perSecond, raw)
			took, err := g.latency(ctx, room, members, rounds, load.rate)
			if err != nil {
				return err
			}
			last = append(last, took...)
		}
		b.rows = append(b.rows, row{fmt.Sprintf("post → last of %d members, %.0f posts/s", load.members, load.rate), "", ms(last.at(.5)), ms(last.at(.99)),
			fmt.Sprintf("R %s / %s", ms(floor.at(.5)), ms(floor.at(.99))), fmt.Sprintf("%.2fR / %.2fR", ratio(last, floor, .5), ratio(last, floor, .99)), load.target})
		if load.members == b.Members {
			var rates []float64
			for range b.Rounds {
				rate, err := g.throughput(ctx, room, members, b.For)
				if err != nil {
					return err
				}
				rates = append(rates, rate)
			}
			r, raw := median(rates), median(perSecond)
			b.rows = append(b.rows, row{fmt.Sprintf("deliveries/s, %d members, 32 posts in flight", load.members), fmt.Sprintf("%.0f", r), "", "",
				fmt.Sprintf("R %.0f/s", raw), fmt.Sprintf("%.1fR", r/raw), "≥ 5R"})
		}
		shut(members)
	}
	return nil
}

func ratio(a, b times, q float64) float64 { return float64(a.at(q)) / float64(b.at(q)) }

// gather counts who has which post.
type gather struct {
	need   int
	mu     sync.Mutex
	posted map[string]*arrival
	total  int
}

type arrival struct {
	at   time.Time
	have int
	all  chan time.Duration
}

func (g *gather) got(kind, nonce string) {
	if kind != "event" || nonce == "" {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.total++
	a := g.posted[nonce]
	if a == nil {
		return
	}
	if a.have++; a.have == g.need {
		a.all <- time.Since(a.at)
		delete(g.posted, nonce)
	}
}

func (g *gather) post(room id.Room, m *benchMember) (*arrival, error) {
	nonce := id.New[string]("n")
	a := &arrival{at: time.Now(), all: make(chan time.Duration, 1)}
	g.mu.Lock()
	g.posted[nonce] = a
	g.mu.Unlock()
	return a, m.write(post(room, nonce))
}

const lost = 30 * time.Second

func (g *gather) latency(ctx context.Context, room id.Room, members []*benchMember, rounds int, rate float64) (last times, err error) {
	begin := time.Now()
	var waiting []*arrival
	for i := range rounds {
		select {
		case <-time.After(time.Until(begin.Add(time.Duration(float64(i) / rate * float64(time.Second))))):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		a, err := g.post(room, members[i%len(members)])
		if err != nil {
			return nil, err
		}
		waiting = append(waiting, a)
	}
	for _, a := range waiting {
		select {
		case took := <-a.all:
			last = append(last, took)
		case <-time.After(lost):
			return nil, fmt.Errorf("a post did not reach all %d members", g.need)
		}
	}
	return last, nil
}

func (g *gather) throughput(ctx context.Context, room id.Room, members []*benchMember, for_ time.Duration) (float64, error) {
	g.mu.Lock()
	before := g.total
	g.mu.Unlock()
	begin := time.Now()
	var posters sync.WaitGroup
	errs := make(chan error, 32)
	for i := range 32 {
		posters.Go(func() {
			for n := 0; time.Since(begin) < for_ && ctx.Err() == nil; n++ {
				a, err := g.post(room, members[(i+32*n)%len(members)])
				if err != nil {
					errs <- err
					return
				}
				select {
				case <-a.all:
				case <-time.After(lost):
					errs <- fmt.Errorf("a post did not reach all %d members", g.need)
					return
				}
			}
		})
	}
	posters.Wait()
	took := time.Since(begin).Seconds()
	select {
	case err := <-errs:
		return 0, err
	default:
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return float64(g.total-before) / took, nil
}

// history measures one page of 50 at a random place of the largest room, over HTTP.
func (b *bench) history(ctx context.Context) error {
	var big chat.Room
	for _, room := range b.filled {
		var v chat.RoomView
		if err := b.op.call(ctx, "GET", "/rooms/"+string(room), nil, &v); err != nil {
			return err
		}
		if v.Room.Count > big.Count {
			big = v.Room
		}
	}
	floor, err := b.timed(ctx, 300, func(int) string { return "/version" })
	if err != nil {
		return err
	}
	each, err := b.timed(ctx, 300, func(int) string {
		return fmt.Sprintf("/rooms/%s/messages?limit=50&before=%d", big.ID, 1+rand.Uint64N(max(1, big.LastSeq)))
	})
	if err != nil {
		return err
	}
	b.rows = append(b.rows, row{fmt.Sprintf("history page of 50 at random in %d, over HTTP", big.Count), "", ms(each.at(.5)), ms(each.at(.99)),
		fmt.Sprintf("empty answer %s / %s", ms(floor.at(.5)), ms(floor.at(.99))), fmt.Sprintf("%.1f / %.1f", ratio(each, floor, .5), ratio(each, floor, .99)), "≤ 250 µs warm at the store, p99"})
	return nil
}

// search measures the newest 20 hits of several kinds of query, over HTTP.
func (b *bench) search(ctx context.Context) error {
	for _, q := range []struct{ name, q string }{
		{"frequent phrase", `"upstream timed out"`}, {"address", "10.0.3.17"}, {"path", "/var/log/nginx/error.log"},
		{"two words", "retried gave"}, {"no hit", "nonesuchword"}, {"date and word", "after:2020-01-01 upstream"},
	} {
		each, err := b.timed(ctx, 200, func(int) string { return "/search?limit=20&q=" + url.QueryEscape(q.q) })
		if err != nil {
			return err
		}
		b.rows = append(b.rows, row{"search, newest 20: " + q.name, "", ms(each.at(.5)), ms(each.at(.99)), "", "", "≤ 1 / 10 ms (later)"})
	}
	return nil
}

func (b *bench) timed(ctx context.Context, n int, path func(int) string) (times, error) {
	var all times
	for i := range n {
		begin := time.Now()
		if err := b.op.call(ctx, "GET", path(i), nil, nil); err != nil {
			return nil, err
		}
		all = append(all, time.Since(begin))
	}
	return all, nil
}
