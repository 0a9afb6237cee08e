package web

import (
	"context"
	"errors"
	"net/http"
	"path"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"

	"watchroom/server/account"
	"watchroom/server/fault"
	"watchroom/store"
)

// Problem is every error answer of the API (RFC 9457).
type Problem struct {
	Type    string     `json:"type"`
	Title   string     `json:"title"`
	Status  int        `json:"status"`
	Detail  string     `json:"detail" doc:"what happened, in words for the user"`
	Kind    fault.Kind `json:"kind"`
	Field   string     `json:"field,omitempty" doc:"the input field that is wrong"`
	Request string     `json:"request,omitempty" doc:"names this request in the server's log"`
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders says when to come back, where coming back helps.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests {
		h.Set("Retry-After", "5")
	}
	return h
}

// ContentType is problem+json.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// problem is what the client may know of err; what nobody classified is logged here, once, and hidden.
func (s *Server) problem(err error, request string) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	kind := fault.KindOf(err)
	words := fault.Words(err)
	if kind == fault.Internal {
		switch {
		case errors.Is(err, store.ErrUnavailable):
			kind, words = fault.Unavailable, "the store cannot write now; nothing was changed, try again"
		case errors.Is(err, context.DeadlineExceeded):
			kind, words = fault.Unavailable, "this took too long; it may or may not have happened"
		}
		s.o.Log.Error("request failed", "request", request, "error", err)
	}
	p := &Problem{Type: "about:blank", Status: statuses[kind], Title: http.StatusText(statuses[kind]), Detail: words, Kind: kind, Request: request}
	if fe, ok := errors.AsType[*fault.Error](err); ok {
		p.Field = fe.Field
	}
	return p
}

type actorKey struct{}

// whole is an answer whose body is T.
type whole[T any] struct{ Body T }

// none is an answer or an input without a body.
type none struct{}

func reply[T any](v T, err error) (*whole[T], error) {
	if err != nil {
		return nil, err
	}
	return &whole[T]{Body: v}, nil
}

func done(err error) (*none, error) { return nil, err }

func operation(method, path, summary string) huma.Operation {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	name := strings.NewReplacer("/", "-", "{", "", "}", "", "_", "-").Replace(strings.Trim(path, "/"))
	return huma.Operation{
		OperationID: strings.ToLower(method) + "-" + name, Method: method, Path: "/api/v1" + path,
		Summary: summary, Tags: []string{parts[0]}, Errors: []int{401, 403, 404, 409, 422, 503},
	}
}

// secured registers an operation for people who are signed in: it reads the actor once; below it the actor is an argument.
func secured[I, O any](s *Server, op huma.Operation, fn func(ctx context.Context, who account.Actor, in *I) (*O, error)) {
	op.Security = []map[string][]string{{"session": {}}, {"token": {}}}
	op.Middlewares = append(op.Middlewares, s.authenticate)
	register(s, op, func(ctx context.Context, in *I) (*O, error) {
		who, _ := ctx.Value(actorKey{}).(account.Actor)
		return fn(ctx, who, in)
	})
}

// inside is secured, and not for guests: it tells how the team works.
func inside[I, O any](s *Server, op huma.Operation, fn func(ctx context.Context, who account.Actor, in *I) (*O, error)) {
	secured(s, op, func(ctx context.Context, who account.Actor, in *I) (*O, error) {
		if who.Role == account.Guest {
			return nil, fault.New(fault.Denied, "guests may not do this")
		}
		return fn(ctx, who, in)
	})
}

// open registers an operation that needs no sign-in.
func open[I, O any](s *Server, op huma.Operation, fn func(ctx context.Context, in *I) (*O, error)) {
	op.Middlewares = append(op.Middlewares, func(hc huma.Context, next func(huma.Context)) {
		if err := s.sameOrigin(humafiber.Unwrap(hc)); err != nil && !s.trusted {
			s.refuse(hc, err)
			return
		}
		next(hc)
	})
	register(s, op, fn)
}

func register[I, O any](s *Server, op huma.Operation, fn func(ctx context.Context, in *I) (*O, error)) {
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		request, _ := ctx.Value(keyRequest).(string)
		ctx, cancel := context.WithTimeout(ctx, useTimeout)
		defer cancel()
		out, err := fn(ctx, in)
		if err != nil {
			return nil, s.problem(err, request)
		}
		return out, nil
	})
}

func (s *Server) authenticate(hc huma.Context, next func(huma.Context)) {
	who, err := s.actor(humafiber.Unwrap(hc))
	if err != nil {
		s.refuse(hc, err)
		return
	}
	next(huma.WithValue(hc, actorKey{}, who))
}

func (s *Server) refuse(hc huma.Context, err error) {
	c := humafiber.Unwrap(hc)
	if e := s.fail(c, err); e != nil {
		s.o.Log.Error("answer not written", "error", e)
	}
}

// humaErrors makes huma's own errors (a body that does not fit the schema) speak like all others.
var humaErrors = sync.OnceFunc(func() {
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		kind := fault.Invalid
		for k, v := range statuses {
			if v == status {
				kind = k
			}
		}
		p := &Problem{Type: "about:blank", Status: status, Title: http.StatusText(status), Detail: msg, Kind: kind}
		for i, err := range errs {
			if d, ok := errors.AsType[*huma.ErrorDetail](err); ok && i == 0 {
				p.Field = strings.TrimPrefix(d.Location, "body.")
				p.Detail = p.Field + ": " + d.Message
			} else if i == 0 && err != nil {
				p.Detail = msg + ": " + clip(err.Error())
			}
		}
		return p
	}
})

// schemaName names a type in the description: by its own name, with its package's before it where two share that.
func schemaName() func(reflect.Type, string) string {
	owners := map[string]reflect.Type{}
	return func(t reflect.Type, hint string) string {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		name := huma.DefaultSchemaNamer(t, hint)
		if first, taken := owners[name]; taken && first != t {
			pkg := path.Base(t.PkgPath())
			return strings.ToUpper(pkg[:1]) + pkg[1:] + name
		}
		owners[name] = t
		return name
	}
}

func (s *Server) rest() {
	humaErrors()
	config := huma.DefaultConfig("Watchroom", s.o.Version)
	config.OpenAPIPath = "/api/v1/openapi"
	config.DocsPath = ""
	config.SchemasPath = ""
	config.CreateHooks = nil // no $schema links in answers
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName())
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: s.cookieName(accessCookie)},
		"token":   {Type: "http", Scheme: "bearer"},
	}
	s.api = humafiber.New(s.app, config)
	s.sessionRoutes()
	s.peopleRoutes()
	s.roomRoutes()
	s.messageRoutes()
	s.incidentRoutes()
	s.oncallRoutes()
	s.integrationRoutes()
	s.operatorRoutes()
}
