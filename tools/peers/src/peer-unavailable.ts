/** A peer cannot be started on this machine; `reason` says why and `hint` what would change that. */
export class PeerUnavailable extends Error {
  override readonly name = 'PeerUnavailable';

  constructor(
    readonly peer: string,
    readonly reason: string,
    readonly hint: string,
  ) {
    super(`The ${peer} peer is unavailable: ${reason}. ${hint}`);
  }
}
