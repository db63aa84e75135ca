# Local ports and TIME_WAIT: /etc/sysctl.d/60-twtop.conf
# Made by twtop 1.0.0 on 2026-11-21T01:02:03Z, for web-3 (Linux 6.18.44).
# To install: copy this file there, then run: sysctl --system

# Why: What net.ipv4.tcp_timestamps does, in a sentence that is long enough to
# be broken at the eightieth column.
# Risk: none known
# Was: not known
net.ipv4.tcp_timestamps = 1

# Why: What net.ipv4.tcp_tw_reuse does, in a sentence that is long enough to be
# broken at the eightieth column.
# Risk: none known
# Was: not known
net.ipv4.tcp_tw_reuse = 1
