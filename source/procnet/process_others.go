//go:build !linux

package procnet

import "os"

func isProcfs(string) bool { return false }

func ownerOf(os.FileInfo) uint32 { return 0 }

func isNoProcess(error) bool { return false }

func inodeOf(os.FileInfo) uint64 { return 0 }
