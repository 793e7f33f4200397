/** The file that a procedure's function is written to, by the object it belongs to; the first match counts. @type {[RegExp, string][]} */
const OBJECTS = [
  [/^(auth_|connect_open$|connect_close$|connect_supports_feature$|connect_set_identity$)/, 'session'],
  [/^domain_checkpoint|^domain_list_all_checkpoints/, 'domain-checkpoint'],
  [/^domain_snapshot|snapshot/, 'domain-snapshot'],
  [/^domain_migrate/, 'domain-migrate'],
  [/event_(callback_)?(de)?register|close_callback/, 'event-registration'],
  [/^domain_block|^domain_backup/, 'domain-block'],
  [/^domain_(get|set|pin|add|del)_/, 'domain-properties'],
  [/^domain_/, 'domain'],
  [/^network_port|^network_list_all_ports/, 'network-port'],
  [/^network_/, 'network'],
  [/^interface_/, 'interface'],
  [/^storage_pool/, 'storage-pool'],
  [/^storage_vol/, 'storage-volume'],
  [/^secret_/, 'secret'],
  [/^node_device/, 'node-device'],
  [/^nwfilter/, 'nw-filter'],
  [/^node_/, 'node'],
  [/^connect_/, 'connect'],
];

/** Files that the package keeps to itself. */
export const INTERNAL_OBJECTS = new Set(['session', 'event-registration', 'structs', 'event-messages']);

/** @param {string} procedure */
export function objectOf(procedure) {
  const found = OBJECTS.find(([pattern]) => pattern.test(procedure));
  if (!found) throw new Error(`The procedure ${procedure} belongs to no object that this generator knows.`);
  return found[1];
}

const DESCRIPTORS = 'needs file descriptors passed over the socket, which Node cannot do';
const SUPERSEDED = 'superseded by the registration with callback ids, which every supported daemon has';

/** Procedures without a function of their own, and why. @type {[RegExp, string][]} */
const IGNORED = [
  [/_with_files$|^domain_open_graphics(_fd)?$|^domain_fd_associate$/, DESCRIPTORS],
  [/^connect_domain_event_(de)?register(_any)?$/, SUPERSEDED],
];

/** @param {string} procedure */
export function reasonToIgnore(procedure) {
  return IGNORED.find(([pattern]) => pattern.test(procedure))?.[1];
}

/** Work whose length depends on a disk, a guest or a network: it gets no deadline unless the caller sets one. */
const LONG = [
  /^domain_(create|restore|save|managed_save$|core_dump|migrate|revert|backup_begin|open_|screenshot|fsfreeze|fsthaw|fstrim)/,
  /^domain_(shutdown|destroy|reboot|reset|pm_suspend|agent_command|monitor_command|attach|detach|update_device|set_vcpus|set_memory)/,
  /^domain_snapshot_(create|delete)|^domain_checkpoint_(create|delete)/,
  /^storage_vol_(create|delete|wipe|resize|upload|download)|^storage_pool_(build|create|delete|refresh)/,
  /^node_(suspend|alloc_pages)|^qemu_/,
];

/** @param {string} procedure */
export function isLong(procedure) {
  return LONG.some((pattern) => pattern.test(procedure));
}
