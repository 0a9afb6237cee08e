package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"

	"watchroom/server/account"
	"watchroom/server/id"
	"watchroom/server/incident"
	"watchroom/server/oncall"
)

type ownerLinkCmd struct{}

// Run prints a one-time link that makes an owner.
func (ownerLinkCmd) Run(ctx context.Context, c *cli) error {
	op, err := operator(c)
	if err != nil {
		return err
	}
	var out struct {
		URL string `json:"url"`
	}
	if err := op.call(ctx, "POST", "/owner-link", nil, &out); err != nil {
		return err
	}
	fmt.Println(out.URL)
	return nil
}

type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Add a person; prints a link that sets the password."`
	List    userListCmd    `cmd:"" help:"List people."`
	Disable userDisableCmd `cmd:"" help:"Disable somebody: sessions and tokens end at once."`
	Role    userRoleCmd    `cmd:"" help:"Change somebody's role."`
}

// person finds somebody by handle, with or without the @.
func person(ctx context.Context, op *client, handle string) (account.Person, error) {
	var all []account.Person
	if err := op.call(ctx, "GET", "/people", nil, &all); err != nil {
		return account.Person{}, err
	}
	for _, p := range all {
		if p.Handle == strings.TrimPrefix(handle, "@") {
			return p, nil
		}
	}
	return account.Person{}, fmt.Errorf("there is nobody called %s", handle)
}

type userAddCmd struct {
	Handle string `arg:"" help:"What follows the @."`
	Name   string `help:"The name on the screen; the handle when left out."`
	Role   string `enum:"owner,admin,member,guest" default:"member" help:"owner, admin, member or guest."`
	Bot    bool   `help:"A bot account: it signs in by token only."`
}

// Run adds a person.
func (u userAddCmd) Run(ctx context.Context, c *cli) error {
	op, err := operator(c)
	if err != nil {
		return err
	}
	var out struct {
		Person account.Person `json:"person"`
		URL    string         `json:"url"`
	}
	in := account.AddIn{Handle: strings.TrimPrefix(u.Handle, "@"), Name: or(u.Name, u.Handle), Role: account.Role(u.Role), Bot: u.Bot}
	if err := op.call(ctx, "POST", "/people", in, &out); err != nil {
		return err
	}
	fmt.Printf("%s is %s.\n", "@"+out.Person.Handle, out.Person.Role)
	if out.URL != "" {
		fmt.Println(out.URL)
	}
	return nil
}

type userListCmd struct{}

// Run lists people.
func (userListCmd) Run(ctx context.Context, c *cli) error {
	op, err := operator(c)
	if err != nil {
		return err
	}
	var all []account.Person
	if err := op.call(ctx, "GET", "/people", nil, &all); err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "HANDLE\tNAME\tROLE\tKIND\tSTATE")
	for _, p := range all {
		kind, state := "person", "active"
		if p.Bot {
			kind = "bot"
		}
		if p.Disabled {
			state = "disabled"
		}
		fmt.Fprintf(w, "@%s\t%s\t%s\t%s\t%s\n", p.Handle, p.Name, p.Role, kind, state)
	}
	return w.Flush()
}

type userDisableCmd struct {
	Handle string `arg:""`
}

// Run disables somebody.
func (u userDisableCmd) Run(ctx context.Context, c *cli) error {
	return patchPerson(ctx, c, u.Handle, map[string]any{"disabled": true})
}

type userRoleCmd struct {
	Handle string `arg:""`
	Role   string `arg:"" enum:"owner,admin,member,guest"`
}

// Run changes a role.
func (u userRoleCmd) Run(ctx context.Context, c *cli) error {
	return patchPerson(ctx, c, u.Handle, map[string]any{"role": u.Role})
}

func patchPerson(ctx context.Context, c *cli, handle string, patch map[string]any) error {
	op, err := operator(c)
	if err != nil {
		return err
	}
	p, err := person(ctx, op, handle)
	if err != nil {
		return err
	}
	return op.call(ctx, "PATCH", "/people/"+url.PathEscape(string(p.ID)), patch, nil)
}

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Create a token for somebody; it is printed once."`
	Revoke tokenRevokeCmd `cmd:"" help:"Revoke a token at once."`
}

type tokenCreateCmd struct {
	Handle string `arg:"" help:"Whose token it is: a bot, or a person."`
	Name   string `arg:"" help:"What it is for."`
	Days   int    `help:"Days until it expires; 0: never." default:"0"`
}

// Run creates a token.
func (t tokenCreateCmd) Run(ctx context.Context, c *cli) error {
	op, err := operator(c)
	if err != nil {
		return err
	}
	p, err := person(ctx, op, t.Handle)
	if err != nil {
		return err
	}
	var out struct {
		Token  account.Token `json:"token"`
		Secret string        `json:"secret"`
	}
	if err := op.call(ctx, "POST", "/tokens", account.TokenIn{Name: t.Name, Person: p.ID, Days: t.Days}, &out); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "Token %s for @%s. It is shown this once:\n", out.Token.ID, p.Handle)
	fmt.Println(out.Secret)
	return nil
}

type tokenRevokeCmd struct {
	ID string `arg:"" help:"The token's name, t_…"`
}

// Run revokes a token.
func (t tokenRevokeCmd) Run(ctx context.Context, c *cli) error {
	op, err := operator(c)
	if err != nil {
		return err
	}
	return op.call(ctx, "DELETE", "/tokens/"+url.PathEscape(t.ID), nil, nil)
}

type integrationCmd struct {
	Add    integrationAddCmd    `cmd:"" help:"Make a way in; prints the URL to paste into the sender."`
	List   integrationListCmd   `cmd:"" help:"List the ways in."`
	Rotate integrationRotateCmd `cmd:"" help:"Make a new key; the old one works for 24 hours more."`
	Pause  integrationPauseCmd  `cmd:"" help:"Keep one from paging, or let it page again."`
	Remove integrationRemoveCmd `cmd:"" help:"Remove one; its incidents stay."`
}

func integrationNamed(ctx context.Context, op *client, name string) (incident.Integration, error) {
	var all []incident.Integration
	if err := op.call(ctx, "GET", "/integrations", nil, &all); err != nil {
		return incident.Integration{}, err
	}
	for _, in := range all {
		if in.Name == name || string(in.ID) == name {
			return in, nil
		}
	}
	return incident.Integration{}, fmt.Errorf("there is no integration called %s", name)
}

type keyed struct {
	Integration incident.Integration `json:"integration"`
	Key         string               `json:"key"`
	URL         string               `json:"url"`
}

func (k keyed) print() {
	fmt.Fprintf(os.Stderr, "%s (%s). Shown this once:\n", k.Integration.Name, k.Integration.Kind)
	fmt.Println(k.URL)
	if k.Integration.Kind == incident.KindPagerDuty {
		fmt.Println("routing_key:", k.Key)
	}
}

type integrationAddCmd struct {
	Kind   string `arg:"" enum:"alertmanager,pagerduty,slack,json" help:"alertmanager, pagerduty, slack or json."`
	Name   string `arg:""`
	Room   string `help:"Default room, such as #ops; the team's when left out."`
	Team   string `help:"Team; the first when left out."`
	Policy string `help:"Escalation policy; the team's when left out."`
}

// Run makes an integration.
func (i integrationAddCmd) Run(ctx context.Context, c *cli) error {
	op, err := operator(c)
	if err != nil {
		return err
	}
	in := incident.IntegrationIn{Kind: incident.Kind(i.Kind), Name: i.Name}
	if in.Room, err = roomNamed(ctx, op, i.Room); err != nil {
		return err
	}
	if in.Team, err = nounNamed[id.Team](ctx, op, "/teams", i.Team); err != nil {
		return err
	}
	if in.Policy, err = nounNamed[id.Policy](ctx, op, "/policies", i.Policy); err != nil {
		return err
	}
	var out keyed
	if err := op.call(ctx, "POST", "/integrations", in, &out); err != nil {
		return err
	}
	out.print()
	return nil
}

// roomNamed is the room called #name; "" is no room.
func roomNamed(ctx context.Context, op *client, name string) (id.Room, error) {
	name = strings.TrimPrefix(name, "#")
	if name == "" {
		return "", nil
	}
	var v struct {
		Room struct {
			ID id.Room `json:"id"`
		} `json:"room"`
	}
	err := op.call(ctx, "GET", "/rooms/~"+url.PathEscape(name), nil, &v)
	return v.Room.ID, err
}

// nounNamed is the id of the team or policy called name; "" is none.
func nounNamed[ID ~string](ctx context.Context, op *client, path, name string) (ID, error) {
	if name == "" {
		return "", nil
	}
	var all []struct {
		ID   ID     `json:"id"`
		Name string `json:"name"`
	}
	if err := op.call(ctx, "GET", path, nil, &all); err != nil {
		return "", err
	}
	for _, v := range all {
		if v.Name == name || string(v.ID) == name {
			return v.ID, nil
		}
	}
	return "", fmt.Errorf("there is no %q under %s", name, path)
}

type integrationListCmd struct{}

// Run lists integrations.
func (integrationListCmd) Run(ctx context.Context, c *cli) error {
	op, err := operator(c)
	if err != nil {
		return err
	}
	var all []incident.Integration
	if err := op.call(ctx, "GET", "/integrations", nil, &all); err != nil {
		return err
	}
	var teams []oncall.Team
	if err := op.call(ctx, "GET", "/teams", nil, &teams); err != nil {
		return err
	}
	names := map[id.Team]string{}
	for _, t := range teams {
		names[t.ID] = t.Name
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tKIND\tTEAM\tKEY\tSTATE\tLAST SEEN")
	for _, in := range all {
		state, seen := "active", "never"
		if in.Paused != 0 {
			state = "paused"
		}
		if in.LastSeen != 0 {
			seen = in.LastSeen.Time().Format("2006-01-02 15:04:05Z")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t…%s\t%s\t%s\n", in.Name, in.Kind, names[in.Team], in.Hint, state, seen)
	}
	return w.Flush()
}

type integrationRotateCmd struct {
	Name string `arg:""`
}

// Run makes a new key.
func (i integrationRotateCmd) Run(ctx context.Context, c *cli) error {
	var out keyed
	if err := integrationCall(ctx, c, i.Name, "POST", "/rotate", nil, &out); err != nil {
		return err
	}
	out.print()
	return nil
}

type integrationPauseCmd struct {
	Name    string `arg:""`
	Minutes int    `help:"For how long; 0: until resumed."`
	Resume  bool   `help:"Let it page again."`
}

// Run pauses or resumes.
func (i integrationPauseCmd) Run(ctx context.Context, c *cli) error {
	return integrationCall(ctx, c, i.Name, "POST", "/pause", map[string]any{"minutes": i.Minutes, "resume": i.Resume}, nil)
}

type integrationRemoveCmd struct {
	Name string `arg:""`
}

// Run removes an integration.
func (i integrationRemoveCmd) Run(ctx context.Context, c *cli) error {
	return integrationCall(ctx, c, i.Name, "DELETE", "", nil, nil)
}

func integrationCall(ctx context.Context, c *cli, name, method, verb string, in, out any) error {
	op, err := operator(c)
	if err != nil {
		return err
	}
	found, err := integrationNamed(ctx, op, name)
	if err != nil {
		return err
	}
	return op.call(ctx, method, "/integrations/"+url.PathEscape(string(found.ID))+verb, in, out)
}
