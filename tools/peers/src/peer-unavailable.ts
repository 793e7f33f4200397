/** Something that real tests need cannot be had on this machine; `reason` says why and `hint` what would change that. */
export class PeerUnavailable extends Error {
  override readonly name = 'PeerUnavailable';

  constructor(
    /** `libvirt peer` */
    readonly what: string,
    readonly reason: string,
    readonly hint: string,
  ) {
    super(`The ${what} is unavailable: ${reason}. ${hint}`.trimEnd());
  }
}
