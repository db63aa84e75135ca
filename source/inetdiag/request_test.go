package inetdiag

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/359a26c5/twtop/source"
)

// TestSizes pins the layouts to include/uapi/linux: these never change.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		name           string
		want, got, own int
	}{
		{"nlmsghdr", 16, binary.Size(nlMsgHdr{}), sizeofHeader},
		{"nlattr", 4, binary.Size(nlAttr{}), sizeofAttr},
		{"inet_diag_sockid", 48, binary.Size(inetDiagSockID{}), sizeofSockID},
		{"inet_diag_msg", 72, binary.Size(inetDiagMsg{}), sizeofMsg},
		{"inet_diag_req", 60, binary.Size(inetDiagReq{}), sizeofReq},
		{"inet_diag_req_v2", 56, binary.Size(inetDiagReqV2{}), sizeofReqV2},
		{"tcp_info, as far as read", 72, binary.Size(tcpInfo{}), sizeofInfoRead},
	} {
		if c.got != c.want || c.own != c.want {
			t.Errorf("struct %s has %d bytes, %d in the tests and %d in the package", c.name, c.want, c.got, c.own)
		}
	}
}

func TestRequests(t *testing.T) {
	for _, c := range []struct {
		name string
		r    Request
		want []byte
	}{
		{
			"by family", Request{Family: FamilyIPv6, States: 0x40, Ext: ExtInfo},
			message(20, 0x301, 7, inetDiagReqV2{Family: 10, Protocol: 6, Ext: 2, States: 0x40}),
		},
		{
			"compat", Request{Compat: true, States: AllStates},
			message(18, 0x301, 7, inetDiagReq{States: 0x1ffe}),
		},
	} {
		binary.NativeEndian.PutUint32(c.want[12:], 0) // port id
		got := c.r.AppendTo([]byte("before"), 7)
		if want := append([]byte("before"), c.want...); !bytes.Equal(got, want) {
			t.Errorf("%s:\ngot  %x\nwant %x", c.name, got, want)
		}
	}
}

func TestAllStatesLeavesBoundInactiveOut(t *testing.T) {
	for _, s := range source.ReportedStates {
		if asked := AllStates&s.Mask() != 0; asked != (s != source.StateBoundInactive) {
			t.Errorf("%v asked for: %v", s, asked)
		}
	}
}

func TestAppendToDoesNotAllocate(t *testing.T) {
	b := make([]byte, 0, 128)
	for _, r := range []Request{{Compat: true}, {Family: FamilyIPv4}} {
		if n := testing.AllocsPerRun(100, func() { b = r.AppendTo(b[:0], 1) }); n != 0 {
			t.Errorf("%+v: %v allocations", r, n)
		}
	}
}
