// Package inetdiag turns a request for TCP sockets into the bytes that the
// kernel's sock_diag wants, and the bytes of its answer into source.Entries.
//
// It mirrors include/uapi/linux/inet_diag.h, sock_diag.h and netlink.h and
// knows no socket: package live carries the bytes. Netlink's own fields are in
// the byte order of the machine, ports and addresses in network order.
package inetdiag
