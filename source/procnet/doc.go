// Package procnet reads what the kernel tells about TCP by files: the counters
// and tables of /proc/net and the sysctls of /proc/sys.
//
// There is one file here per kernel file, with the reader apart from the
// parser. A file that this kernel does not have gives nil fields, not errors;
// nothing that is read is trusted about its length.
package procnet
