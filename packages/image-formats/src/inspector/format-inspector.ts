import type { ByteSource } from '../byte-source.js';
import type { FormatFindings, ImageFormat } from './inspection.js';
import type { Probe } from './probe.js';

/** What the inspector knows of one format. One file per format; `registry.ts` lists them. */
export interface FormatInspector {
  readonly format: ImageFormat;
  /** True when the format's signature is there, wherever a tool would look for it. */
  matches(probe: Probe): boolean;
  /** Reads what it needs, in bounded pieces; hostile content gives problems, never an exception or an endless loop. */
  inspect(source: ByteSource, probe: Probe): Promise<FormatFindings>;
}

/** An inspector that only recognises: for formats that no gate admits, so that nothing more of them matters. */
export const signatureOnly = (format: ImageFormat, matches: (probe: Probe) => boolean): FormatInspector => ({
  format,
  matches,
  inspect: async (source) => ({ virtualSizeBytes: source.sizeBytes, features: [], problems: [] }),
});
