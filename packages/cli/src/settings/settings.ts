/** What every command needs to know before it does anything. */
export interface Settings {
  /** Package or short name of the driver. */
  readonly driver: string;
  readonly target: string;
  /** The driver's own options. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly output: 'table' | 'json';
  /** Path of the pins.json of strict mode: no driver is loaded that is not approved there. */
  readonly pins?: string;
  /** Channel of it; default: the one that pins are added to. */
  readonly pinsChannel?: string;
  readonly pool?: string;
  readonly network?: string;
  /** Seconds that a whole command may take. */
  readonly timeoutSeconds: number;
}

/** Settings as far as one source knows them: the file, the environment or the flags. */
export type PartialSettings = { readonly [K in keyof Settings]?: Settings[K] | undefined };

const FALLBACK = { options: {}, output: 'table', timeoutSeconds: 600 } as const;

/** Later sources win, member by member; the driver's options are merged key by key. */
export function mergeSettings(
  base: Pick<Settings, 'driver' | 'target'>,
  sources: readonly PartialSettings[],
): Settings {
  const merged = sources.reduce<PartialSettings>((sum, source) => {
    const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined));
    // A target belongs to its driver: who names another driver does not mean the former one's target.
    const dropTarget = source.driver !== undefined && source.driver !== sum.driver && source.target === undefined;
    return {
      ...sum,
      ...(dropTarget ? { target: undefined } : {}),
      ...given,
      options: { ...sum.options, ...source.options },
    };
  }, {});
  const driver = merged.driver ?? base.driver;
  const target = merged.target ?? (driver === base.driver ? base.target : '');
  const known = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
  return { ...FALLBACK, ...known, driver, target };
}
