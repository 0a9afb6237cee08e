package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

var (
	checkout = demoAlert{"CheckoutErrorRate", "checkout", "critical", "checkout-api: error rate 41 % (SLO 0.1 %)", "prod-eu-1", "https://runbooks.harbour.example/checkout"}
	diskFull = demoAlert{"DiskFilling", "postgres", "warning", "db-2: /var/lib/postgresql is 81 % full, 9 h left", "db-2:9100", "https://runbooks.harbour.example/disk"}
	certs    = demoAlert{"CertificateExpires", "edge", "warning", "www.harbour.example: certificate valid for 13 more days", "edge-1:443", ""}
	queue    = demoAlert{"QueueDepth", "mailer", "warning", "mailer: 2,140 mails wait, oldest 6 min", "mailer-1:9102", ""}
	nightly  = demoAlert{"BackupLate", "postgres", "info", "db-1: nightly backup took 74 min (usually 40)", "db-1:9100", ""}
)

// past writes three days of talk, two incidents that are over, and one that is open.
func (s *stage) past(ctx context.Context) error {
	for _, step := range []func(context.Context) error{s.twoDaysAgo, s.yesterday, s.today} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

type line struct {
	ago             time.Duration
	room, who, text string
}

func (s *stage) lines(ctx context.Context, all []line) error {
	for _, l := range all {
		if err := s.say(ctx, l.ago, l.room, l.who, l.text); err != nil {
			return err
		}
	}
	return nil
}

func hours(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }

func (s *stage) twoDaysAgo(ctx context.Context) error {
	err := s.lines(ctx, []line{
		{hours(56), "general", "mia", "Morning. Coffee machine on the second floor is back."},
		{hours(55.5), "handover", "ben", "Handing over to @ann. Quiet week; `db-2` fills up faster than it should, ticket is open."},
		{hours(55.4), "handover", "ann", "Taking over. Armed here and on the phone by ntfy."},
		{hours(54), "deploys", "deploybot", "**checkout-api** `4f21c8e` → production, by chen"},
		{hours(53.9), "deploys", "chen", "That one moves the payment timeout into the config. Watching it."},
	})
	if err != nil {
		return err
	}
	s.clock.ago(hours(53.5))
	if err := s.fire(ctx, checkout, "firing"); err != nil {
		return err
	}
	inc, err := s.newest(ctx)
	if err != nil {
		return err
	}
	room := s.priority(ctx, string(inc.Room))
	s.clock.ago(hours(53.49))
	if err := s.act(ctx, "ann", inc.ID, "acknowledge"); err != nil {
		return err
	}
	err = s.lines(ctx, []line{
		{hours(53.48), room, "ann", "Looking. Errors began at 13:58, two minutes after the deploy."},
		{hours(53.46), room, "chen", "Deploy `4f21c8e` looks correlated: the new timeout is read as **milliseconds**, we wrote seconds."},
		{hours(53.45), room, "ann", "```\n2026-11-19T13:58:04Z ERROR checkout-api upstream timed out after 3 ms\n2026-11-19T13:58:04Z ERROR checkout-api ERR_UPSTREAM_TIMEOUT 10.0.3.17:8443\n2026-11-19T13:58:05Z WARN  checkout-api retrying, attempt 2 of 3\n2026-11-19T13:58:05Z ERROR checkout-api ERR_UPSTREAM_TIMEOUT 10.0.3.17:8443\n```"},
		{hours(53.43), room, "farid", "Roll back? I can do it now."},
		{hours(53.42), room, "ann", "Yes, roll back to `9be0a11`."},
		{hours(53.38), room, "farid", "Done, 12 of 12 pods."},
	})
	if err != nil {
		return err
	}
	s.clock.ago(hours(53.3))
	if err := s.fire(ctx, checkout, "resolved"); err != nil {
		return err
	}
	s.clock.ago(hours(53.25))
	if err := s.act(ctx, "ann", inc.ID, "resolve"); err != nil && !strings.Contains(err.Error(), "resolved") {
		return err
	}
	return s.say(ctx, hours(53.2), "ops", "ann", "Checkout is well again: 14 minutes, one bad timeout unit. Post-mortem tomorrow at ten.")
}

// priority is a room's name for say: incidents' own rooms are found by id.
func (s *stage) priority(ctx context.Context, room string) string {
	var v struct {
		Room struct {
			Name string `json:"name"`
		} `json:"room"`
	}
	if err := s.op.call(ctx, "GET", "/rooms/"+room, nil, &v); err != nil {
		return "ops"
	}
	for _, who := range []string{"ann", "chen", "farid"} {
		if err := s.tokens[who].call(ctx, "POST", "/rooms/"+room+"/join", nil, nil); err != nil {
			return "ops"
		}
	}
	return v.Room.Name
}

func (s *stage) yesterday(ctx context.Context) error {
	err := s.lines(ctx, []line{
		{hours(30), "deploys", "deploybot", "**web** `c07d9aa` → staging, by mia"},
		{hours(29.5), "deploys", "mia", "Staging looks good. Production after lunch, unless somebody objects."},
		{hours(29.4), "deploys", "dora", "Fine with me. Mind the cache: last time `/var/cache/nginx` had to be emptied by hand."},
		{hours(28), "deploys", "deploybot", "**web** `c07d9aa` → production, by mia"},
		{hours(27), "db", "dora", "Vacuum on `orders` went from 40 to 12 minutes with `maintenance_work_mem = 2GB`."},
		{hours(26.9), "db", "farid", "Nice. Same on the replica?"},
		{hours(26.8), "db", "dora", "Not yet:\n\n1. wait for tonight's backup\n2. set it on `db-2`\n3. compare"},
		{hours(26), "general", "ben", "Lunch at the harbour? The fish place is open again."},
	})
	if err != nil {
		return err
	}
	s.clock.ago(hours(22))
	if err := s.fire(ctx, nightly, "firing"); err != nil {
		return err
	}
	s.clock.ago(hours(20))
	if err := s.fire(ctx, certs, "firing"); err != nil {
		return err
	}
	s.clock.ago(hours(19))
	return s.fire(ctx, certs, "resolved")
}

func (s *stage) today(ctx context.Context) error {
	err := s.lines(ctx, []line{
		{hours(4), "handover", "ann", "Night was quiet. Certificate on the edge is renewed."},
		{hours(3.5), "general", "mia", "New runbook template is in the wiki, please have a look: <https://wiki.harbour.example/runbooks>"},
		{hours(3), "deploys", "deploybot", "**checkout-api** `71d0c3b` → staging, by chen"},
		{hours(2.9), "deploys", "chen", "Timeout unit fixed **and** checked at start: `timeout must carry a unit, got \"3000\"`."},
		{hours(2.8), "deploys", "ann", "Thank you. A test for it too?"},
		{hours(2.7), "deploys", "chen", "There is: `TestTimeoutNeedsUnit`."},
	})
	if err != nil {
		return err
	}
	s.clock.ago(hours(1.5))
	if err := s.fire(ctx, diskFull, "firing"); err != nil {
		return err
	}
	return s.lines(ctx, []line{
		{hours(1.4), "db", "dora", "`db-2` again. It is `pg_wal`: replication slot `analytics` is not read since Tuesday."},
		{hours(1.3), "db", "farid", "analytics moved to the new host on Tuesday. I will drop the slot after @mia confirms."},
		{hours(1.2), "db", "mia", "Confirmed, nobody reads it."},
		{hours(0.5), "ops", "ben", "Game day is on Thursday. Who wants to break something?"},
		{hours(0.4), "ops", "farid", "Me."},
		{hours(0.1), "general", "chen", "Tea is ready."},
	})
}

// live lets monitors fail and recover until ctx ends: a low one every minute or two, a critical one soon and then every ten minutes.
func (s *stage) live(ctx context.Context) {
	critical := time.NewTimer(40 * time.Second)
	defer critical.Stop()
	low := time.NewTicker(75 * time.Second)
	defer low.Stop()
	talk := time.NewTicker(20 * time.Second)
	defer talk.Stop()
	var firing bool
	report := func(err error) {
		if err != nil && ctx.Err() == nil {
			fmt.Println("demo:", err)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-critical.C:
			status := "firing"
			if firing {
				status = "resolved"
			}
			report(s.fire(ctx, checkout, status))
			firing = !firing
			critical.Reset(5 * time.Minute)
		case <-low.C:
			report(s.fire(ctx, queue, []string{"firing", "resolved"}[rand.IntN(2)]))
		case <-talk.C:
			l := smallTalk[rand.IntN(len(smallTalk))]
			report(s.say(ctx, 0, l.room, l.who, l.text))
		}
	}
}

var smallTalk = []line{
	{0, "deploys", "deploybot", "**web** `e41f0d2` → staging, by mia"},
	{0, "general", "mia", "Does anybody have the link to the capacity sheet?"},
	{0, "db", "dora", "Replica lag is 40 ms, back to normal."},
	{0, "deploys", "chen", "Canary is at 10 %, error rate flat."},
	{0, "ops", "ben", "Updated the on-call guide: what to do in the first five minutes."},
	{0, "db", "farid", "Slot `analytics` is dropped, `pg_wal` is shrinking."},
	{0, "general", "ben", "Stand-up in five."},
}
