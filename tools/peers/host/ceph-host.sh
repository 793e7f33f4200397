#!/bin/bash
# First process of a Ceph peer's namespaces: `ceph-host.sh DIRECTORY MONITORS FSID`, started by unshare(1) with CEPH_CONF set.
# One monitor, one manager and one OSD in a directory; a line on stdout when the cluster serves (`ready`).
# The end of stdin, which is also the death of whoever started the peer, ends everything in here.
set -eu
directory=$1
monitors=$2
fsid=$3
cd "$directory"

key() { ceph-authtool keyring --gen-key -n "$@" >/dev/null; }
serve() { "$@" </dev/null >>log/daemons.out 2>&1 & }

# A quiet command whose own words matter only when it fails.
ask() { timeout 60 "$@" >log/last-command 2>&1 || { cat log/last-command >&2; exit 1; }; }

build() {
  ceph-authtool --create-keyring keyring --gen-key -n mon. --cap mon 'allow *' >/dev/null
  key client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
  key mgr.a --cap mon 'allow profile mgr' --cap osd 'allow *'
  key osd.0 --cap mon 'allow profile osd' --cap mgr 'allow profile osd' --cap osd 'allow *'
  ask monmaptool --create --addv a "$monitors" --fsid "$fsid" monmap
  ask ceph-mon --mkfs -i a --monmap monmap --keyring keyring
  serve ceph-mon -f -i a
  ask ceph --connect-timeout 50 osd new "$(cat /proc/sys/kernel/random/uuid)"
  serve ceph-mgr -f -i a
  ask ceph-osd -i 0 --mkfs --osd-uuid "$(ceph osd dump --format json | grep -o '"uuid":"[^"]*"' | head -1 | cut -d'"' -f4)"
  serve ceph-osd -f -i 0
  until ceph osd stat 2>/dev/null | grep -q '1 up'; do sleep 0.2; done
  ask ceph osd pool create volumes 8
  ask rbd pool init volumes
  # Its size is known when the OSD has told the manager; before that a full cluster looks the same.
  until ceph df --format json 2>/dev/null | grep -q '"total_avail_bytes":[1-9]'; do sleep 0.2; done
  ask ceph auth get-or-create client.machines mon 'profile rbd' osd 'profile rbd pool=volumes' mgr 'profile rbd' -o machines.keyring
}

hostname ceph
build </dev/null
echo ready
while read -r _; do :; done

# Every process in this pid namespace except this one.
kill -KILL -1
rm -rf "$directory"
