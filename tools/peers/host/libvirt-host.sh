#!/bin/bash
# First process of a libvirt peer's namespaces: `libvirt-host.sh DIRECTORY NAME [libvirtd flags]`, started by unshare(1).
# Commands are lines on stdin (`start`), facts are lines on stdout (`ready`, `exited STATUS`).
# The end of stdin, which is also the death of whoever started the peer, ends everything in here.
set -eu
directory=$1
name=$2
shift 2

bind() { mount --bind "$directory/$1" "$2"; }

# A /dev/kvm that the guests' account may not open looks usable to libvirt's probe, which runs with more rights, and not
# usable afterwards: libvirt then probes QEMU anew for every call, 16 s for one define. Here it is a plain file instead.
hide_unusable_kvm() {
  [ -e /dev/kvm ] && id libvirt-qemu >/dev/null 2>&1 || return 0
  setpriv --reuid libvirt-qemu --regid "$(id -g libvirt-qemu)" --init-groups test -r /dev/kvm -a -w /dev/kvm && return 0
  install -m 600 /dev/null "$directory/no-kvm"
  bind no-kvm /dev/kvm
}

run_libvirtd() {
  local status=0
  libvirtd "$@" </dev/null >>"$directory/log/libvirtd.out" 2>&1 || status=$?
  echo "exited $status"
}

hostname "$name"
[ "${PEER_NETWORK:-shared}" = shared ] || ip link set lo up
bind hosts /etc/hosts
[ ! -d "$directory/sasl2" ] || bind sasl2 /etc/sasl2
bind etc /etc/libvirt
bind lib /var/lib/libvirt
bind log /var/log/libvirt
bind cache /var/cache/libvirt
# Last, because it hides what lay below /run, the sockets of another daemon included.
bind run /run
hide_unusable_kvm

virtlogd --daemon
[ ! -d "$directory/ssh" ] || "$(command -v sshd)" -f "$directory/ssh/sshd_config" -E "$directory/log/sshd.log"
echo ready
while read -r command; do
  case $command in
    start) run_libvirtd "$@" & ;;
  esac
done

# Every process in this pid namespace except this one; guests have left the daemon's process group long ago.
kill -KILL -1
rm -rf "$directory"
