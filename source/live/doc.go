// Package live is a source.Source over this host's kernel. It asks sock_diag
// by netlink, reads what is no socket from /proc, and does both from inside
// the network namespace that it was given.
package live
