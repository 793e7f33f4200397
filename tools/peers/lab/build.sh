#!/bin/bash
# build.sh OUTPUT: a machine with what a kernel must bring and this one's may lack: LVM, multipath, an iSCSI initiator.
# Writes vmlinuz, initrd.img and root.img (ext4), made of Debian packages. Needs root, for mmdebstrap's chroot.
set -euo pipefail
output=$1
here=$(cd "$(dirname "$0")" && pwd)
export LC_ALL=C TZ=UTC PATH=$PATH:/usr/sbin:/sbin
release=${RELEASE:?code name of the Debian release}

packages=libvirt-daemon,libvirt-daemon-driver-qemu,libvirt-daemon-system,libvirt-clients,qemu-system-x86,qemu-utils
packages=$packages,lvm2,thin-provisioning-tools,open-iscsi,multipath-tools,tgt,udev,kmod,iproute2,openssh-server

# For the machine's root. What these need is loaded with them.
modules="dm_mod dm_thin_pool dm_snapshot dm_multipath dm_round_robin dm_service_time dm_queue_length scsi_dh_alua
  iscsi_tcp sd_mod sg loop nbd tun bridge virtio_net virtio_scsi virtio_rng qemu_fw_cfg scsi_debug nfs nfsd"
# To reach that root.
early="virtio_pci virtio_blk ext4 crc32c_generic"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
step() { echo "[$SECONDS s] $*"; }

download() {
  local package
  package=$(apt-cache depends linux-image-cloud-amd64 | awk '$1 == "Depends:" && $2 ~ /^linux-image-/ { print $2 }' | head -n 1)
  [ -n "$package" ] && (cd "$work/deb" && apt-get download -qq -o APT::Sandbox::User=root "$package" busybox-static)
}

fetch_kernel() {
  mkdir "$work/deb"
  # Package lists may be missing, or older than the archive and name packages that are gone.
  download || { apt-get update -qq -o DPkg::Lock::Timeout=300 && download; }
  dpkg-deb -x "$work/deb"/linux-image-*.deb "$work/kernel"
  dpkg-deb -x "$work/deb"/busybox-static_*.deb "$work/busybox"
  [ -d "$work/kernel/lib" ] || ln -s usr/lib "$work/kernel/lib"
  version=$(basename "$work"/kernel/boot/vmlinuz-*)
  version=${version#vmlinuz-}
  depmod -b "$work/kernel" "$version"
}

# Files of modules with what they need, in the order to load them. What is built in has no file.
files_of() {
  local name
  for name in "$@"; do
    modprobe -d "$work/kernel" -S "$version" --ignore-install --show-depends "$name" 2>/dev/null || true
  done | awk '$1 == "insmod" { print $2 }' | awk '!seen[$0]++'
}

make_root() {
  local file target=$work/root/lib/modules/$version
  mmdebstrap --quiet --variant=minbase --include="$packages" --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' "$release" "$work/root"
  for file in $(files_of $modules $early); do install -D -m 644 "$file" "$target/${file##*/lib/modules/$version/}"; done
  cp "$work/kernel/lib/modules/$version"/modules.{builtin,builtin.modinfo,order} "$target/"
  depmod -b "$work/root" "$version"
  install -m 755 "$here/machine-init" "$work/root/sbin/machine-init"
  rm -rf "$work/root/var/cache/apt" "$work/root/var/lib/apt/lists"
  mke2fs -q -F -t ext4 -O ^has_journal -d "$work/root" "$output/root.img" 2G
}

make_initrd() {
  local file root=$work/initrd
  mkdir -p "$root"/{bin,dev,proc,root,modules}
  cp "$(find "$work/busybox" -type f -path "*/bin/busybox")" "$root/bin/busybox"
  for file in $(files_of $early); do
    case $file in
      *.xz) xz -dc "$file" >"$root/modules/$(basename "$file" .xz)" ;;
      *) cp "$file" "$root/modules/" ;;
    esac
    basename "$file" .xz >>"$root/modules/order"
  done
  install -m 755 "$here/early-init" "$root/init"
  (cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) | zstd -q -c >"$output/initrd.img"
  cp "$work/kernel/boot/vmlinuz-$version" "$output/vmlinuz"
}

step 'kernel'
fetch_kernel
step 'initrd'
make_initrd
step 'root file system'
make_root
step 'done'
