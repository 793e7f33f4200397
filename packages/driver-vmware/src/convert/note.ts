import * as v from 'valibot';
import { decodeText, encodeText, OWN_PREFIX } from './extra-config.js';
import { GROUP_POLICIES } from './group-rule.js';

/** Setting that holds what this driver remembers of a machine that it made. */
export const NOTE_KEY = `${OWN_PREFIX}note`;

const schema = v.object({
  /** Machine that the note is about: clones copy it. */
  machine: v.string(),
  /** Display name, and the native name that it was given: when that is another now, somebody renamed the machine. */
  name: v.string(),
  nativeName: v.string(),
  createdAt: v.string(),
  specHash: v.optional(v.string()),
  bootOrder: v.optional(v.array(v.picklist(['disk', 'media', 'network']))),
  maximumCpus: v.optional(v.number()),
  limitMillicores: v.optional(v.number()),
  maximumMemory: v.optional(v.string()),
  /** Cluster that the machine was placed on, whose scheduler chooses the host. */
  cluster: v.optional(v.string()),
  /** Machines that it is kept with, or apart from. */
  group: v.optional(v.object({ name: v.string(), policy: v.picklist(GROUP_POLICIES) })),
  /** The call that made the machine: it alone may take it back. */
  attempt: v.optional(v.string()),
  /** Volumes that are deleted with the machine, by the disks that they were before: a deletion cut short goes on with them. */
  leaving: v.optional(v.array(v.object({ disk: v.string(), pool: v.string(), key: v.string() }))),
});

/** What vSphere has no field for. */
export type Note = v.InferOutput<typeof schema>;

/** The setting's text. */
export const noteText = (note: Note): string => encodeText(JSON.stringify(note));

/** The note of the machine with this uuid; undefined when there is none, or it is another machine's. */
export function readNote(settings: ReadonlyMap<string, string>, uuid: string): Note | undefined {
  const text = decodeText(settings.get(NOTE_KEY) ?? '');
  if (text === undefined || text === '') return undefined;
  try {
    const parsed = v.safeParse(schema, JSON.parse(text));
    return parsed.success && parsed.output.machine === uuid ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
