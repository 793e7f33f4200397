/** A file as vSphere names it: `[datastore] folder/file`. */
export interface DatastorePath {
  readonly datastore: string;
  readonly path: string;
}

/** The name as vSphere writes it. */
export const formatPath = ({ datastore, path }: DatastorePath): string =>
  path === '' ? `[${datastore}]` : `[${datastore}] ${path}`;

/** Takes a name apart; undefined for one that is none. */
export function parsePath(text: string): DatastorePath | undefined {
  const match = /^\[([^\]]*)\]\s*(.*?)\/*$/s.exec(text);
  const [, datastore, path] = match ?? [];
  return datastore === undefined || path === undefined ? undefined : { datastore, path };
}

/** The folder of a path inside a datastore; empty for the top. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** The last part of a path. */
export const fileOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
