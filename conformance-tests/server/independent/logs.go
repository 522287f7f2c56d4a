package main

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
)

// A device's log: its records with receipts, and the envelopes of its epochs.

const maxEpochStep = 1024

func unhex(id string) []byte {
	b, err := hex.DecodeString(id)
	if err != nil {
		panic(err)
	}
	return b
}

// head is number, hash and receipt of the newest record. mu is held, as for all that follows.
func (a *account) head(device string) (number int64, hash string, receipt []byte) {
	records := a.log(device).records
	if len(records) == 0 {
		return 0, zeroHash, nil
	}
	last := records[len(records)-1]
	return last.number, last.hash, last.receipt
}

func (a *account) damagedOf(device string, mostRecords, mostEpochs int) (records, epochs []int64) {
	records, epochs = []int64{}, []int64{}
	for _, r := range a.log(device).records {
		if r.damaged && len(records) < mostRecords {
			records = append(records, r.number)
		}
	}
	for _, number := range slices.Sorted(maps.Keys(a.log(device).epochs)) {
		if a.log(device).epochs[number].damaged && len(epochs) < mostEpochs {
			epochs = append(epochs, number)
		}
	}
	return records, epochs
}

// bytesOf reads a record or an envelope, and notes it when its bytes are no more what they were.
func (a *account) bytesOf(r *row) ([]byte, error) {
	if r.damaged {
		return nil, errDamaged
	}
	b, err := a.journal.read(r.place)
	r.damaged = err == errDamaged
	return b, err
}

func getHead(c *call) error {
	a, device := c.account, c.params["{device}"]
	a.mu.Lock()
	defer a.mu.Unlock()
	number, hash, receipt := a.head(device)
	records, epochs := a.damagedOf(device, 1000, 1000)
	var newest int64
	for epoch := range a.log(device).epochs {
		newest = max(newest, epoch)
	}
	damaged := []string{}
	for id, b := range a.blobs {
		if b.damaged && len(damaged) < 1000 {
			damaged = append(damaged, id)
		}
	}
	return c.answer(200, fields{"number": number, "hash": hash, "receipt": receipt, "epoch": newest, "drop": 0, "damaged": damaged,
		"damagedRecords": records, "damagedEpochs": epochs, "time": timeText(nowMs())})
}

func putEpoch(c *call) error {
	number, _ := c.number()
	a, device := c.account, c.params["{device}"]
	signed, release, err := c.reserved(device)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	defer release()
	if !c.stillOpen() {
		return c.closedBy()
	}
	epochs := a.log(device).epochs
	stored := epochs[number]
	if stored != nil && stored.hash == hashOf(signed) {
		if _, err := a.bytesOf(stored); err == nil {
			return c.raw(200, nil)
		} else if err != errDamaged {
			return diskProblem(err)
		}
		if err := a.commit(signed, "envelope", unhex(device), number); err != nil {
			return err
		}
		return c.raw(200, nil)
	}
	e, ok := readEnvelope(signed, a.roster.devices[device])
	if !ok || e.vault != a.vault || e.device != device || e.number != number {
		return malformed
	}
	if stored != nil {
		return problem{code: "epoch-differs"}
	}
	var newest int64
	for epoch := range epochs {
		newest = max(newest, epoch)
	}
	if number > newest+maxEpochStep {
		return problem{code: "epoch-too-high"}
	}
	if err := a.commit(signed, "envelope", unhex(device), number); err != nil {
		return err
	}
	return c.raw(201, nil)
}

// reserved takes room for a raw body, then reads it.
func (c *call) reserved(device string) (b []byte, release func(), err error) {
	length, err := c.length()
	if err != nil {
		return nil, nil, err
	}
	c.account.mu.Lock()
	release, err = c.account.reserve(device, length, 0)
	c.account.mu.Unlock()
	if err != nil {
		return nil, nil, err
	}
	if b, err = c.body(); err != nil {
		c.account.mu.Lock()
		release()
		c.account.mu.Unlock()
	}
	return b, release, err
}

func getEpoch(c *call) error {
	number, _ := c.number()
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	stored := a.log(c.params["{device}"]).epochs[number]
	if stored == nil {
		return notFound
	}
	b, err := a.bytesOf(stored)
	if err == errDamaged {
		return notFound
	} else if err != nil {
		return diskProblem(err)
	}
	return c.octets(b)
}

func listEpochs(c *call) error {
	after, err := c.after()
	if err != nil {
		return err
	}
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	log := a.log(c.params["{device}"])
	envelopes, last, left := []fields{}, after, pageBytes-64
	for _, number := range slices.Sorted(maps.Keys(log.epochs)) {
		if number <= after {
			continue
		}
		if b, err := a.bytesOf(log.epochs[number]); err == nil {
			envelope := fields{"number": number, "envelope": b}
			if left -= sizeOf(envelope) + 1; left < 0 {
				return c.answer(200, fields{"envelopes": envelopes, "next": last})
			}
			envelopes = append(envelopes, envelope)
		} else if err != errDamaged {
			return diskProblem(err)
		}
		last = number
	}
	return c.answer(200, fields{"envelopes": envelopes, "next": nil})
}

// page gives the records after a number for as long as they are wanted, and the number to page on after, or nil.
func (a *account) page(device string, after int64, wanted func(fields, header) bool) ([]fields, any) {
	page := []fields{}
	records := a.log(device).records
	for last := after; last < int64(len(records)); last++ {
		r := records[last]
		b, err := a.bytesOf(r)
		if err != nil {
			// What is damaged is left out, and named in the head.
			continue
		}
		head, _ := readHeader(b)
		record := fields{"number": r.number, "record": b, "receipt": r.receipt}
		if !wanted(record, head) {
			return page, last
		}
		page = append(page, record)
	}
	return page, nil
}

func listRecords(c *call) error {
	after, err := c.after()
	if err != nil {
		return err
	}
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	left, first := pageBytes-64, true
	records, next := a.page(c.params["{device}"], after, func(r fields, _ header) bool {
		left -= sizeOf(r) + 1
		fits := left >= 0 || first
		first = false
		return fits
	})
	return c.answer(200, fields{"records": records, "next": next})
}

func putRecord(c *call) error {
	number, _ := c.number()
	a, device := c.account, c.params["{device}"]
	record, release, err := c.reserved(device)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	defer release()
	if !c.stillOpen() {
		return c.closedBy()
	}
	hash := sha256.Sum256(record)
	records := a.log(device).records
	if number <= int64(len(records)) && records[number-1].hash == hex.EncodeToString(hash[:]) {
		stored := records[number-1]
		if _, err := a.bytesOf(stored); err == errDamaged {
			err = a.commit(record, "record", unhex(device), number, stored.receipt, nowMs())
			if err != nil {
				return err
			}
		} else if err != nil {
			return diskProblem(err)
		}
		return c.answer(200, fields{"receipt": stored.receipt})
	}
	head, ok := readHeader(record)
	if !ok || head.vault != a.vault || head.device != device || head.number != number {
		return malformed
	}
	newest, newestHash, newestReceipt := a.head(device)
	if number != newest+1 || head.previous != newestHash {
		return problem{code: "record-conflict", extra: fields{"head": fields{"number": newest, "hash": newestHash, "receipt": newestReceipt}}}
	}
	missing, err := a.missingOf(head)
	if err != nil {
		return err
	}
	sealed := a.log(device).epochs[head.epoch]
	lacksEnvelope := sealed == nil || sealed.hash != head.envelope
	if !lacksEnvelope {
		_, err := a.bytesOf(sealed)
		lacksEnvelope = err != nil
	}
	if len(missing) > 0 || lacksEnvelope {
		return problem{code: "record-needs", extra: fields{"missing": missing, "envelope": lacksEnvelope}}
	}
	now := nowMs()
	receipt := sign("receipt", a.server.receiptKey, int64(1), unhex(a.vault), unhex(device), number, hash[:], int64(0), now)
	if err := a.commit(record, "record", unhex(device), number, receipt, now); err != nil {
		return err
	}
	return c.answer(201, fields{"receipt": receipt})
}
