package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"watchroom/server/account"
	"watchroom/server/fault"
)

// Ntfy publishes to ntfy servers. The way's address is the topic's whole URL, such as https://ntfy.sh/my-topic.
// Format: the publishing API of ntfy, "Publish as JSON".
type Ntfy struct {
	client *http.Client
	token  string
}

// NewNtfy is a sender that may call public addresses and those in allow; token may be empty.
func NewNtfy(allow []netip.Prefix, token string) *Ntfy {
	return &Ntfy{client: guarded(allow), token: token}
}

type ntfyMessage struct {
	Topic    string       `json:"topic"`
	Title    string       `json:"title"`
	Message  string       `json:"message"`
	Priority int          `json:"priority"`
	Tags     []string     `json:"tags"`
	Click    string       `json:"click,omitempty"`
	Actions  []ntfyAction `json:"actions,omitempty"`
}

type ntfyAction struct {
	Action  string            `json:"action"`
	Label   string            `json:"label"`
	URL     string            `json:"url"`
	Method  string            `json:"method,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
	Clear   bool              `json:"clear,omitempty"`
}

// Send publishes one message with an Acknowledge action.
func (n *Ntfy) Send(ctx context.Context, to account.Way, note Note) error {
	topic, err := url.Parse(to.Address)
	if err != nil || topic.Host == "" || (topic.Scheme != "https" && topic.Scheme != "http") {
		return fault.Field("address", "an ntfy address is a topic's whole URL, such as https://ntfy.sh/my-topic")
	}
	name := strings.Trim(topic.Path, "/")
	if name == "" || strings.Contains(name, "/") {
		return fault.Field("address", "the URL must end with the topic's name")
	}
	m := ntfyMessage{Topic: name, Title: note.Title, Message: note.Text, Priority: 5, Tags: []string{"rotating_light"}, Click: note.Link}
	if note.AckURL != "" {
		m.Actions = []ntfyAction{{Action: "http", Label: "Acknowledge", URL: note.AckURL, Method: "POST", Clear: true, Body: note.AckBody,
			Headers: map[string]string{"Content-Type": "application/json", "X-Watchroom": "1"}}}
	}
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, topic.Scheme+"://"+topic.Host+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if n.token != "" {
		req.Header.Set("Authorization", "Bearer "+n.token)
	}
	resp, err := n.client.Do(req)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "ntfy server %s cannot be reached", topic.Host)
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 2048)) // only for the log
	if resp.StatusCode/100 != 2 {
		return fault.Wrap(fmt.Errorf("answer: %s", answer), fault.Unavailable, "ntfy server %s answered %s", topic.Host, resp.Status)
	}
	return nil
}

// guarded is the one outbound client for addresses that people type: it refuses, after the name is resolved, what is not
// public and not listed in allow; it follows no redirects.
func guarded(allow []netip.Prefix) *http.Client {
	dialer := net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		ip := at.Addr().Unmap()
		for _, p := range allow {
			if p.Contains(ip) {
				return nil
			}
		}
		if !ip.IsGlobalUnicast() || ip.IsPrivate() || sharedSpace.Contains(ip) {
			return fault.New(fault.Denied, "%s is not a public address; list it under outbound.allow in the configuration", ip)
		}
		return nil
	}}
	return &http.Client{
		Timeout:       sendTimeout,
		Transport:     &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 5 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// sharedSpace is the carriers' own range (RFC 6598), which IsPrivate does not cover.
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")
