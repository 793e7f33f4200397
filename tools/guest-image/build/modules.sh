# Kernel modules, with the order to load them in worked out here, so that the guest needs no module database.
wanted_modules="virtio_pci virtio_blk virtio_net virtio_scsi virtio_console virtio_balloon virtio-rng sd_mod sr_mod ata_piix ahci
  isofs nls_ascii nls_cp437 nls_utf8 vfat ext4 crc32c_generic button evdev af_packet e1000 e1000e"

declare -A module_file module_needs module_copied

copy_modules() {
  local tree=$work/kernel/lib/modules/$kernel_version file needs name
  depmod -b "$work/kernel" "$kernel_version"
  while IFS=: read -r file needs; do
    name=$(module_name "$file")
    module_file[$name]=$tree/$file
    module_needs[$name]=$needs
  done <"$tree/modules.dep"
  for name in $wanted_modules; do copy_module "${name//-/_}"; done
}

module_name() {
  local name=${1##*/}
  name=${name%%.ko*}
  echo "${name//-/_}"
}

# What the kernel has built in, or this kernel lacks, has no file and is passed over.
copy_module() {
  local name=$1 needed target=$root/lib/modules/$1.ko
  [ -z "${module_copied[$name]:-}" ] && [ -n "${module_file[$name]:-}" ] || return 0
  module_copied[$name]=1
  for needed in ${module_needs[$name]}; do copy_module "$(module_name "$needed")"; done
  case ${module_file[$name]} in
    *.xz) xz -dc "${module_file[$name]}" >"$target" ;;
    *.zst) zstd -qdc "${module_file[$name]}" >"$target" ;;
    *) cp "${module_file[$name]}" "$target" ;;
  esac
  objcopy --strip-debug -R .BTF -R .note.gnu.build-id "$target"
  echo "$name.ko" >>"$root/lib/modules/order"
}
