package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
)

// What net/http refuses before a handler is asked (no HTTP, headers too long) it answers in text/plain. The protocol answers
// nothing in text (P-1), so such an answer is replaced by a problem on its way out.

var textRefusal = regexp.MustCompile(`^HTTP/1\.1 ([45]\d\d) [^\r\n]*\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n[^\r\n]*$`)

type problemListener struct{ net.Listener }

func (l problemListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return problemConn{conn}, err
}

type problemConn struct{ net.Conn }

func (c problemConn) Write(b []byte) (int, error) {
	if len(b) > 256 {
		return c.Conn.Write(b)
	}
	found := textRefusal.FindSubmatch(b)
	if found == nil {
		return c.Conn.Write(b)
	}
	status, _ := strconv.Atoi(string(found[1]))
	body, _ := json.Marshal(fields{"type": "urn:coffre:problem:malformed", "title": "malformed", "status": status, "retryable": false})
	headers := http.Header{"Content-Type": {"application/problem+json"}, "Content-Length": {strconv.Itoa(len(body))}, "Connection": {"close"}}
	for name, value := range groundHeaders {
		headers.Set(name, value)
	}
	if _, err := fmt.Fprintf(c.Conn, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status)); err != nil {
		return 0, err
	}
	if err := headers.Write(c.Conn); err != nil {
		return 0, err
	}
	_, err := fmt.Fprintf(c.Conn, "\r\n%s", body)
	return len(b), err
}
