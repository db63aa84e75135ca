"""A small world of TCP sockets, every kind that ss and netstat tell apart.

Run inside an empty network namespace whose lo is up, by make.sh. It prints
"ready" and keeps its sockets until its standard input ends.
"""
import ctypes
import socket
import sys

V4, V6 = socket.AF_INET, socket.AF_INET6
kept = []


def listen(family, addr, backlog=16, v6only=None, device=None):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if v6only is not None:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    if device:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device)
    s.bind(addr)
    s.listen(backlog)
    kept.append(s)
    return s


def connect(listener, family, addr):
    c = socket.socket(family, socket.SOCK_STREAM)
    c.connect(addr)
    a, _ = listener.accept()
    kept.extend((c, a))
    return c, a


def time_wait(listener, family, addr, n):
    for _ in range(n):
        c, a = connect(listener, family, addr)
        c.close()
        a.recv(1)
        a.close()


ctypes.CDLL(None).prctl(15, b"tmux: server", 0, 0, 0)  # PR_SET_NAME

one = listen(V4, ("127.0.0.1", 4001), 511)
wild = listen(V4, ("0.0.0.0", 4002))
dual = listen(V6, ("::", 4003), v6only=0)
only = listen(V6, ("::", 4004), v6only=1)
six = listen(V6, ("::1", 4005), v6only=1)
link = listen(V6, ("fe80::1", 4006, 0, 1))
device = listen(V4, ("0.0.0.0", 4007), device=b"lo\0")
full = listen(V4, ("127.0.0.1", 4008), 0)

for _ in range(3):
    connect(one, V4, ("127.0.0.1", 4001))
connect(wild, V4, ("127.0.0.2", 4002))
connect(dual, V6, ("::1", 4003))
connect(dual, V4, ("127.0.0.1", 4003))
connect(dual, V6, ("::ffff:127.0.0.1", 4003))
connect(six, V6, ("::1", 4005))
connect(link, V6, ("fe80::1", 4006, 0, 1))
connect(device, V4, ("127.0.0.1", 4007))
long_one = listen(V6, ("2001:db8:1234:5678:9abc:def0:1234:5678", 4009))
connect(long_one, V6, ("2001:db8:1234:5678:9abc:def0:1234:5678", 4009))

alive, _ = connect(one, V4, ("127.0.0.1", 4001))
alive.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
busy, lazy = connect(one, V4, ("127.0.0.1", 4001))
busy.send(b"12345")  # lazy never reads it

half, _ = connect(one, V4, ("127.0.0.1", 4001))
half.shutdown(socket.SHUT_WR)  # FIN-WAIT-2, CLOSE-WAIT
gone, _ = connect(one, V4, ("127.0.0.1", 4001))
gone.close()  # the same, held by nobody

for _ in range(2):  # the queue of a backlog of 0 takes one, the next stays in SYN-SENT
    c = socket.socket(V4, socket.SOCK_STREAM)
    c.setblocking(False)
    c.connect_ex(("127.0.0.1", 4008))
    kept.append(c)

bound = socket.socket(V4, socket.SOCK_STREAM)
bound.bind(("127.0.0.1", 0))
kept.append(bound)

time_wait(one, V4, ("127.0.0.1", 4001), 12)
time_wait(six, V6, ("::1", 4005), 3)
time_wait(dual, V6, ("::ffff:127.0.0.1", 4003), 2)

print("ready", flush=True)
sys.stdin.read()
