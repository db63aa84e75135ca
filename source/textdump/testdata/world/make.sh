#!/bin/sh
# Makes the texts of this directory anew, as root: sh make.sh
set -eu
cd "$(dirname "$0")"
ns=twtopworld$$
ip netns add "$ns"
trap 'exec 3>&-; wait; ip netns del "$ns"; rm -f fifo' EXIT
in_ns() { ip netns exec "$ns" "$@" 2>/dev/null; }
in_ns ip link set lo up
in_ns ip addr add fe80::1/64 dev lo
in_ns ip addr add 2001:db8:1234:5678:9abc:def0:1234:5678/128 dev lo
in_ns sysctl -qw net.ipv4.ip_local_port_range='20000 20999'
rm -f fifo; mkfifo fifo
in_ns python3 world.py <fifo >ready.tmp &
exec 3>fifo
until grep -q ready ready.tmp; do sleep 0.1; done
rm -f ready.tmp
sleep 0.2

for flags in -tan -tano -tanoe -tanp -tanope -tani -tanm -tanoepim -tanO -tanoepimO -tanH -tanoH -an; do
	in_ns ss $flags >"ss$flags.txt"
done
{ in_ns ss -4tano; in_ns ss -6tano; } >ss-4-6.txt
{ in_ns ss -tano state time-wait; in_ns ss -tano exclude time-wait; } >ss-state.txt
in_ns ss -tanoep exclude time-wait >ss-exclude.txt
for columns in 60 80 132 200; do # as on a terminal
	in_ns script -qc "stty cols $columns; ss -tanope 2>/dev/null" /dev/null </dev/null >"ss-terminal-$columns.txt"
done
for flags in -tan -tano -tanoe -tanp -tanope -tanW -tanopeW -an; do
	in_ns netstat $flags >"netstat$flags.txt"
done
in_ns cat /proc/net/tcp >proc-tcp.txt
in_ns cat /proc/net/tcp6 >proc-tcp6.txt
in_ns sysctl net.ipv4.ip_local_port_range net.ipv4.tcp_tw_reuse net.ipv4.ip_local_reserved_ports >sysctl.txt
zstd -q -f --rm -19 ./*.txt
