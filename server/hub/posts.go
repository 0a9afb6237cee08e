package hub

import (
	"context"
	"sync"
)

// maxPosts is how many posts of one socket may be on their way; the next frame waits.
const maxPosts = 128

// posts are the posts of one socket that were started and not answered yet, in their order. The reader of the socket
// adds them, so that many share a commit; Serve answers them.
type posts struct {
	more chan struct{} // has room for one: a post was added to none
	less chan struct{} // has room for one: a post was answered

	mu   sync.Mutex
	list []*post
}

// post is one of them.
type post struct {
	Posting
	nonce  string
	ctx    context.Context
	cancel context.CancelFunc
}

// known is closed when the outcome is known. The nil post never has one.
func (p *post) known() <-chan struct{} {
	if p == nil {
		return nil
	}
	return p.Done
}

// late is closed when it took too long.
func (p *post) late() <-chan struct{} {
	if p == nil {
		return nil
	}
	return p.ctx.Done()
}

func newPosts() posts { return posts{more: make(chan struct{}, 1), less: make(chan struct{}, 1)} }

// add appends a post.
func (p *posts) add(one *post) {
	if one.Done == nil {
		done := make(chan struct{})
		close(done)
		one.Done = done
	}
	p.mu.Lock()
	p.list = append(p.list, one)
	n := len(p.list)
	p.mu.Unlock()
	if n == 1 {
		notify(p.more)
	}
}

// first is the post to be answered next, or nil.
func (p *posts) first() *post {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.list) == 0 {
		return nil
	}
	return p.list[0]
}

// pop forgets the first one.
func (p *posts) pop() {
	p.mu.Lock()
	p.list[0].cancel()
	p.list[0] = nil
	if p.list = p.list[1:]; len(p.list) == 0 {
		p.list = nil // an idle socket keeps nothing
	}
	p.mu.Unlock()
	notify(p.less)
}

// below waits until fewer than n are on their way, or the session ends.
func (p *posts) below(ctx context.Context, n int) error {
	for {
		p.mu.Lock()
		have := len(p.list)
		p.mu.Unlock()
		if have < n {
			return nil
		}
		select {
		case <-p.less:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
