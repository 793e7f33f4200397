# The root file system, which lives in the initrd.
root=
make_root() {
  root=$work/root
  mkdir -p "$root"/{bin,sbin,etc,proc,sys,dev,run,tmp,root,data,mnt/config,lib/modules,lib64,opt/agent}
  mkdir -p "$root"/usr/{bin,sbin} "$root"/var/{run,log}
  cp "$busybox" "$root/bin/busybox"
  local applet
  for applet in $("$busybox" --list); do
    [ "$applet" = busybox ] || ln -s /bin/busybox "$root/bin/$applet"
  done
  # Over the applets: a file of ours replaces one of the same name.
  cp -a --remove-destination "$rootfs/." "$root/"
  set_modes
  echo "root:$("$busybox" mkpasswd -m sha512 -S guestguest guest):19000:0:99999:7:::" >"$root/etc/shadow"
  chmod 600 "$root/etc/shadow"
}

# A packed rootfs, as in a folder outside of the repository, has lost its modes: a script is what begins like one.
set_modes() {
  local path
  while IFS= read -r -d '' path; do
    if [ "$(head -c 2 "$root/$path")" = '#!' ]; then chmod 755 "$root/$path"; else chmod 644 "$root/$path"; fi
  done < <(cd "$rootfs" && find . -type f -print0)
}

# Order, times and owners are fixed, so that the same files give the same bytes.
make_initrd() {
  find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  (cd "$root" && find . -print0 | sort -z | cpio --null -o -H newc --reproducible -R 0:0 --quiet) >"$work/initrd.cpio"
  zstd -19 -T0 -q -c <"$work/initrd.cpio" >"$output/initrd.img"
  cp "$work/kernel/boot/vmlinuz-$kernel_version" "$output/vmlinuz"
}
