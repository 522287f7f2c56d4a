package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
)

// The structures of format.md that a server must read. Each reader takes hostile bytes and says whether they are of the form.

const (
	idBytes     = 32
	kemKeyBytes = 1216
	maxDevices  = 64
	sealedBytes = 28 // What sealing adds to nothing (F-20).
	zeroHash    = "0000000000000000000000000000000000000000000000000000000000000000"
)

var (
	loginForm  = regexp.MustCompile(`^[a-z0-9._@-]{3,64}$`)
	idForm     = regexp.MustCompile(`^[0-9a-f]{64}$`)
	numberForm = regexp.MustCompile(`^[1-9][0-9]{0,15}$`)
)

// form reads the fields of one array in order and remembers whether one did not fit.
type form struct {
	items []any
	bad   bool
}

func newForm(b []byte) *form {
	item, err := decode(b)
	return formOf(item, err == nil)
}

func formOf(item any, ok bool) *form {
	items, isArray := item.([]any)
	return &form{items: items, bad: !ok || !isArray}
}

func (f *form) next() any {
	if f.bad || len(f.items) == 0 {
		f.bad = true
		return nil
	}
	item := f.items[0]
	f.items = f.items[1:]
	return item
}

func (f *form) refuse(unless bool) { f.bad = f.bad || !unless }

// whole says whether every field fitted and none is left.
func (f *form) whole() bool { return !f.bad && len(f.items) == 0 }

func (f *form) blob() []byte {
	b, ok := f.next().([]byte)
	f.refuse(ok)
	return b
}

func (f *form) bytes(n int) []byte {
	b := f.blob()
	f.refuse(len(b) == n)
	return b
}

func (f *form) id() string { return hex.EncodeToString(f.bytes(idBytes)) }

func (f *form) number(least, most int64) int64 {
	n, ok := f.next().(int64)
	f.refuse(ok && n >= least && n <= most)
	return n
}

func (f *form) array(most int) []any {
	items, ok := f.next().([]any)
	f.refuse(ok && len(items) <= most)
	return items
}

// ids reads an array of ids in strictly ascending order.
func (f *form) ids(most int) []string {
	list := form{items: f.array(most), bad: f.bad}
	var ids []string
	for !list.bad && len(list.items) > 0 {
		id := list.id()
		list.refuse(len(ids) == 0 || ids[len(ids)-1] < id)
		ids = append(ids, id)
	}
	f.refuse(!list.bad)
	return ids
}

// openSigned parts signed bytes (F-4).
func openSigned(signed []byte) (payload, signature []byte, ok bool) {
	f := newForm(signed)
	payload, signature = f.blob(), f.bytes(ed25519.SignatureSize)
	return payload, signature, f.whole()
}

func holds(kind string, key ed25519.PublicKey, payload, signature []byte) bool {
	return ed25519.Verify(key, signedText(kind, payload), signature)
}

func signedText(kind string, payload []byte) []byte {
	return append(append([]byte("coffre/1/"+kind), 0), payload...)
}

func sign(kind string, key ed25519.PrivateKey, fields ...any) []byte {
	payload := encode(fields...)
	return encode(payload, ed25519.Sign(key, signedText(kind, payload)))
}

// verified opens signed bytes whose key is known and reads nothing of them before the signature holds (F-5).
func verified(kind string, key ed25519.PublicKey, signed []byte) *form {
	payload, signature, ok := openSigned(signed)
	if !ok || !holds(kind, key, payload, signature) {
		return &form{bad: true}
	}
	f := newForm(payload)
	f.number(1, 1)
	return f
}

type vaultObject struct {
	vault, login             string
	number                   int64
	loginHash, recoveryHash  []byte
	memoryKiB, passes, lanes int64
	salt16                   []byte
	signingKey               ed25519.PublicKey
	kemKey                   []byte
}

// readVaultObject takes the key out of the object itself: that the id follows from the keys (F-14) is what binds them.
func readVaultObject(signed []byte) (vaultObject, bool) {
	var v vaultObject
	payload, signature, ok := openSigned(signed)
	f := newForm(payload)
	f.refuse(ok)
	f.number(1, 1)
	v.vault, v.number = f.id(), f.number(1, maxNumber)
	v.login, ok = f.next().(string)
	f.refuse(ok && loginForm.MatchString(v.login))
	v.loginHash, v.recoveryHash = f.bytes(32), f.bytes(32)
	costs := formOf(f.next(), !f.bad)
	v.memoryKiB, v.passes, v.lanes = costs.number(65_536, 1_048_576), costs.number(3, 16), costs.number(1, 4)
	f.refuse(costs.whole())
	v.salt16 = f.bytes(16)
	f.bytes(60)
	f.bytes(60)
	v.signingKey, v.kemKey = f.bytes(ed25519.PublicKeySize), f.bytes(kemKeyBytes)
	f.number(0, 0)
	return v, f.whole() && v.vault == hashOf(v.signingKey, v.kemKey) && holds("vault-object", v.signingKey, payload, signature)
}

type revocation struct {
	number int64
	hash   string
}

type roster struct {
	version int64
	devices map[string]ed25519.PublicKey
	order   []string
	revoked map[string]revocation
}

func readRoster(signed []byte, vault string, key ed25519.PublicKey) (roster, bool) {
	r := roster{devices: map[string]ed25519.PublicKey{}, revoked: map[string]revocation{}}
	f := verified("roster", key, signed)
	f.refuse(f.id() == vault)
	r.version = f.number(1, maxNumber)
	for _, item := range f.array(maxDevices) {
		pair := formOf(item, true)
		certificate := verified("certificate", key, pair.blob())
		pair.bytes(92)
		certificate.refuse(certificate.id() == vault)
		device, deviceKey := certificate.id(), certificate.bytes(ed25519.PublicKeySize)
		certificate.bytes(kemKeyBytes)
		certificate.number(0, maxNumber)
		ascends := len(r.order) == 0 || r.order[len(r.order)-1] < device
		f.refuse(pair.whole() && certificate.whole() && ascends && device == hashOf(deviceKey))
		r.order, r.devices[device] = append(r.order, device), deviceKey
	}
	last := ""
	for _, item := range f.array(maxDevices) {
		each := formOf(item, true)
		device := each.id()
		r.revoked[device] = revocation{each.number(0, maxNumber), each.id()}
		f.refuse(each.whole() && last < device && r.devices[device] != nil)
		last = device
	}
	return r, f.whole()
}

type envelope struct {
	vault, device string
	number        int64
}

func readEnvelope(signed []byte, key ed25519.PublicKey) (envelope, bool) {
	f := verified("epoch", key, signed)
	e := envelope{f.id(), f.id(), f.number(1, maxNumber)}
	f.bytes(1120)
	f.bytes(60)
	return e, f.whole()
}

type header struct {
	vault, device         string
	number, epoch         int64
	previous, envelope    string
	blobs, referenceBlobs []string
}

// readHeader reads the clear part of a record (§7); the sealed body behind it is the client's affair.
func readHeader(record []byte) (header, bool) {
	item, sealed, err := decodeItem(record, 0)
	f := formOf(item, err == nil && len(sealed) >= sealedBytes)
	f.number(1, 1)
	f.number(0, 0)
	h := header{vault: f.id(), device: f.id(), number: f.number(1, maxNumber), previous: f.id(), epoch: f.number(1, maxNumber), envelope: f.id()}
	f.bytes(16)
	h.blobs, h.referenceBlobs = f.ids(1000), f.ids(64)
	switch f.next().(type) {
	case nil, []byte:
	default:
		f.bad = true
	}
	// That the first record alone has no previous hash (F-60) follows where the hash is compared with the head's.
	f.refuse(len(h.blobs) == 0 || len(h.referenceBlobs) == 0)
	return h, f.whole()
}

func hashOf(parts ...[]byte) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil))
}
