package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
)

// Logins: how to stretch a passphrase, sessions, and the bundle that a reader begins with.

const pageBytes = 368_640

func kdf(c *call) error {
	body, err := c.json()
	if err != nil {
		return err
	}
	login := body.text("login")
	if body.bad || !loginForm.MatchString(login) {
		return malformed
	}
	s := c.server
	// The false answer is made in any case, so that both cost the same.
	answer := fields{"salt16": s.secretHash("salt", login, nil)[:16], "memoryKiB": 65_536, "passes": 3, "lanes": 4, "serverKey": s.serverKey()}
	s.mu.Lock()
	a := s.byLogin[login]
	s.mu.Unlock()
	if a != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		answer["salt16"], answer["memoryKiB"], answer["passes"], answer["lanes"] = a.object.salt16, a.object.memoryKiB, a.object.passes, a.object.lanes
	}
	return c.answer(200, answer)
}

func login(c *call) error {
	body, err := c.json()
	if err != nil {
		return err
	}
	name, key := body.text("login"), body.bytes("loginKey")
	body.optional("code", 64)
	device, named := body.optional("device", 64)
	if body.bad || !loginForm.MatchString(name) || len(key) != 32 || named && !idForm.MatchString(device) {
		return malformed
	}
	s := c.server
	refusals := "refused " + hashOf([]byte(name)) + " " + c.address()
	if count, seconds := s.limits.count(refusals, 0); count >= refusalsPerMinute {
		return problem{code: "too-many-requests", retryAfter: seconds}
	}
	s.mu.Lock()
	a := s.byLogin[name]
	s.mu.Unlock()
	// An unknown login is compared as well, with an account that nobody has.
	if a == nil {
		a = &account{object: vaultObject{loginHash: make([]byte, 32), recoveryHash: make([]byte, 32)}}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	hash := sha256.Sum256(key)
	fits := subtle.ConstantTimeCompare(hash[:], a.object.loginHash) | subtle.ConstantTimeCompare(hash[:], a.object.recoveryHash)
	if fits == 0 || a.vault == "" {
		s.limits.count(refusals, 1)
		return problem{code: "login-refused"}
	}
	if a.unreadable {
		return problem{code: "busy"}
	}
	return c.answer(201, a.bundle(device, named))
}

func logout(c *call) error {
	c.account.mu.Lock()
	defer c.account.mu.Unlock()
	c.account.spend(c.claims.ID, c.claims.Expires*1000)
	return c.raw(204, nil)
}

// bundle is the answer to a login; mu is held.
func (a *account) bundle(device string, named bool) fields {
	made, expiresAt := a.server.newToken("full", a.vault, "", fullLife)
	heads := []fields{}
	budget := [2]int{1000, 1000}
	newest := ""
	for _, each := range a.roster.order {
		number, hash, receipt := a.head(each)
		records, epochs := a.damagedOf(each, budget[0], budget[1])
		budget[0], budget[1] = budget[0]-len(records), budget[1]-len(epochs)
		heads = append(heads, fields{"device": each, "number": number, "hash": hash, "receipt": receipt, "damagedRecords": records, "damagedEpochs": epochs})
		if number > 0 && (newest == "" || a.log(each).receivedMs > a.log(newest).receivedMs) {
			newest = each
		}
	}
	if !named {
		device = newest
	}
	envelopes := []fields{}
	whole := fields{"token": made, "expiresAt": expiresAt, "vault": a.vault, "vaultObject": a.objectBytes, "tag": a.tag, "roster": a.rosterBytes,
		"heads": heads, "tail": nil, "envelopes": envelopes}
	if newest == "" || a.roster.devices[device] == nil {
		return whole
	}
	tail := fields{"device": device, "records": []fields{}, "next": nil}
	whole["tail"] = tail
	left := pageBytes - sizeOf(whole) - 32
	seen := map[int64]bool{}
	records, next := a.page(device, 0, func(r fields, head header) bool {
		size := sizeOf(r) + 1
		envelope := fields{}
		if e := a.log(device).epochs[head.epoch]; e != nil && !seen[head.epoch] && e.hash == head.envelope {
			if b, err := a.journal.read(e.place); err == nil {
				envelope = fields{"device": device, "number": head.epoch, "envelope": b}
				size += sizeOf(envelope) + 1
			}
		}
		if left -= size; left < 0 {
			return false
		}
		if len(envelope) > 0 {
			seen[head.epoch] = true
			envelopes = append(envelopes, envelope)
		}
		return true
	})
	tail["records"], tail["next"], whole["envelopes"] = records, next, envelopes
	return whole
}

// sizeOf is how many bytes a value takes in an answer.
func sizeOf(v any) int {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return len(b)
}
