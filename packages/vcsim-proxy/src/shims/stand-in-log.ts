/** Which methods stand-ins answered. */
export interface StandInLog {
  /** All since the start. */
  readonly all: ReadonlySet<string>;
  add(method: string): void;
  /** Those since this was called last, each once. */
  take(): readonly string[];
}

export function standInLog(): StandInLog {
  const all = new Set<string>();
  const recent = new Set<string>();
  return {
    all,
    add(method) {
      all.add(method);
      recent.add(method);
    },
    take() {
      const methods = [...recent];
      recent.clear();
      return methods;
    },
  };
}
