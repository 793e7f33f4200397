#!/bin/bash
# An NFS server inside a libvirt peer with a network of its own: `nfs-server.sh DIRECTORY`. Comes back when it serves
# DIRECTORY/export; it ends with the peer.
set -eu
directory=$1
mkdir -p /run/ganesha
# Its port is the same everywhere, hence the network.
rpcbind -w
ganesha.nfsd -f "$directory/ganesha.conf" -L "$directory/ganesha.log" -p /run/ganesha.pid
for _ in {1..200}; do
  rpcinfo -p 127.0.0.1 | grep -q mountd && exit 0
  sleep 0.1
done
tail -n 20 "$directory/ganesha.log" >&2
exit 1
