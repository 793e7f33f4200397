/** Something that real tests need cannot be had on this machine; `reason` says why and `hint` what would change that. */
export class PeerUnavailable extends Error {
  override readonly name = 'PeerUnavailable';

  /** Whether it needs a toolchain that a distribution does not package, which CI may lack without a failure. */
  readonly outsideApt: boolean;

  constructor(
    /** `libvirt peer` */
    readonly what: string,
    readonly reason: string,
    readonly hint: string,
    options: { readonly outsideApt?: boolean } = {},
  ) {
    super(`The ${what} is unavailable: ${reason}. ${hint}`.trimEnd());
    this.outsideApt = options.outsideApt ?? false;
  }
}
