package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
)

// One account's durable changes, one frame behind the other in one file that is only ever added to (P-71). A frame is
// magic ‖ meta length ‖ body length ‖ SHA-256(body) ‖ SHA-256(all that ‖ meta) ‖ meta ‖ body. Two hashes, so that a body which
// rots takes neither its number nor its receipt with it.

const (
	magic      = "CFJ1"
	headBytes  = 4 + 4 + 4 + 32 + 32
	maxFrame   = 16 << 20
	bodyHashAt = 12
	headHashAt = bodyHashAt + 32
)

var (
	errDamaged = errors.New("a frame of the journal is damaged")
	errBroken  = errors.New("the journal cannot be written any more")
)

// place is where a frame's body stands.
type place struct {
	offset int64
	length int
	hash   string
}

type journal struct {
	file   *os.File
	size   int64
	broken bool
}

// createJournal makes the file with its first frame; its name is durable before it returns.
func createJournal(path string, meta, body []byte) (*journal, place, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, place{}, err
	}
	j := &journal{file: file}
	p, err := j.append(meta, body)
	if err == nil {
		err = syncFolderOf(path)
	}
	if err != nil {
		file.Close()
		os.Remove(path)
		return nil, place{}, err
	}
	return j, p, nil
}

// openJournal gives each whole frame to apply. What was cut off by a crash was never answered: it is put aside and left out.
func openJournal(path string, apply func(meta []any, p place, body []byte) error) (*journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	j := &journal{file: file}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	for j.size < info.Size() {
		meta, p, body, err := j.frame(info.Size())
		if err == nil {
			err = apply(meta, p, body)
		}
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errDamaged) && p.offset+int64(p.length) == info.Size() {
			return j, j.tear(path, info.Size())
		}
		if err != nil {
			return nil, err
		}
		j.size = p.offset + int64(p.length)
	}
	return j, nil
}

// frame reads what stands at the journal's end so far. A body that does not fit its hash is nil.
func (j *journal) frame(end int64) ([]any, place, []byte, error) {
	head := make([]byte, headBytes)
	if j.size+headBytes > end {
		return nil, place{}, nil, io.ErrUnexpectedEOF
	}
	if _, err := j.file.ReadAt(head, j.size); err != nil {
		return nil, place{}, nil, err
	}
	metaLength, bodyLength := int(binary.BigEndian.Uint32(head[4:])), int(binary.BigEndian.Uint32(head[8:]))
	if allZero(head) {
		return nil, place{}, nil, io.ErrUnexpectedEOF
	}
	if string(head[:4]) != magic || metaLength > maxFrame || bodyLength > maxFrame {
		return nil, place{}, nil, errDamaged
	}
	p := place{j.size + headBytes + int64(metaLength), bodyLength, hex.EncodeToString(head[bodyHashAt:headHashAt])}
	if p.offset+int64(p.length) > end {
		return nil, p, nil, io.ErrUnexpectedEOF
	}
	meta := make([]byte, metaLength)
	if _, err := j.file.ReadAt(meta, j.size+headBytes); err != nil {
		return nil, p, nil, err
	}
	if hashOf(head[:headHashAt], meta) != hex.EncodeToString(head[headHashAt:]) {
		return nil, p, nil, errDamaged
	}
	item, err := decode(meta)
	fields, ok := item.([]any)
	if err != nil || !ok {
		return nil, p, nil, errDamaged
	}
	body, err := j.read(p)
	if errors.Is(err, errDamaged) {
		return fields, p, nil, nil
	}
	return fields, p, body, err
}

func allZero(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

// tear keeps the bytes of an unfinished frame beside the journal, for whoever wants to look, and ends the journal before them.
func (j *journal) tear(path string, end int64) error {
	torn, err := os.OpenFile(path+tornSuffix, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer torn.Close()
	if _, err = io.Copy(torn, io.NewSectionReader(j.file, j.size, end-j.size)); err == nil {
		err = torn.Sync()
	}
	if err == nil {
		err = j.file.Truncate(j.size)
	}
	if err == nil {
		err = j.file.Sync()
	}
	return err
}

// append is the commit: when it returns without an error the frame is on stable storage.
func (j *journal) append(meta, body []byte) (place, error) {
	if j.broken {
		return place{}, errBroken
	}
	sum := sha256.Sum256(body)
	frame := make([]byte, 0, headBytes+len(meta)+len(body))
	frame = append(frame, magic...)
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(meta)))
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(body)))
	frame = append(frame, sum[:]...)
	whole := sha256.Sum256(append(frame[:headHashAt:headHashAt], meta...))
	frame = append(append(append(frame, whole[:]...), meta...), body...)
	if _, err := j.file.WriteAt(frame, j.size); err != nil {
		j.broken = j.file.Truncate(j.size) != nil
		return place{}, err
	}
	if err := j.file.Sync(); err != nil {
		// Whether the frame is there is not known, so nothing is written over it. A start finds out.
		j.broken = true
		return place{}, err
	}
	p := place{j.size + headBytes + int64(len(meta)), len(body), hex.EncodeToString(sum[:])}
	j.size += int64(len(frame))
	return p, nil
}

// read gives a body, looked at twice before it is called damaged.
func (j *journal) read(p place) ([]byte, error) {
	body := make([]byte, p.length)
	for range [2]int{} {
		if _, err := j.file.ReadAt(body, p.offset); err != nil && err != io.EOF {
			return nil, err
		}
		if hashOf(body) == p.hash {
			return body, nil
		}
	}
	return nil, errDamaged
}
