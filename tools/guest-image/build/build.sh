#!/bin/bash
# build.sh OUTPUT: a small bootable guest, made of Debian packages that are unpacked and not installed.
# Writes vmlinuz and initrd.img (direct kernel boot), cmdline, guest.raw and guest.qcow2 (BIOS and UEFI boot).
# Needs no root, no loop device and no network but apt's. The same packages give the same bytes.
set -euo pipefail
output=$1
here=$(cd "$(dirname "$0")" && pwd)
rootfs=$here/../rootfs
packages=${PACKAGE_CACHE:?directory for downloaded packages}
export SOURCE_DATE_EPOCH=1700000000 LC_ALL=C TZ=UTC
export PATH=$PATH:/usr/sbin:/sbin

source "$here/packages.sh"
source "$here/libraries.sh"
source "$here/modules.sh"
source "$here/initrd.sh"
source "$here/disk.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$output" "$packages"
step() { echo "[$SECONDS s] $*"; }

step 'fetching packages'
fetch_packages
step 'unpacking'
unpack_packages
step "root file system, kernel $kernel_version"
make_root
copy_libraries
copy_modules
step 'initrd'
make_initrd
step 'disk'
make_disk
step 'done'
