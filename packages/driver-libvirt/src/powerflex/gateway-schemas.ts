import * as v from 'valibot';

/** Ids are parts of addresses and of device names: nothing else than this is taken for one. */
const id = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/i));
/** Numbers are told as such, and by some releases as texts. */
const kibibytes = v.pipe(
  v.union([v.pipe(v.number(), v.safeInteger(), v.minValue(0)), v.pipe(v.string(), v.regex(/^\d{1,15}$/))]),
  v.transform((count) => BigInt(count) * 1024n),
);
const text = v.nullish(v.string(), '');

export const systemsSchema = v.array(v.object({ id }));

export const domainsSchema = v.array(v.object({ id, name: text }));

export const storagePoolsSchema = v.array(
  v.object({ id, name: text, zeroPaddingEnabled: v.nullish(v.boolean(), false) }),
);

export const clientsSchema = v.array(
  v.object({ id, name: text, sdcGuid: text, sdcIp: text, mdmConnectionState: text }),
);

export const statisticsSchema = v.object({
  maxCapacityInKb: kibibytes,
  capacityAvailableForVolumeAllocationInKb: kibibytes,
});

export const volumeSchema = v.object({
  id,
  name: text,
  sizeInKb: kibibytes,
  volumeType: v.string(),
  storagePoolId: id,
  ancestorVolumeId: v.nullish(id),
  mappedSdcInfo: v.nullish(v.array(v.object({ sdcId: id, sdcName: text, sdcIp: text })), []),
});

export const volumesSchema = v.array(volumeSchema);

export const madeSchema = v.object({ id });

export const snapshotsSchema = v.object({ volumeIdList: v.pipe(v.array(id), v.length(1)) });

/** Actions answer with nothing, or with what nobody needs. */
export const nothingSchema = v.unknown();
