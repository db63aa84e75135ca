// Package textdump makes a Snapshot of what people paste: the output of
// `ss -tan` (iproute2), of `netstat -tan` (net-tools, busybox) or the text of
// /proc/net/tcp and tcp6, one or several after one another, with sysctl lines
// among them, as terminals, tickets and chats leave it.
//
// Sockets are gathered line by line (line.go, kind.go, record.go), understood
// by format (ss.go, netstat.go, proc.go), and put together (table.go,
// assemble.go). What the text does not tell is absent in the Snapshot, and what
// could not be read is said in its Gaps. The text is not trusted: a line has a
// limit, names are cleaned, and nothing is allocated on a promise.
package textdump
