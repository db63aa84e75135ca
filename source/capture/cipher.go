package capture

import (
	"crypto/aes"
	gocipher "crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"github.com/359a26c5/twtop/source"
)

// cipher maps addresses to addresses, one to one.
type cipher struct {
	key   [32]byte
	block gocipher.Block
	memo  map[source.Addr]source.Addr
}

func newCipher(secret [32]byte) cipher {
	block, err := aes.NewCipher(secret[:])
	if err != nil {
		panic(err) // there is no such key length
	}
	return cipher{key: secret, block: block, memo: make(map[source.Addr]source.Addr)}
}

// maxMemo bounds the addresses that are remembered: 40 bytes each.
const maxMemo = 1 << 16

// addr is what stands for a. Loopback and unspecified addresses stand for
// themselves. Others stay what they are: of their family, private, shared,
// link-local, multicast or public. Those of one /24, or /64 of IPv6, and only
// those, stay together in one.
func (c *cipher) addr(a source.Addr) source.Addr {
	if a.IsUnspecified() || a.IsLoopback() {
		return a
	}
	if m, ok := c.memo[a]; ok {
		return m
	}
	m := c.addr6(a)
	if a.Is4() {
		m = c.addr4(a)
	}
	if len(c.memo) >= maxMemo {
		clear(c.memo)
	}
	c.memo[a] = m
	return m
}

// class is a network whose addresses stay in it: so many leading bits.
type class struct {
	prefix uint64
	bits   int
}

// classes4 are those of IPv4 that mean something (RFC 6890), the longest first.
var classes4 = []class{
	{0, 24},
	{0xc0a8, 16}, // 192.168.0.0/16
	{0xa9fe, 16}, // 169.254.0.0/16, link-local
	{0xac1, 12},  // 172.16.0.0/12
	{0x191, 10},  // 100.64.0.0/10, shared
	{0x0a, 8},    // 10.0.0.0/8
	{0x7f, 8},    // 127.0.0.0/8
	{0x00, 8},    // 0.0.0.0/8
	{0xe, 4},     // 224.0.0.0/4, multicast
	{0xf, 4},     // 240.0.0.0/4
	{0, 0},
}

// classes6 are those of IPv6, by the upper half of the address.
var classes6 = []class{
	{0, 64},
	{0x3fa, 10}, // fe80::/10, link-local
	{0xff, 8},   // ff00::/8, multicast
	{0x7e, 7},   // fc00::/7, unique local
	{0x1, 3},    // 2000::/3, public
	{0, 0},
}

func (c *cipher) addr4(a source.Addr) source.Addr {
	_, lo := a.Words()
	v := uint64(uint32(lo))
	network := c.within(classes4, 24, v>>8, "4")
	for host, tweak := v&0xff, "4 host "+word(v>>8); ; {
		host = c.permute(8, host, tweak)
		if m := source.AddrFromV4(uint32(network<<8 | host)); !m.IsUnspecified() {
			return m
		}
	}
}

// addr6 keeps what would be IPv4-mapped, unspecified or loopback out of the
// way: no other address may become one of these.
func (c *cipher) addr6(a source.Addr) source.Addr {
	hi, lo := a.Words()
	hi = c.within(classes6, 64, hi, "6")
	for tweak := "6 host " + word(hi); ; {
		lo = c.permute(64, lo, tweak)
		if m := source.AddrFromWords(hi, lo); !m.Is4() && !m.IsUnspecified() && !m.IsLoopback() {
			return m
		}
	}
}

// within permutes the first n bits of an address, which v is, inside its class.
// What leaves the class for one inside is permuted again until it is back.
func (c *cipher) within(classes []class, n int, v uint64, tweak string) uint64 {
	own := classOf(classes, n, v)
	k := classes[own]
	free := n - k.bits
	if free == 0 {
		return v
	}
	mask := ^uint64(0) >> (64 - free)
	for p := v; ; {
		p = p&^mask | c.permute(free, p&mask, tweak+string(rune('a'+own)))
		if classOf(classes, n, p) == own {
			return p
		}
	}
}

func classOf(classes []class, n int, v uint64) int {
	for i, k := range classes {
		if k.bits == 0 || v>>(n-k.bits) == k.prefix {
			return i
		}
	}
	return len(classes) - 1
}

// permute maps the numbers of so many bits, 2 to 64, one to one: a Feistel
// network of rounds with AES for its function.
func (c *cipher) permute(bits int, v uint64, tweak string) uint64 {
	const rounds = 10
	left, right := bits/2, bits-bits/2
	l, r := v>>right, v&(1<<right-1)
	var in, out [aes.BlockSize]byte
	sum := c.sum(tweak)
	for i := range rounds {
		copy(in[:], sum[:6])
		in[6], in[7] = byte(bits), byte(i)
		binary.BigEndian.PutUint64(in[8:], r)
		c.block.Encrypt(out[:], in[:])
		l, r = r, (l^binary.BigEndian.Uint64(out[:]))&(1<<left-1)
		left, right = right, left
	}
	return l<<right | r
}

func (c *cipher) sum(s string) [sha256.Size]byte {
	h := hmac.New(sha256.New, c.key[:])
	h.Write([]byte(s))
	return [sha256.Size]byte(h.Sum(nil))
}

func word(v uint64) string { return string(binary.BigEndian.AppendUint64(nil, v)) }
