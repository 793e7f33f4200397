/** A program that runs, or has ended, in a made-up guest. */
export interface GuestProcess {
  readonly pid: number;
  readonly owner: string;
  readonly path: string;
  readonly arguments: string;
  readonly startTime: string;
  /** Looks at it until it has ended. */
  looksLeft: number;
  readonly exitCode: number;
}

/** The inside of a machine that a test made up: accounts, files and a few programs of a Linux system. */
export interface SimulatedGuest {
  readonly accounts: Map<string, string>;
  readonly files: Map<string, Buffer>;
  readonly folders: Set<string>;
  readonly processes: Map<number, GuestProcess>;
}

export const newGuest = (username: string, password: string): SimulatedGuest => ({
  accounts: new Map([[username, password]]),
  files: new Map(),
  folders: new Set(['/', '/tmp', '/root', '/etc']),
  processes: new Map(),
});

/** The folder that a path is in. */
export const folderOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

/** Removes a folder with all that is in it. */
export function removeTree({ files, folders }: SimulatedGuest, path: string): void {
  for (const file of [...files.keys()]) if (file.startsWith(`${path}/`)) files.delete(file);
  for (const folder of [...folders]) if (folder === path || folder.startsWith(`${path}/`)) folders.delete(folder);
}
