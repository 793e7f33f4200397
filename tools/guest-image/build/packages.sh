# Debian packages: which, fetched into $packages, unpacked below $work.
agent_packages="qemu-guest-agent libc6 libnuma1 libudev1 liburing2 libpcre2-8-0 libcap2 libatomic1"

# The package behind a meta package, or the one of a versioned name: linux-image-cloud-amd64 → linux-image-6.1.0-N-cloud-amd64.
dependency() { apt-cache depends "$1" | awk -v name="$2" '$1 == "Depends:" && index($2, name) == 1 { print $2; exit }'; }

name_packages() {
  kernel_package=$(dependency linux-image-cloud-amd64 linux-image)
  glib_package=$(dependency qemu-guest-agent libglib)
  [ -n "$kernel_package" ] && [ -n "$glib_package" ]
}

# Package lists may be missing, or older than the archive and name packages that are gone; root can renew them.
renew_lists() {
  [ "$(id -u)" = 0 ] || { echo 'the package lists are missing or too old: run apt-get update as root' >&2; return 1; }
  apt-get update -qq -o DPkg::Lock::Timeout=300
}

fetch_packages() {
  name_packages 2>/dev/null || { renew_lists && name_packages; }
  agent_packages="$agent_packages $glib_package"
  local package missing=()
  for package in "$kernel_package" busybox-static systemd-boot-efi $agent_packages; do
    compgen -G "$packages/${package}_*.deb" >/dev/null || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] || download "${missing[@]}" || { renew_lists && download "${missing[@]}"; }
}

# By way of another directory, so that an interrupted download is not taken for a package.
download() {
  mkdir -p "$work/download"
  (cd "$work/download" && apt-get download -qq -o APT::Sandbox::User=root "$@") && mv "$work/download"/*.deb "$packages/"
}

unpack() {
  local archives=("$packages/$1"_*.deb)
  mkdir -p "$work/$2"
  dpkg-deb -x "${archives[-1]}" "$work/$2"
}

unpack_packages() {
  local package
  unpack "$kernel_package" kernel
  unpack busybox-static busybox
  unpack systemd-boot-efi boot
  for package in $agent_packages; do unpack "$package" agent; done
  kernel_version=$(basename "$work"/kernel/boot/vmlinuz-*)
  kernel_version=${kernel_version#vmlinuz-}
  # Debian 13 ships /usr/lib/modules only; 12 ships /bin/busybox, 13 /usr/bin/busybox.
  [ -d "$work/kernel/lib" ] || ln -s usr/lib "$work/kernel/lib"
  busybox=$(find "$work/busybox" -type f -name busybox -path '*/bin/*')
}
