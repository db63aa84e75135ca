# Local ports and TIME_WAIT: /etc/sysctl.d/60-twtop.conf
# Made by twtop 1.0.0 on 2026-11-21T01:02:03Z, for web-3 (Linux 6.18.44).
# To install: copy this file there, then run: sysctl --system
# Note: Services that are down now are no listeners: reserve their ports too.

# Why: What net.ipv4.ip_local_reserved_ports does, in a sentence that is long
# enough to be broken at the eightieth column.
# Risk: none known
# Was: 8080
net.ipv4.ip_local_reserved_ports = 8080,11211,30000-32767

# Why: What net.ipv4.ip_local_port_range does, in a sentence that is long enough
# to be broken at the eightieth column.
# Risk: none known
# Was: 32768 60999
net.ipv4.ip_local_port_range = 10240 65535

# Why: What net.ipv4.tcp_timestamps does, in a sentence that is long enough to
# be broken at the eightieth column.
# Risk: none known
# Was: 0
net.ipv4.tcp_timestamps = 1

# Why: What net.ipv4.tcp_tw_reuse does, in a sentence that is long enough to be
# broken at the eightieth column.
# Here: enough: 28,118/s are borne, 640/s wanted
# Risk: none known
# Mind: TIME-WAITs made without timestamps must still run out: 60 s.
# Was: 0
net.ipv4.tcp_tw_reuse = 1
