# Local ports and TIME_WAIT: /etc/sysctl.d/60-twtop.conf
# Made by twtop 1.0.0 on 2026-11-21T01:02:03Z, for web-3 (Linux 6.18.44).
# To install: copy this file there, then run: sysctl --system
# Mind: the plan is for the namespace net:[4026532001]. At boot this file sets
# the host's own values, and no other namespace takes them over.

# Reserved already; the wider range needs it.
# Why: What net.ipv4.ip_local_reserved_ports does, in a sentence that is long
# enough to be broken at the eightieth column.
# Risk: none known
net.ipv4.ip_local_reserved_ports = 9000

# Why: What net.ipv4.ip_local_port_range does, in a sentence that is long enough
# to be broken at the eightieth column.
# Risk: none known
# Was: 32768 60999
net.ipv4.ip_local_port_range = 10240 65535

# Why: What net.core.somaxconn does, in a sentence that is long enough to be
# broken at the eightieth column.
# Risk: none known
# Was: 128
net.core.somaxconn = 4096

# Why: What net.netfilter.nf_conntrack_max does, in a sentence that is long
# enough to be broken at the eightieth column.
# Risk: none known
# Was: 65536
# The key is there once nf_conntrack is loaded: name it in /etc/modules-load.d.
# One value for the whole host, containers included.
net.netfilter.nf_conntrack_max = 262144

# Why: What net.netfilter.nf_conntrack_tcp_timeout_time_wait does, in a sentence
# that is long enough to be broken at the eightieth column.
# Risk: none known
# Was: 120
# The key is there once nf_conntrack is loaded: name it in /etc/modules-load.d.
net.netfilter.nf_conntrack_tcp_timeout_time_wait = 60
