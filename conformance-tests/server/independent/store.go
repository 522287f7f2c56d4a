package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The data folder: keys/, journal/, blobs/, invitations/, tmp/, server.json. Rows live in memory and come from journal and blobs.

const (
	tornSuffix    = ".torn"
	damagedSuffix = ".damaged"
	noteName      = "server.note"
	markName      = "mark"
)

type server struct {
	options
	receiptKey, tokenKey ed25519.PrivateKey
	decoyKey             []byte
	mark                 string
	limits               limiter
	gathered             gauge
	probe                struct {
		sync.Mutex
		at  time.Time
		err error
	}
	// mu guards the three maps. It is taken before an account's own lock, never after it.
	mu          sync.Mutex
	byVault     map[string]*account
	byLogin     map[string]*account
	invitations map[string]bool
}

func (s *server) path(parts ...string) string {
	return filepath.Join(append([]string{s.data}, parts...)...)
}

func (s *server) serverKey() []byte { return s.receiptKey.Public().(ed25519.PublicKey) }

// openServer makes a new server in an empty folder, or brings back the one that is there.
func openServer(o options) (*server, error) {
	s := &server{options: o, byVault: map[string]*account{}, byLogin: map[string]*account{}, invitations: map[string]bool{}}
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return nil, err
	}
	if err := s.lock(); err != nil {
		return nil, err
	}
	note, err := os.ReadFile(s.path(noteName))
	isNew := errors.Is(err, os.ErrNotExist)
	if isNew {
		err = s.prepare()
	}
	if err != nil {
		return nil, err
	}
	var keys [3][]byte
	for i, name := range []string{"receipts.key", "tokens.key", "decoys.key"} {
		if keys[i], err = s.readKey(name, isNew); err != nil {
			return nil, err
		}
	}
	s.receiptKey, s.tokenKey, s.decoyKey = ed25519.NewKeyFromSeed(keys[0]), ed25519.NewKeyFromSeed(keys[1]), keys[2]
	// The note says which keys and stores belong together; it is written last, so that only a whole server has one.
	s.mark = hashOf([]byte("coffre-independent/mark"), keys[0], keys[1], keys[2])
	if isNew {
		for _, path := range []string{s.path("journal", markName), s.path("blobs", markName), s.path(noteName)} {
			if err = writeDurably(path, []byte(s.mark)); err != nil {
				return nil, err
			}
		}
	} else if string(note) != s.mark {
		return nil, errors.New("the keys are not those that this data was made with")
	}
	if err = s.storesThere(); err != nil {
		return nil, err
	}
	os.RemoveAll(s.path("tmp"))
	if err = os.Mkdir(s.path("tmp"), 0o700); err != nil {
		return nil, err
	}
	return s, s.loadAccounts()
}

func (s *server) lock() error {
	file, err := os.OpenFile(s.path("lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	// The kernel lets go of it however the process ends. The file stays open for as long as the process lives.
	if err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.New("another server holds this data folder")
	}
	return nil
}

// prepare refuses a folder that holds anything but what an earlier, unfinished making of a server leaves.
func (s *server) prepare() error {
	folders := []string{"keys", "journal", "blobs", "invitations", "tmp"}
	for folder, known := range map[string][]string{"": append(folders, "lock", noteName+".new"), "journal": {markName, markName + ".new"}, "blobs": {markName, markName + ".new"}} {
		entries, err := os.ReadDir(s.path(folder))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		for _, entry := range entries {
			if !slices.Contains(known, entry.Name()) {
				return errors.New("the data folder is neither empty nor a whole server's")
			}
		}
	}
	for _, name := range folders {
		if err := os.Mkdir(s.path(name), 0o700); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return syncFolderOf(s.path("keys"))
}

func (s *server) readKey(name string, make bool) ([]byte, error) {
	key, err := os.ReadFile(s.path("keys", name))
	if errors.Is(err, os.ErrNotExist) && make {
		key = random(32)
		err = writeDurably(s.path("keys", name), key)
	}
	if err == nil && len(key) != 32 {
		err = errors.New("it does not have 32 bytes")
	}
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", name, err)
	}
	return key, nil
}

// storesThere looks for the marks: a disk that is not mounted must not pass for an empty store.
func (s *server) storesThere() error {
	for _, folder := range []string{"journal", "blobs"} {
		mark, err := os.ReadFile(s.path(folder, markName))
		if err != nil {
			return err
		}
		if string(mark) != s.mark {
			return errors.New("a store of another server")
		}
	}
	return nil
}

func (s *server) loadAccounts() error {
	entries, err := os.ReadDir(s.path("journal"))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		if name == markName || strings.HasSuffix(name, tornSuffix) {
			continue
		}
		if !idForm.MatchString(name) {
			return fmt.Errorf("the journal holds a file of an unknown kind")
		}
		if err := s.loadAccount(name); err != nil {
			return err
		}
	}
	return nil
}

// loadAccount applies one journal. A bad one stops no other (P-74): that account alone is answered busy.
func (s *server) loadAccount(vault string) error {
	a := newAccount(s, vault)
	if err := a.loadBlobs(); err != nil {
		return err
	}
	j, err := openJournal(s.path("journal", vault), a.apply)
	a.journal, a.unreadable = j, err != nil
	if a.unreadable {
		s.log.Error("an account cannot be read", "problem", systemCode(err))
	} else if a.tag == "" {
		// A reservation whose account never came.
		j.file.Close()
		return os.Remove(s.path("journal", vault))
	}
	s.byVault[vault] = a
	if a.invitation != "" {
		s.invitations[a.invitation] = true
	}
	if a.tag != "" {
		s.byLogin[a.object.login] = a
	}
	return nil
}

// ready tries a small write in every folder that is written, at most every five seconds.
func (s *server) ready() error {
	s.probe.Lock()
	defer s.probe.Unlock()
	if time.Since(s.probe.at) < 5*time.Second {
		return s.probe.err
	}
	s.probe.at, s.probe.err = time.Now(), s.storesThere()
	for _, folder := range []string{"journal", "blobs", "tmp"} {
		if s.probe.err == nil {
			path := s.path(folder, "probe"+tornSuffix)
			s.probe.err = os.WriteFile(path, []byte("probe"), 0o600)
			os.Remove(path)
		}
	}
	return s.probe.err
}

// writeDurably puts a whole file under its name, or none.
func writeDurably(path string, b []byte) error {
	temporary := path + ".new"
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err = file.Write(b); err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err == nil {
		err = syncFolderOf(path)
	}
	return err
}

func syncFolderOf(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

func random(n int) []byte {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic(err)
	}
	return b
}

func randomText() string { return hex.EncodeToString(random(16)) }

// systemCode says what the system said without the path that it said it of.
func systemCode(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		err = link.Err
	}
	return err.Error()
}
