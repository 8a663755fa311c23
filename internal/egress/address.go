package egress

import (
	"net/netip"
	"slices"
)

// closed are the networks, beside those that netip names itself, in which no peer on the internet lives: addresses that
// mean something only on this machine, in this house or to a router on the way, and those that hide such an address in
// another one.
var closed = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // behind a carrier's translator
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),        // IPv4 in an old dress
	netip.MustParsePrefix("64:ff9b::/96"), // IPv4 behind a translator
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), // tunnels and tests
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // IPv4 in a tunnel
	netip.MustParsePrefix("fec0::/10"),
}

// Open reports whether an address may be reached: everything public, and what lies in a network that the configuration
// allows.
func (p Policy) Open(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	within := func(n netip.Prefix) bool { return n.Contains(address) }
	if slices.ContainsFunc(p.Allow, within) {
		return true
	}
	return address.IsGlobalUnicast() && !address.IsPrivate() && !slices.ContainsFunc(closed, within)
}
