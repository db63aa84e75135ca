# Local ports and TIME_WAIT: /etc/sysctl.d/60-twtop.conf
# Made by twtop 1.0.0 on 2026-11-21T01:02:03Z, for web-3 (Linux 6.18.44).
# To install: copy this file there, then run: sysctl --system
# The plan changes no sysctl: there is nothing to set here.
