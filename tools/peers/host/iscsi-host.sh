#!/bin/bash
# First process of an iSCSI target's namespaces: `iscsi-host.sh DIRECTORY PORTAL`, started by unshare(1) with
# TGT_IPC_SOCKET set. A line on stdout when tgtd takes orders (`ready`).
# The end of stdin, which is also the death of whoever started the peer, ends everything in here.
set -eu
directory=$1
portal=$2
cd "$directory"

hostname iscsi
tgtd --foreground --iscsi "portal=$portal" </dev/null >>tgtd.out 2>&1 &
until tgtadm --mode sys --op show >/dev/null 2>&1; do
  kill -0 $! || { cat tgtd.out >&2; exit 1; }
  sleep 0.05
done
echo ready
while read -r _; do :; done

# Every process in this pid namespace except this one.
kill -KILL -1
rm -rf "$directory"
