package main

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// What is announced, and what one address or one account may do in a minute (P-80).

const (
	blobBytes    = 8 << 20
	recordBytes  = 512 << 10
	idsPerQuery  = 1000
	idsPerRecord = 2 << 20

	requestsPerMinute = 36_000
	loginsPerMinute   = 600
	refusalsPerMinute = 20
)

// limiter counts by name within fixed minutes of running time; it forgets them all when a minute ends, so it cannot grow for long.
type limiter struct {
	sync.Mutex
	ends   time.Time
	counts map[string]int
}

// count adds to a name's count and gives it with the seconds that are left of the minute.
func (l *limiter) count(name string, add int) (count, seconds int) {
	l.Lock()
	defer l.Unlock()
	if now := time.Now(); now.After(l.ends) {
		l.ends, l.counts = now.Add(time.Minute), map[string]int{}
	}
	l.counts[name] += add
	return l.counts[name], 1 + int(time.Until(l.ends).Seconds())
}

// gauge bounds what is held at once under a name.
type gauge struct {
	sync.Mutex
	held map[string]int64
}

func (g *gauge) take(name string, n, most int64) bool {
	g.Lock()
	defer g.Unlock()
	if n > 0 && g.held[name]+n > most {
		return false
	}
	if g.held == nil {
		g.held = map[string]int64{}
	}
	if g.held[name] += n; g.held[name] == 0 {
		delete(g.held, name)
	}
	return true
}

// address is the caller's, an IPv6 one without what its owner chooses freely.
func (c *call) address() string {
	host, _, err := net.SplitHostPort(c.r.RemoteAddr)
	if err != nil {
		return ""
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	if address = address.Unmap(); address.Is6() {
		prefix, _ := address.WithZone("").Prefix(64)
		return prefix.String()
	}
	return address.String()
}

// limit counts a request for its address, before anything of it is looked at.
func (c *call) limit() error {
	name, most := "requests "+c.address(), requestsPerMinute
	if c.route.strict {
		name, most = c.route.pattern+" "+c.address(), loginsPerMinute
	}
	return c.within(name, most)
}

func (c *call) within(name string, most int) error {
	count, seconds := c.server.limits.count(name, 1)
	c.w.Header().Set("RateLimit-Policy", fmt.Sprintf(`"minute";q=%d;w=60`, most))
	c.w.Header().Set("RateLimit", fmt.Sprintf(`"minute";r=%d;t=%d`, max(most-count, 0), seconds))
	if count > most {
		return problem{code: "too-many-requests", retryAfter: seconds}
	}
	return nil
}
