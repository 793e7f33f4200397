#!/bin/bash
# First process of an NBD server's namespaces: `nbd-host.sh DIRECTORY ADDRESS PORT`, started by unshare(1).
# Serves each file of DIRECTORY/exports under its name. Commands are lines on stdin (`start`, `stop`), facts are lines on
# stdout (`serving`, `stopped`). While DIRECTORY/fail-reads or fail-writes is there, such requests get an I/O error.
# The end of stdin, which is also the death of whoever started the peer, ends everything in here.
set -eu
directory=$1
address=$2
port=$3
cd "$directory"

serve() {
  rm -f nbdkit.pid
  nbdkit --foreground --pidfile nbdkit.pid --ipaddr "$address" --port "$port" --filter=error \
    file dir="$directory/exports" \
    error-pread=EIO error-pread-rate=100% error-pread-file="$directory/fail-reads" \
    error-pwrite=EIO error-pwrite-rate=100% error-pwrite-file="$directory/fail-writes" \
    </dev/null >>nbdkit.out 2>&1 &
  server=$!
  # Written when it listens.
  until [ -s nbdkit.pid ]; do
    kill -0 "$server" || { cat nbdkit.out >&2; exit 1; }
    sleep 0.05
  done
  echo serving
}

end() {
  kill -KILL "$server"
  wait "$server" || true
  echo stopped
}

hostname nbd
serve
while read -r command; do
  case $command in
    start) serve ;;
    stop) end ;;
  esac
done

# Every process in this pid namespace except this one.
kill -KILL -1
rm -rf "$directory"
