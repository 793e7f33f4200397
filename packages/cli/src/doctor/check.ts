/** What one look at the machine found. */
export interface Finding {
  readonly what: string;
  /** `missing` stops something from working; `note` is worth knowing. */
  readonly state: 'ok' | 'note' | 'missing';
  readonly detail: string;
  /** A command that mends it. */
  readonly fix?: string;
}

/** Looks at one thing. Never throws for what it looks for. */
export type Check = () => Promise<readonly Finding[]>;
