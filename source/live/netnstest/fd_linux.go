package netnstest

// FD is the descriptor, for what this kit has no word for. The tests of
// inetdiag and procnet write to sockets and listen late by it.
func (s *Sock) FD() int { return s.fd }
