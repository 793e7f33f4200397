#!/bin/bash
# First process of a lab machine's namespaces: `lab-host.sh DIRECTORY QEMU-ARGUMENTS…`, started by unshare(1).
# A line on stdout when QEMU has ended (`exited STATUS`).
# The end of stdin, which is also the death of whoever started the machine, ends everything in here.
set -eu
directory=$1
shift

run_machine() {
  local status=0
  qemu-system-x86_64 "$@" </dev/null >>"$directory/qemu.out" 2>&1 || status=$?
  echo "exited $status"
}

run_machine "$@" &
while read -r _; do :; done

# Every process in this pid namespace except this one.
kill -KILL -1
rm -rf "$directory"
