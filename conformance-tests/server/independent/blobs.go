package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Blobs are files: blobs/VAULT/XX/ID.DEVICE.SIZE, and ".damaged" behind it once that is known. The name is the row: it says who
// is charged and which length was promised, and its rename into place is the commit.

const (
	owner       = "owner"
	copyBytes   = 256 << 10
	maxRepeated = 64 << 20
)

type storedBlob struct {
	device  string
	size    int64
	damaged bool
}

func (a *account) blobPath(id string, b *storedBlob) string {
	name := fmt.Sprintf("%s.%s.%d", id, b.device, b.size)
	if b.damaged {
		name += damagedSuffix
	}
	return a.server.path("blobs", a.vault, id[:2], name)
}

func chargedTo(device string) string {
	if device == owner {
		return ""
	}
	return device
}

// loadBlobs makes the rows of what the folder holds.
func (a *account) loadBlobs() error {
	return filepath.WalkDir(a.server.path("blobs", a.vault), func(path string, entry os.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) || err == nil && entry.IsDir() {
			return nil
		} else if err != nil {
			return err
		}
		name, damaged := strings.CutSuffix(entry.Name(), damagedSuffix)
		parts := strings.Split(name, ".")
		if len(parts) != 3 || !idForm.MatchString(parts[0]) {
			return errDamaged
		}
		size, err := strconv.ParseInt(parts[2], 10, 64)
		if err != nil {
			return errDamaged
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if known := a.blobs[parts[0]]; known == nil || known.damaged {
			a.blobs[parts[0]] = &storedBlob{parts[1], size, damaged || info.Size() != size}
			a.used[chargedTo(parts[1])] += size
		}
		return nil
	})
}

// nameBlobs gives a row to each blob that a record names; one that the folder lacks is damaged, so that devices are asked for it.
func (a *account) nameBlobs(head header) {
	named := append(append([]string{}, head.blobs...), head.referenceBlobs...)
	for _, id := range head.referenceBlobs {
		if b := a.blobs[id]; b != nil && !b.damaged {
			if ids, err := a.readReferenceBlob(id, b); err == nil {
				named = append(named, ids...)
			}
		}
	}
	for _, id := range named {
		if a.blobs[id] == nil {
			a.blobs[id] = &storedBlob{device: owner, damaged: true}
		}
	}
}

// there says whether a blob's file stands with its length.
func (a *account) there(id string) bool {
	b := a.blobs[id]
	if b == nil || b.damaged {
		return false
	}
	info, err := os.Stat(a.blobPath(id, b))
	return err == nil && info.Size() == b.size
}

// missingOf lists what a record names and the store lacks, also through reference blobs (P-52).
func (a *account) missingOf(head header) ([]string, error) {
	missing := []string{}
	look := func(ids []string) {
		for _, id := range ids {
			if len(missing) < 1000 && !a.there(id) {
				missing = append(missing, id)
			}
		}
	}
	look(head.blobs)
	all := 0
	for _, id := range head.referenceBlobs {
		if !a.there(id) {
			look([]string{id})
			continue
		}
		ids, err := a.readReferenceBlob(id, a.blobs[id])
		if errors.Is(err, errDamaged) {
			a.blobs[id].damaged = true
			look([]string{id})
			continue
		} else if err != nil {
			return nil, err
		}
		if all += len(ids); all > idsPerRecord {
			return nil, malformed
		}
		look(ids)
	}
	return missing, nil
}

func (a *account) readReferenceBlob(id string, b *storedBlob) ([]string, error) {
	bytes, err := os.ReadFile(a.blobPath(id, b))
	if err != nil {
		return nil, diskProblem(err)
	}
	if hashOf(bytes) != id {
		return nil, errDamaged
	}
	f := form{bad: len(bytes) == 0 || len(bytes)%idBytes != 0 || len(bytes) > idBytes<<18}
	var ids []string
	for ; !f.bad && len(bytes) > 0; bytes = bytes[idBytes:] {
		next := hex.EncodeToString(bytes[:idBytes])
		f.refuse(len(ids) == 0 || ids[len(ids)-1] < next)
		ids = append(ids, next)
	}
	if f.bad {
		return nil, malformed
	}
	return ids, nil
}

func missingBlobs(c *call) error {
	body, err := c.json()
	if err != nil {
		return err
	}
	ids := body.list("ids", idsPerQuery)
	if body.bad {
		return malformed
	}
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	missing := []string{}
	for _, id := range ids {
		if !a.there(id) {
			missing = append(missing, id)
		}
	}
	return c.answer(200, fields{"missing": missing})
}

func putBlob(c *call) error {
	a, id, length := c.account, c.params["{id}"], c.r.ContentLength
	if _, err := c.length(); err != nil {
		return err
	}
	if length < 0 {
		return problem{code: "malformed", status: 411}
	}
	device := c.claims.Device
	if device == "" {
		device = owner
	}
	release, err := a.roomForBlob(id, device, length)
	if err != nil {
		return err
	}
	defer func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		release()
	}()
	temporary := c.server.path("tmp", randomText())
	defer os.Remove(temporary)
	if err := c.receive(temporary, id); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !c.stillOpen() {
		return c.closedBy()
	}
	isNew, err := a.placeBlob(temporary, id, &storedBlob{device: device, size: length})
	if err != nil {
		return diskProblem(err)
	}
	if isNew {
		return c.raw(201, nil)
	}
	return c.raw(200, nil)
}

// roomForBlob reserves quota for a new blob. One that comes again costs none, but only so much of that may be on its way.
func (a *account) roomForBlob(id, device string, length int64) (func(), error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if known := a.blobs[id]; known == nil || known.size == 0 {
		return a.reserve(chargedTo(device), length, 0)
	}
	if a.repeating+length > maxRepeated {
		return nil, problem{code: "too-many-requests", retryAfter: 1}
	}
	a.repeating += length
	return func() { a.repeating -= length }, nil
}

// receive writes a body to a file of its own and hashes it on the way.
func (c *call) receive(path, id string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return diskProblem(err)
	}
	defer file.Close()
	http.NewResponseController(c.w).SetReadDeadline(time.Now().Add(blobPatience))
	sum := sha256.New()
	buffer := make([]byte, copyBytes)
	for {
		n, err := c.r.Body.Read(buffer)
		sum.Write(buffer[:n])
		if _, wrong := file.Write(buffer[:n]); wrong != nil {
			return diskProblem(wrong)
		}
		if err == io.EOF {
			break
		} else if err != nil {
			return malformed
		}
	}
	if hex.EncodeToString(sum.Sum(nil)) != id {
		return problem{code: "not-the-named-bytes"}
	}
	if err := file.Sync(); err != nil {
		return diskProblem(err)
	}
	return nil
}

// placeBlob renames an arrived file to its name and makes that durable; a repeated one takes the place of what was there.
func (a *account) placeBlob(temporary, id string, arrived *storedBlob) (isNew bool, err error) {
	known := a.blobs[id]
	isNew = known == nil || known.size == 0
	if !isNew {
		arrived.device = known.device
	}
	if err := a.server.storesThere(); err != nil {
		return false, err
	}
	path := a.blobPath(id, arrived)
	for _, folder := range []string{filepath.Dir(filepath.Dir(path)), filepath.Dir(path)} {
		if err := os.Mkdir(folder, 0o700); errors.Is(err, os.ErrExist) {
			continue
		} else if err != nil {
			return false, err
		}
		if err := syncFolderOf(folder); err != nil {
			return false, err
		}
	}
	if err := os.Rename(temporary, path); err != nil {
		return false, err
	}
	if err := syncFolderOf(path); err != nil {
		return false, err
	}
	if !isNew && known.damaged {
		os.Remove(a.blobPath(id, known))
	}
	a.blobs[id] = arrived
	if isNew {
		a.used[chargedTo(arrived.device)] += arrived.size
	}
	return known == nil, nil
}

func getBlob(c *call) error {
	a, id := c.account, c.params["{id}"]
	a.mu.Lock()
	known := a.blobs[id]
	a.mu.Unlock()
	if known == nil {
		return notFound
	}
	file, err := os.Open(a.blobPath(id, known))
	if err != nil {
		a.doubt(id, known)
		return notFound
	}
	defer file.Close()
	etag := `"` + id + `"`
	start, length, kind := parseRange(c.r, known.size, etag)
	if info, err := file.Stat(); err != nil || info.Size() != known.size || known.damaged && kind == wholeBlob {
		a.doubt(id, known)
		return notFound
	}
	h := c.w.Header()
	h.Set("ETag", etag)
	h.Set("Accept-Ranges", "bytes")
	if kind == noRange {
		h.Set("Content-Range", fmt.Sprintf("bytes */%d", known.size))
		return c.raw(416, nil)
	}
	status := 200
	if kind == partOfBlob {
		status = 206
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, start+length-1, known.size))
	}
	begin := func() {
		h.Set("Cache-Control", "private, max-age=31536000, immutable")
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Length", strconv.FormatInt(length, 10))
		c.w.WriteHeader(status)
	}
	if c.r.Method == "HEAD" {
		begin()
		return nil
	}
	var sum hash.Hash
	if kind == wholeBlob {
		sum = sha256.New()
	}
	if !sendChecked(c.w, begin, io.NewSectionReader(file, start, length), length, sum, id) {
		a.doubt(id, known)
		// Nothing that was begun is ended as if it were whole.
		panic(http.ErrAbortHandler)
	}
	return nil
}

// sendChecked keeps the last piece back until the hash of all has shown that it is right.
func sendChecked(w http.ResponseWriter, begin func(), from io.Reader, left int64, sum hash.Hash, id string) bool {
	begin()
	buffer := make([]byte, copyBytes)
	for left > 0 {
		n, err := io.ReadFull(from, buffer[:min(left, copyBytes)])
		if err != nil {
			return false
		}
		left -= int64(n)
		if sum != nil {
			sum.Write(buffer[:n])
			if left == 0 && hex.EncodeToString(sum.Sum(nil)) != id {
				return false
			}
		}
		if _, err := w.Write(buffer[:n]); err != nil {
			return true
		}
	}
	return true
}

// doubt looks at a blob again, and calls it damaged unless it is whole now or was replaced meanwhile.
func (a *account) doubt(id string, seen *storedBlob) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.blobs[id] != seen || seen.damaged || a.server.storesThere() != nil {
		return
	}
	path := a.blobPath(id, seen)
	b, err := os.ReadFile(path)
	if err == nil && hashOf(b) == id || err != nil && !errors.Is(err, os.ErrNotExist) {
		return
	}
	marked := *seen
	marked.damaged = true
	os.Rename(path, a.blobPath(id, &marked))
	a.blobs[id] = &marked
}

type rangeKind int

const (
	wholeBlob rangeKind = iota
	partOfBlob
	noRange
)

// parseRange takes single ranges; what it does not understand is answered whole, as RFC 9110 §14.2 allows.
func parseRange(r *http.Request, size int64, etag string) (start, length int64, kind rangeKind) {
	text, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes=")
	from, to, dashed := strings.Cut(text, "-")
	if condition := r.Header.Get("If-Range"); !ok || !dashed || r.Method == "HEAD" || condition != "" && condition != etag {
		return 0, size, wholeBlob
	}
	first, firstError := strconv.ParseUint(from, 10, 62)
	last, lastError := strconv.ParseUint(to, 10, 62)
	start, end := int64(first), int64(last)
	switch {
	case from == "" && lastError == nil:
		start, end = max(size-end, 0), size-1
		if last == 0 {
			return 0, 0, noRange
		}
	case firstError == nil && to == "":
		end = size - 1
	case firstError != nil || lastError != nil || end < start:
		return 0, size, wholeBlob
	}
	if start >= size {
		return 0, 0, noRange
	}
	return start, min(end, size-1) - start + 1, partOfBlob
}
