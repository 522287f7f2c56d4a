package main

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
)

// Tokens (P-31) and the challenges that a device answers to get one (P-30). Neither needs a row to begin, only to end.

const (
	fullLife      = 60 * time.Minute
	appendLife    = 15 * time.Minute
	challengeLife = 5 * time.Minute
	issuer        = "coffre-independent"
)

type claims struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Vault    string `json:"sub"`
	Device   string `json:"device,omitempty"`
	Scope    string `json:"scope"`
	ID       string `json:"jti"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

// tokenHeader is the only header that is ever made, so it is the only one that is taken: no other algorithm, no other key.
func (s *server) tokenHeader() string {
	key := hashOf(s.tokenKey.Public().(ed25519.PublicKey))
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"EdDSA","typ":"JWT","kid":"` + key[:16] + `"}`))
}

func (s *server) audience(scope string) string {
	return "coffre/" + scope + "/" + hex.EncodeToString(s.serverKey())
}

func (s *server) newToken(scope, vault, device string, life time.Duration) (token, expiresAt string) {
	now := time.Now().Unix()
	made := claims{issuer, s.audience(scope), vault, device, scope, randomText(), now, now + int64(life.Seconds())}
	payload, err := json.Marshal(made)
	if err != nil {
		panic(err)
	}
	text := s.tokenHeader() + "." + base64.RawURLEncoding.EncodeToString(payload)
	signature := ed25519.Sign(s.tokenKey, []byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), timeText(made.Expires * 1000)
}

func (s *server) readToken(token string) (made claims, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || parts[0] != s.tokenHeader() {
		return made, false
	}
	coding := base64.RawURLEncoding.Strict()
	signature, err := coding.DecodeString(parts[2])
	if err != nil || !ed25519.Verify(s.tokenKey.Public().(ed25519.PublicKey), []byte(parts[0]+"."+parts[1]), signature) {
		return made, false
	}
	payload, err := coding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &made) != nil {
		return made, false
	}
	now := time.Now().Unix()
	scoped := made.Scope == "full" && made.Device == "" || made.Scope == "append" && made.Device != ""
	return made, scoped && made.Issuer == issuer && made.Audience == s.audience(made.Scope) && made.Issued <= now && now < made.Expires
}

// authorize finds the account of a token and whether the token opens this route and this path.
func (c *call) authorize() error {
	refused := problem{code: "unauthorized"}
	scheme, token, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	made, ok := c.server.readToken(token)
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return refused
	}
	a := c.server.account(made.Vault)
	if a == nil {
		return refused
	}
	if a.unreadable {
		return problem{code: "busy"}
	}
	c.account, c.claims = a, made
	a.mu.Lock()
	defer a.mu.Unlock()
	if !c.stillOpen() {
		return c.closedBy()
	}
	if err := c.within("account "+a.vault, requestsPerMinute); err != nil {
		return err
	}
	if !strings.Contains(c.route.scopes, made.Scope) {
		return forbidden
	}
	device, named := c.params["{device}"]
	if named && a.roster.devices[device] == nil {
		return notFound
	}
	if named && made.Scope == "append" && device != made.Device {
		return forbidden
	}
	return nil
}

// stillOpen asks the rows: a device may be revoked and a session ended while a body is on its way. The account's mu is held.
func (c *call) stillOpen() bool {
	_, spent := c.account.spent[c.claims.ID]
	return !spent && (c.claims.Scope == "full" || c.account.openDevice(c.claims.Device))
}

// closedBy says why a token that was good opens nothing any more: its device was revoked, or its session has ended.
func (c *call) closedBy() problem {
	if c.claims.Scope == "append" && c.account.revokedDevice(c.claims.Device) {
		return problem{code: "device-revoked"}
	}
	return problem{code: "unauthorized"}
}

func (s *server) account(vault string) *account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byVault[vault]
}

// A challenge is time(8) ‖ random(8) ‖ the first half of a MAC over both, vault and device: drawing one writes nothing.
func (s *server) newChallenge(vault, device string, expiresMs int64, salt []byte) []byte {
	b := append(binary.BigEndian.AppendUint64(nil, uint64(expiresMs)), salt...)
	return append(b, s.secretHash("challenge", vault+device, b)[:16]...)
}

func (s *server) secretHash(purpose, text string, b []byte) []byte {
	mac := hmac.New(sha256.New, s.decoyKey)
	mac.Write([]byte(purpose + "\x00" + text + "\x00"))
	mac.Write(b)
	return mac.Sum(nil)
}

func challenge(c *call) error {
	body, err := c.json()
	if err != nil {
		return err
	}
	vault, device := body.id("vault"), body.id("device")
	if body.bad {
		return malformed
	}
	expiresMs := nowMs() + challengeLife.Milliseconds()
	drawn := c.server.newChallenge(vault, device, expiresMs, random(8))
	return c.answer(201, fields{"challenge": drawn, "expiresAt": timeText(expiresMs)})
}

func token(c *call) error {
	body, err := c.json()
	if err != nil {
		return err
	}
	vault, device, answer := body.id("vault"), body.id("device"), body.bytes("answer")
	if body.bad {
		return malformed
	}
	refused := problem{code: "device-refused"}
	s, a := c.server, c.server.account(vault)
	if a == nil {
		return refused
	}
	if a.unreadable {
		return problem{code: "busy"}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.roster.devices[device] == nil {
		return refused
	}
	f := verified("challenge", a.roster.devices[device], answer)
	f.refuse(f.id() == vault && f.id() == device)
	drawn, serverKeyHash := f.bytes(32), f.id()
	if !f.whole() || serverKeyHash != hashOf(s.serverKey()) {
		return refused
	}
	expiresMs := int64(binary.BigEndian.Uint64(drawn))
	name := hex.EncodeToString(drawn)
	_, spent := a.spent[name]
	if spent || expiresMs < nowMs() || !hmac.Equal(drawn, s.newChallenge(vault, device, expiresMs, drawn[8:16])) {
		return refused
	}
	a.spend(name, expiresMs)
	if a.revokedDevice(device) {
		return problem{code: "device-revoked"}
	}
	made, expiresAt := s.newToken("append", vault, device, appendLife)
	return c.answer(201, fields{"token": made, "expiresAt": expiresAt})
}
