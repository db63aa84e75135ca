# Local ports and TIME_WAIT: /etc/sysctl.d/60-twtop.conf
# Made by twtop 1.0.0 on 2026-11-21T01:02:03Z, for web-3 (Linux 6.18.44).
# To install: copy this file there, then run: sysctl --system
# The plan changes no sysctl: there is nothing to set here.

# No sysctl sets how many files a process may open.
# The user node needs 4096, and has them from the next login.
# In /etc/security/limits.d/60-twtop.conf:
#     node - nofile 4096
