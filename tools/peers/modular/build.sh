#!/bin/bash
# build.sh OUTPUT: libvirt's modular daemons, which Debian does not package, from the source of the libvirt that it does.
# Writes virtqemud and virtproxyd, which use this machine's libvirt.so and drivers. Needs root, for mmdebstrap's chroot.
set -euo pipefail
output=$1
export LC_ALL=C TZ=UTC PATH=$PATH:/usr/sbin:/sbin
release=${RELEASE:?code name of the Debian release}
version=$(dpkg-query -W -f '${Version}' libvirt0)

packages=gcc,gettext,libc6-dev,libglib2.0-dev,libgnutls28-dev,libsasl2-dev,libtirpc-dev,libxml2-dev,libxml2-utils
packages=$packages,libyajl-dev,make,meson,ninja-build,perl,pkgconf,python3-docutils,rpcsvc-proto,xsltproc,xz-utils

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
step() { echo "[$SECONDS s] $*"; }

mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Component: main' | head -1)}
security=$(apt-get indextargets --format '$(SITE) $(CODENAME)' 'Created-By: Packages' 'Component: main' | grep -m 1 -- -security || true)

step 'a system to build in, and the source'
{
  echo "deb $mirror $release main"
  echo "deb-src $mirror $release main"
  [ -z "$security" ] || printf 'deb %s main\ndeb-src %s main\n' "$security" "$security"
} >"$work/sources.list"
mmdebstrap --quiet --variant=minbase --include="$packages" --aptopt='APT::Install-Recommends "false"' \
  --customize-hook='mkdir "$1/build"' \
  --customize-hook="chroot \"\$1\" sh -c 'cd /build && apt-get -qq source --download-only libvirt=$version'" \
  "$release" "$work/root" "$work/sources.list"
tar -xJf "$work"/root/build/libvirt_*.orig.tar.xz -C "$work/root/build" --strip-components=1

step 'build'
# Where Debian's own libvirt looks for everything, and no more than the two daemons take.
chroot "$work/root" sh -c 'cd /build && meson setup obj --prefix=/usr --libdir=lib/x86_64-linux-gnu --sysconfdir=/etc \
  --localstatedir=/var -Drunstatedir=/run --buildtype=plain -Dc_args=-O1 -Dauto_features=disabled -Dsystem=true \
  -Ddriver_remote=enabled -Ddriver_libvirtd=enabled -Ddriver_qemu=enabled -Dyajl=enabled -Dsasl=enabled \
  -Ddocs=disabled -Dtests=disabled && ninja -C obj src/virtqemud src/virtproxyd'
install -s -m 755 -t "$output" "$work"/root/build/obj/src/virt{qemu,proxy}d
step 'done'
