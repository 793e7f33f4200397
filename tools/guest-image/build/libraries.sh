# The guest agent with exactly the shared libraries it needs.
copy_libraries() {
  local queue=("$work/agent/usr/sbin/qemu-ga") file name found
  cp "${queue[0]}" "$root/usr/sbin/"
  while [ ${#queue[@]} -gt 0 ]; do
    file=${queue[0]}
    queue=("${queue[@]:1}")
    for name in $(readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
      [ ! -e "$root/opt/agent/$name" ] || continue
      found=$(find "$work/agent" -name "$name" | head -n 1)
      [ -n "$found" ] || { echo "qemu-ga needs $name, which no package of agent_packages has" >&2; return 1; }
      cp -L "$found" "$root/opt/agent/$name"
      queue+=("$found")
    done
  done
  cp -L "$(find "$work/agent" -name ld-linux-x86-64.so.2 | head -n 1)" "$root/lib64/"
}
