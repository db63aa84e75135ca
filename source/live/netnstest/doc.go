// Package netnstest is a kit for tests against the real kernel: it makes
// network namespaces that belong to one test, and TCP sockets in them in
// whatever state a test wants. It needs root, and Linux.
package netnstest
