// Command independent is a second server for the protocol of Coffre, written from docs/protocol.md and docs/format.md alone.
package main

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

const usage = `Usage: independent --data DIR [options]    serves
       independent invite --data DIR       prints a code that makes one account

`

type options struct {
	data, listen, registration string
	tlsCert, tlsKey            string
	insecureHTTP               bool
	quota                      int64
	deviceShare                float64
	log                        *slog.Logger
}

func main() {
	arguments, inviting := os.Args[1:], false
	if len(arguments) > 0 && arguments[0] == "invite" {
		arguments, inviting = arguments[1:], true
	}
	o := options{log: slog.New(slog.NewJSONHandler(os.Stdout, nil))}
	flags := flag.NewFlagSet("independent", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&o.data, "data", "", "the folder of this server's data; an empty one becomes a new server")
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8484", "`HOST:PORT`; port 0 lets the system choose")
	flags.StringVar(&o.registration, "registration", "invitation", "who may make accounts: open, invitation or closed")
	flags.Int64Var(&o.quota, "quota", 0, "`BYTES` that an account may store; 0 is what the disk takes")
	flags.Float64Var(&o.deviceShare, "device-share", 1, "what one device may fill of the quota, from 0 to 1")
	flags.StringVar(&o.tlsCert, "tls-cert", "", "`FILE` with a certificate in PEM")
	flags.StringVar(&o.tlsKey, "tls-key", "", "`FILE` with its key")
	flags.BoolVar(&o.insecureHTTP, "insecure-http", false, "plain HTTP on addresses other than loopback")
	if err := flags.Parse(arguments); errors.Is(err, flag.ErrHelp) {
		return
	} else if err != nil {
		os.Exit(2)
	}
	known := o.registration == "open" || o.registration == "invitation" || o.registration == "closed"
	if flags.NArg() > 0 || o.data == "" || !known || (o.tlsCert == "") != (o.tlsKey == "") || o.quota < 0 || o.deviceShare < 0 || o.deviceShare > 1 {
		flags.Usage()
		os.Exit(2)
	}
	run := serve
	if inviting {
		run = invite
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "independent:", err)
		os.Exit(1)
	}
}

// invite works beside a running server: an invitation is a file whose name is the code's hash.
func invite(o options) error {
	code := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random(15))
	folder := filepath.Join(o.data, "invitations")
	if err := writeDurably(filepath.Join(folder, hashOf([]byte(code))), nil); err != nil {
		return err
	}
	fmt.Println(code)
	return nil
}

func serve(o options) error {
	s, err := openServer(o)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	address := listener.Addr().(*net.TCPAddr)
	scheme := "http"
	if o.tlsCert != "" {
		certificate, err := tls.LoadX509KeyPair(o.tlsCert, o.tlsKey)
		if err != nil {
			return err
		}
		leaf, err := x509.ParseCertificate(certificate.Certificate[0])
		if err != nil {
			return err
		}
		pin := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
		o.log.Info("certificate", "pin", hex.EncodeToString(pin[:]))
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
		scheme = "https"
	} else if !address.IP.IsLoopback() && !o.insecureHTTP {
		return errors.New("plain HTTP is for loopback: give --tls-cert and --tls-key, or --insecure-http")
	}
	// What net/http would log holds addresses of callers (P-8).
	h := &http.Server{Handler: s, ReadHeaderTimeout: jsonPatience, WriteTimeout: blobPatience, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10, ErrorLog: log.New(io.Discard, "", 0)}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	done := make(chan struct{})
	go func() {
		<-stop
		shutdown(h, jsonPatience)
		close(done)
	}()
	o.log.Info("listening", "url", scheme+"://"+address.String(), "registration", o.registration)
	if err := h.Serve(problemListener{listener}); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-done
	return nil
}
