# The disk: MBR, an EFI system partition that BIOS boots too (syslinux and systemd-boot share one kernel), ext4 for data.
boot_mib=40
data_mib=8
sectors_per_mib=2048
cmdline='console=tty0 console=ttyS0,115200 quiet mitigations=off nokaslr no_timer_check cryptomgr.notests'
cmdline="$cmdline random.trust_cpu=on net.ifnames=0 panic=10 memhp_default_state=online"

make_disk() {
  disk=$output/guest.raw
  echo "$cmdline" >"$output/cmdline"
  rm -f "$disk"
  truncate -s $((1 + boot_mib + data_mib))M "$disk"
  write_partition_table
  make_boot_partition
  make_data_partition
  qemu-img convert -O qcow2 -c "$disk" "$output/guest.qcow2"
}

little_endian_32() {
  printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $((($1 >> 8) & 255)) $((($1 >> 16) & 255)) $((($1 >> 24) & 255))
}

# FLAG TYPE FIRST COUNT, in sectors; the cylinder fields say "use the sectors".
partition() { printf "\\x$1\\xfe\\xff\\xff\\x$2\\xfe\\xff\\xff$(little_endian_32 "$3")$(little_endian_32 "$4")"; }

write_partition_table() {
  local first=$sectors_per_mib boot=$((boot_mib * sectors_per_mib)) data=$((data_mib * sectors_per_mib))
  {
    dd if=/usr/lib/syslinux/mbr/mbr.bin bs=440 count=1 conv=sync status=none
    printf '\x01\x00\xb0\x1a\x00\x00'
    partition 80 ef "$first" "$boot"
    partition 00 83 $((first + boot)) "$data"
    head -c 32 /dev/zero
    printf '\x55\xaa'
  } | dd of="$disk" bs=512 count=1 iflag=fullblock conv=notrunc status=none
}

make_boot_partition() {
  local tree=$work/esp
  export MTOOLS_SKIP_CHECK=1 MTOOLSRC=/dev/null
  mformat -i "$disk@@1M" -T $((boot_mib * sectors_per_mib)) -h 64 -s 32 -N 1ab00002 -v GUESTBOOT ::
  mkdir -p "$tree/EFI/BOOT" "$tree/loader/entries"
  cp "$(find "$work/boot" -name systemd-bootx64.efi)" "$tree/EFI/BOOT/BOOTX64.EFI"
  printf 'timeout 0\ndefault guest.conf\n' >"$tree/loader/loader.conf"
  printf 'title guest\nlinux /vmlinuz\ninitrd /initrd.img\noptions %s\n' "$cmdline" >"$tree/loader/entries/guest.conf"
  printf 'DEFAULT guest\nPROMPT 0\nTIMEOUT 0\nLABEL guest\n LINUX /vmlinuz\n INITRD /initrd.img\n APPEND %s\n' "$cmdline" \
    >"$tree/syslinux.cfg"
  cp "$output/vmlinuz" "$output/initrd.img" "$tree/"
  find "$tree" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
  mcopy -i "$disk@@1M" -s -m "$tree"/* ::
  syslinux --offset $((1 << 20)) --install "$disk"
}

make_data_partition() {
  local id=1ab00003-0000-4000-8000-000000000003 offset=$(((1 + boot_mib) << 20))
  E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH mke2fs -q -F -t ext4 -O ^metadata_csum,^has_journal -L guestdata -U $id \
    -E "offset=$offset,hash_seed=$id,root_owner=0:0" "$disk" ${data_mib}M
}
