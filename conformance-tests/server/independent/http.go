package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"
)

// From requests to calls, and from outcomes to answers: routes, bodies, headers of P-7, problems of P-4.

const (
	jsonPatience = 30 * time.Second
	blobPatience = 30 * time.Minute
)

type fields map[string]any

// groundHeaders are those of P-7 that every answer bears.
var groundHeaders = map[string]string{
	"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Content-Security-Policy": "default-src 'none'",
}

type problem struct {
	code, detail string
	status       int
	retryAfter   int
	extra        fields
}

func (p problem) Error() string { return p.code }

var (
	malformed = problem{code: "malformed"}
	notFound  = problem{code: "not-found"}
	forbidden = problem{code: "forbidden"}
)

// problems gives status and whether the same request may succeed later.
var problems = map[string]struct {
	status    int
	retryable bool
}{
	"malformed": {400, false}, "unauthorized": {401, false}, "login-refused": {401, false}, "device-refused": {401, false}, "device-revoked": {401, false}, "forbidden": {403, false},
	"registration-closed": {403, false}, "invitation-required": {403, false}, "invitation-refused": {403, false}, "not-found": {404, false},
	"login-taken": {409, false}, "vault-exists": {409, false}, "tag-differs": {409, false}, "number-differs": {409, false},
	"epoch-differs": {409, false}, "epoch-too-high": {409, false}, "roster-behind": {409, false}, "roster-records": {409, false},
	"record-conflict": {409, false}, "record-needs": {409, false}, "body-too-large": {413, false}, "not-the-named-bytes": {422, true},
	"too-many-requests": {429, true}, "internal": {500, true}, "busy": {503, true}, "quota-exceeded": {507, false}, "storage-full": {507, true},
}

type call struct {
	server  *server
	w       http.ResponseWriter
	r       *http.Request
	route   route
	params  map[string]string
	account *account
	claims  claims
	done    []func()
}

type route struct {
	method, pattern string
	// scopes are the tokens that open it; none means that it is open to all.
	scopes string
	// mostBytes is what its body may have.
	mostBytes int64
	// strict routes are limited more than others, since they cost more or let somebody guess.
	strict bool
	handle func(*call) error
}

var routes = []route{
	{"GET", ".well-known/coffre", "", 0, false, discover},
	{"GET", "health/live", "", 0, false, live},
	{"GET", "health/ready", "", 0, false, readiness},
	{"POST", "v1/accounts", "", 16_384, true, register},
	{"POST", "v1/kdf", "", 4096, true, kdf},
	{"POST", "v1/sessions", "", 4096, true, login},
	{"DELETE", "v1/sessions", "full", 0, false, logout},
	{"GET", "v1/vault", "full", 0, false, getVault},
	{"PUT", "v1/vault", "full", 16_384, true, putVault},
	{"PUT", "v1/roster", "full", 360_448, false, putRoster},
	{"POST", "v1/challenges", "", 4096, true, challenge},
	{"POST", "v1/tokens", "", 4096, true, token},
	{"GET", "v1/devices/{device}/head", "append full", 0, false, getHead},
	{"GET", "v1/devices/{device}/epochs", "append full", 0, false, listEpochs},
	{"PUT", "v1/devices/{device}/epochs/{number}", "append", 4096, false, putEpoch},
	{"GET", "v1/devices/{device}/epochs/{number}", "append full", 0, false, getEpoch},
	{"GET", "v1/devices/{device}/records", "append full", 0, false, listRecords},
	{"PUT", "v1/devices/{device}/records/{number}", "append", recordBytes, false, putRecord},
	{"POST", "v1/blobs/missing", "append full", 4096 + 72*idsPerQuery, false, missingBlobs},
	{"PUT", "v1/blobs/{id}", "append full", blobBytes, false, putBlob},
	{"GET", "v1/blobs/{id}", "full", 0, false, getBlob},
	{"HEAD", "v1/blobs/{id}", "full", 0, false, getBlob},
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{server: s, w: w, r: r}
	h := w.Header()
	for name, value := range groundHeaders {
		h.Set(name, value)
	}
	if s.tlsCert != "" {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	defer func() {
		for _, done := range c.done {
			done()
		}
		if fault := recover(); fault == http.ErrAbortHandler {
			panic(fault)
		} else if fault != nil {
			s.log.Error("a request failed", "route", c.route.pattern)
			c.refuse(problem{code: "internal"})
		}
	}()
	if err := c.serve(); err != nil {
		c.refuse(err)
	}
}

func (c *call) serve() error {
	unknown := c.find()
	if err := c.limit(); err != nil {
		return err
	}
	if unknown != nil {
		return unknown
	}
	if c.route.scopes != "" {
		if err := c.authorize(); err != nil {
			return err
		}
	}
	return c.route.handle(c)
}

// find matches the path; an id or number that is not of its form is malformed, as any other field would be.
func (c *call) find() error {
	parts := strings.Split(strings.TrimPrefix(c.r.URL.Path, "/"), "/")
	for _, each := range routes {
		pattern := strings.Split(each.pattern, "/")
		if each.method != c.r.Method || len(pattern) != len(parts) {
			continue
		}
		params, fits, wellFormed := map[string]string{}, true, true
		for i, name := range pattern {
			if !strings.HasPrefix(name, "{") {
				fits = fits && name == parts[i]
				continue
			}
			form := idForm
			if name == "{number}" {
				form = numberForm
			}
			wellFormed = wellFormed && form.MatchString(parts[i])
			params[name] = parts[i]
		}
		if fits {
			c.route, c.params = each, params
			if _, err := c.number(); err != nil || !wellFormed {
				return malformed
			}
			return nil
		}
	}
	return notFound
}

// number is the number in the path, 0 where there is none.
func (c *call) number() (int64, error) {
	text, ok := c.params["{number}"]
	if !ok {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n > maxNumber {
		return 0, malformed
	}
	return n, nil
}

// after is where a page begins.
func (c *call) after() (int64, error) {
	text := c.r.URL.Query().Get("after")
	if text == "" && !c.r.URL.Query().Has("after") || text == "0" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !numberForm.MatchString(text) || n > maxNumber {
		return 0, malformed
	}
	return n, nil
}

// length is what a body will have, or what it may have where it does not say so.
func (c *call) length() (int64, error) {
	if c.r.ContentLength > c.route.mostBytes {
		return 0, problem{code: "body-too-large"}
	}
	if c.r.ContentLength < 0 {
		return c.route.mostBytes, nil
	}
	return c.r.ContentLength, nil
}

// body reads a whole body into memory, bounded before and while it comes.
func (c *call) body() ([]byte, error) {
	length, err := c.length()
	if err != nil {
		return nil, err
	}
	key, most := "address "+c.address(), int64(1<<20)
	if c.account != nil {
		key, most = "account "+c.account.vault, 32<<20
	}
	if !c.server.gathered.take(key, length, most) {
		return nil, problem{code: "too-many-requests", retryAfter: 1}
	}
	c.done = append(c.done, func() { c.server.gathered.take(key, -length, most) })
	http.NewResponseController(c.w).SetReadDeadline(time.Now().Add(jsonPatience))
	b, err := io.ReadAll(io.LimitReader(c.r.Body, c.route.mostBytes+1))
	if err != nil {
		return nil, malformed
	}
	if int64(len(b)) > c.route.mostBytes {
		return nil, problem{code: "body-too-large"}
	}
	return b, nil
}

// object is a body of JSON. Names are compared exactly, and what is unknown is ignored (P-3).
type object struct {
	members map[string]json.RawMessage
	bad     bool
}

func (c *call) json() (*object, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	o := &object{}
	o.bad = !utf8.Valid(b) || json.Unmarshal(b, &o.members) != nil
	return o, nil
}

func (o *object) text(name string) string {
	text, ok := o.optional(name, maxFrame)
	o.bad = o.bad || !ok
	return text
}

func (o *object) optional(name string, most int) (text string, there bool) {
	raw, there := o.members[name]
	if there && (raw[0] != '"' || json.Unmarshal(raw, &text) != nil || utf8.RuneCountInString(text) > most) {
		o.bad = true
	}
	return text, there
}

func (o *object) bytes(name string) []byte {
	text := o.text(name)
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	o.bad = o.bad || err != nil || strings.ContainsAny(text, "\r\n")
	return b
}

func (o *object) list(name string, most int) []string {
	var items []string
	raw, there := o.members[name]
	o.bad = o.bad || !there || raw[0] != '[' || json.Unmarshal(raw, &items) != nil || len(items) > most
	for _, item := range items {
		o.bad = o.bad || !idForm.MatchString(item)
	}
	return items
}

func (o *object) id(name string) string {
	id := o.text(name)
	o.bad = o.bad || !idForm.MatchString(id)
	return id
}

func (c *call) answer(status int, body fields) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "application/json")
	return c.raw(status, b)
}

func (c *call) octets(b []byte) error {
	c.w.Header().Set("Content-Type", "application/octet-stream")
	return c.raw(200, b)
}

func (c *call) raw(status int, b []byte) error {
	if status != 204 {
		c.w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	}
	// Rows may be locked meanwhile: a client that does not read its answer is not waited for.
	http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(jsonPatience))
	c.w.WriteHeader(status)
	c.w.Write(b)
	return nil
}

// refuse answers with a problem, after what is left of a body that was refused early.
func (c *call) refuse(err error) {
	var p problem
	if !errors.As(err, &p) {
		c.server.log.Error("a request failed", "route", c.route.pattern, "problem", systemCode(err))
		p = problem{code: "internal"}
	}
	known := problems[p.code]
	if p.status == 0 {
		p.status = known.status
	}
	c.drain()
	body := fields{"type": "urn:coffre:problem:" + p.code, "title": strings.ReplaceAll(p.code, "-", " "), "status": p.status, "retryable": known.retryable}
	if p.detail != "" {
		body["detail"] = p.detail
	}
	for name, value := range p.extra {
		body[name] = value
	}
	if p.status == 401 {
		c.w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if p.status == 429 || p.status == 503 {
		c.w.Header().Set("Retry-After", strconv.Itoa(max(p.retryAfter, 1)))
	}
	b, _ := json.Marshal(body)
	c.w.Header().Set("Content-Type", "application/problem+json")
	c.raw(p.status, b)
}

// drain throws away as much of a body as the route takes, so that a client which is still sending hears the answer; what is
// more ends the connection.
func (c *call) drain() {
	if c.r.Body == http.NoBody {
		return
	}
	if c.r.Header.Get("Expect") == "" {
		http.NewResponseController(c.w).SetReadDeadline(time.Now().Add(jsonPatience))
		io.CopyN(io.Discard, c.r.Body, c.route.mostBytes)
		if n, err := c.r.Body.Read(make([]byte, 1)); n == 0 && err == io.EOF {
			return
		}
	}
	c.w.Header().Set("Connection", "close")
}

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func discover(c *call) error {
	return c.answer(200, fields{
		"protocols": []string{"1"}, "software": "coffre-independent", "features": []string{}, "registration": c.server.registration, "serverKey": c.server.serverKey(),
		"limits": fields{"blobBytes": blobBytes, "recordBytes": recordBytes, "idsPerQuery": idsPerQuery, "idsPerRecord": idsPerRecord}, "time": timeText(nowMs()),
	})
}

func live(c *call) error { return c.answer(200, fields{"status": "ok"}) }

func readiness(c *call) error {
	if err := c.server.ready(); isFull(err) {
		return problem{code: "storage-full", status: 503}
	} else if err != nil {
		return diskProblem(err)
	}
	return live(c)
}

func nowMs() int64 { return time.Now().UnixMilli() }

func timeText(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
}

func shutdown(h *http.Server, patience time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	h.Shutdown(ctx)
}
