package main

import (
	"encoding/hex"
	"errors"
	"os"
	"sync"
)

// Rows of one account, made from its journal. What is applied at the start is applied by the same code as what just came.

const ownerSlackBytes = 8 << 20

type account struct {
	server *server
	vault  string

	// mu is held from the check of a change over its commit to its row, so that what was checked still holds.
	mu         sync.Mutex
	journal    *journal
	unreadable bool
	invitation string
	// What the account began with: a repeated registration is compared with it.
	first                    string
	object                   vaultObject
	objectBytes, rosterBytes []byte
	tag                      string
	roster                   roster
	logs                     map[string]*deviceLog
	blobs                    map[string]*storedBlob
	// Tokens and challenges that were used up, by name, with the time after which they are refused anyway.
	spent     map[string]int64
	used      map[string]int64
	repeating int64
}

type row struct {
	place
	device  string
	number  int64
	receipt []byte
	damaged bool
}

// deviceLog holds records by number from 1, and envelopes.
type deviceLog struct {
	records    []*row
	epochs     map[int64]*row
	receivedMs int64
}

func newAccount(s *server, vault string) *account {
	return &account{server: s, vault: vault, logs: map[string]*deviceLog{}, blobs: map[string]*storedBlob{}, spent: map[string]int64{}, used: map[string]int64{}}
}

func (a *account) log(device string) *deviceLog {
	if a.logs[device] == nil {
		a.logs[device] = &deviceLog{epochs: map[int64]*row{}}
	}
	return a.logs[device]
}

// commit makes a change durable and then applies it. mu is held.
func (a *account) commit(body []byte, meta ...any) error {
	if err := a.server.storesThere(); err != nil {
		return diskProblem(err)
	}
	p, err := a.journal.append(encode(meta...), body)
	if err != nil {
		return diskProblem(err)
	}
	return a.apply(meta, p, body)
}

// apply makes the rows of one change. body is nil where the journal's bytes are damaged.
func (a *account) apply(meta []any, p place, body []byte) error {
	f := &form{items: meta}
	kind, _ := f.next().(string)
	f.refuse((kind == "account") == (a.tag == ""))
	switch kind {
	case "account":
		a.invitation = hex.EncodeToString(f.blob())
		both := newForm(body)
		object, members := both.blob(), both.blob()
		f.refuse(both.whole() && a.setObject(object) && a.setRoster(members))
		a.first = p.hash
		a.used[""] += int64(p.length)
	case "vault":
		f.refuse(a.setObject(body))
		a.used[""] += int64(p.length)
	case "roster":
		f.refuse(a.setRoster(body))
		a.used[""] += int64(p.length)
	case "envelope":
		r := &row{place: p, device: f.id(), number: f.number(1, maxNumber), damaged: body == nil}
		if log := a.log(r.device); log.epochs[r.number] == nil || body != nil {
			log.epochs[r.number] = r
		}
		a.used[r.device] += int64(p.length)
	case "record":
		r := &row{place: p, device: f.id(), number: f.number(1, maxNumber), receipt: f.blob(), damaged: body == nil}
		log := a.log(r.device)
		if r.number == int64(len(log.records))+1 {
			log.records = append(log.records, r)
			log.receivedMs = f.number(0, maxNumber)
		} else if r.number <= int64(len(log.records)) && body != nil {
			log.records[r.number-1] = r
			f.next()
		} else {
			f.bad = true
		}
		a.used[r.device] += int64(p.length)
		if head, ok := readHeader(body); ok {
			a.nameBlobs(head)
		}
	case "spent":
		name, ok := f.next().(string)
		f.refuse(ok)
		a.spent[name] = f.number(0, maxNumber)
	default:
		f.bad = true
	}
	if !f.whole() {
		return errDamaged
	}
	return nil
}

func (a *account) setObject(signed []byte) bool {
	object, ok := readVaultObject(signed)
	if ok && object.vault == a.vault {
		a.object, a.objectBytes, a.tag = object, signed, hashOf(signed)
		return true
	}
	return false
}

func (a *account) setRoster(signed []byte) bool {
	members, ok := readRoster(signed, a.vault, a.object.signingKey)
	if ok {
		a.roster, a.rosterBytes = members, signed
	}
	return ok
}

// reserve takes room for a change before its body is read. Device "" is the owner, whose vault objects and rosters may go
// slackBytes above the quota, so that a device which filled it can still be revoked.
func (a *account) reserve(device string, n, slackBytes int64) (release func(), err error) {
	var all int64
	for _, used := range a.used {
		all += used
	}
	quota := a.server.quota + slackBytes
	share := quota
	if device != "" {
		share = int64(float64(quota) * a.server.deviceShare)
	}
	if a.server.quota > 0 && (all+n > quota || a.used[device]+n > share) {
		return nil, problem{code: "quota-exceeded"}
	}
	a.used[device] += n
	return func() { a.used[device] -= n }, nil
}

// spend uses a token or a challenge up. Where it cannot be written it is kept in memory alone (P-82).
func (a *account) spend(name string, untilMs int64) {
	for other, until := range a.spent {
		if until < nowMs() {
			delete(a.spent, other)
		}
	}
	if a.commit(nil, "spent", name, untilMs) != nil {
		a.spent[name] = untilMs
	}
}

func (a *account) revokedDevice(device string) bool {
	_, revoked := a.roster.revoked[device]
	return revoked
}

func (a *account) openDevice(device string) bool {
	_, revoked := a.roster.revoked[device]
	return a.roster.devices[device] != nil && !revoked
}

func register(c *call) error {
	body, err := c.json()
	if err != nil {
		return err
	}
	login, objectBytes, rosterBytes := body.text("login"), body.bytes("vaultObject"), body.bytes("roster")
	invitation, invited := body.optional("invitation", 200)
	object, ok := readVaultObject(objectBytes)
	if body.bad || !ok || object.login != login || object.number != 1 {
		return malformed
	}
	if members, ok := readRoster(rosterBytes, object.vault, object.signingKey); !ok || members.version != 1 {
		return malformed
	}
	first := encode(objectBytes, rosterBytes)
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.byVault[object.vault]
	if known != nil && known.first == hashOf(first) {
		return c.answer(200, fields{"vault": object.vault})
	}
	if known != nil && known.unreadable {
		return problem{code: "busy"}
	}
	if known != nil {
		return problem{code: "vault-exists"}
	}
	var used []byte
	if s.registration == "closed" {
		return problem{code: "registration-closed"}
	}
	if s.registration == "invitation" {
		if !invited {
			return problem{code: "invitation-required"}
		}
		hash := hashOf([]byte(invitation))
		if _, err := os.Stat(s.path("invitations", hash)); err != nil || s.invitations[hash] {
			return problem{code: "invitation-refused"}
		}
		used, _ = hex.DecodeString(hash)
	}
	if s.byLogin[login] != nil {
		return problem{code: "login-taken"}
	}
	if err := s.storesThere(); err != nil {
		return diskProblem(err)
	}
	a := newAccount(s, object.vault)
	meta := []any{"account", used}
	j, p, err := createJournal(s.path("journal", object.vault), encode(meta...), first)
	if err != nil {
		return diskProblem(err)
	}
	a.journal = j
	if err := a.apply(meta, p, first); err != nil {
		return err
	}
	s.byVault[a.vault], s.byLogin[login] = a, a
	if a.invitation != "" {
		s.invitations[a.invitation] = true
		os.Remove(s.path("invitations", a.invitation))
	}
	return c.answer(201, fields{"vault": object.vault})
}

func getVault(c *call) error {
	c.account.mu.Lock()
	defer c.account.mu.Unlock()
	return c.answer(200, fields{"vaultObject": c.account.objectBytes, "tag": c.account.tag})
}

func putVault(c *call) error {
	body, err := c.json()
	if err != nil {
		return err
	}
	signed, previous := body.bytes("vaultObject"), body.text("previousTag")
	object, ok := readVaultObject(signed)
	a, s := c.account, c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	a.mu.Lock()
	defer a.mu.Unlock()
	// Both keys make the id, so an equal id is the stored key's signature.
	if body.bad || !idForm.MatchString(previous) || !ok || object.vault != a.vault {
		return malformed
	}
	if hashOf(signed) == a.tag {
		return c.answer(200, fields{"tag": a.tag})
	}
	if previous != a.tag {
		return problem{code: "tag-differs"}
	}
	if object.number != a.object.number+1 {
		return problem{code: "number-differs"}
	}
	if other := s.byLogin[object.login]; other != nil && other != a {
		return problem{code: "login-taken"}
	}
	release, err := a.reserve("", int64(len(signed)), ownerSlackBytes)
	if err != nil {
		return err
	}
	defer release()
	old := a.object.login
	if err := a.commit(signed, "vault"); err != nil {
		return err
	}
	delete(s.byLogin, old)
	s.byLogin[object.login] = a
	return c.answer(200, fields{"tag": a.tag})
}

func putRoster(c *call) error {
	body, err := c.json()
	if err != nil {
		return err
	}
	signed := body.bytes("roster")
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	members, ok := readRoster(signed, a.vault, a.object.signingKey)
	if body.bad || !ok {
		return malformed
	}
	if hashOf(signed) != hashOf(a.rosterBytes) {
		if err := a.checkRoster(members); err != nil {
			return err
		}
		release, err := a.reserve("", int64(len(signed)), ownerSlackBytes)
		if err != nil {
			return err
		}
		defer release()
		if err := a.commit(signed, "roster"); err != nil {
			return err
		}
	}
	heads := []fields{}
	for _, device := range a.roster.order {
		number, hash, _ := a.head(device)
		heads = append(heads, fields{"device": device, "number": number, "hash": hash})
	}
	return c.answer(200, fields{"version": a.roster.version, "heads": heads})
}

// checkRoster compares a new roster with the one that holds: devices and revocations never leave.
func (a *account) checkRoster(next roster) error {
	behind := next.version <= a.roster.version
	for device := range a.roster.devices {
		behind = behind || next.devices[device] == nil
	}
	for device := range a.roster.revoked {
		_, ok := next.revoked[device]
		behind = behind || !ok
	}
	if behind {
		return problem{code: "roster-behind"}
	}
	for device, last := range next.revoked {
		log := a.log(device)
		if last.number > int64(len(log.records)) || last.number > 0 && log.records[last.number-1].hash != last.hash {
			return problem{code: "roster-records"}
		}
	}
	return nil
}

// diskProblem is what the client hears of an error of the system.
func diskProblem(err error) error {
	if isFull(err) {
		return problem{code: "storage-full"}
	}
	var known problem
	if errors.As(err, &known) {
		return known
	}
	return problem{code: "busy", detail: systemCode(err)}
}
