/** One side of a SASL exchange, without the connection: what to send first, and in answer to each message. */
export interface Mechanism {
  readonly name: string;
  /** What goes with the choice of the mechanism; undefined when the daemon speaks first. */
  readonly initial: Buffer | undefined;
  /** Answers one message. @throws LibvirtError AUTH_FAILED when the daemon does not prove who it is. */
  respond(challenge: Buffer): Promise<Buffer>;
  /** False as long as the daemon has not proven that it knows the password too. */
  satisfied(): boolean;
}

/** Who connects. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}
