import * as v from 'valibot';
import { Refusal, type FakeSystem, type KeptVolume } from './fake-system.js';

const digits = v.pipe(v.string(), v.regex(/^\d+$/));
const truth = v.picklist(['TRUE', 'FALSE']);

const BODIES = {
  create: v.strictObject({
    name: v.string(),
    storagePoolId: v.string(),
    volumeSizeInKb: digits,
    volumeType: v.picklist(['ThinProvisioned', 'ThickProvisioned']),
  }),
  snapshot: v.strictObject({
    snapshotDefs: v.pipe(v.array(v.strictObject({ volumeId: v.string(), snapshotName: v.string() })), v.minLength(1)),
  }),
  addMappedSdc: v.strictObject({ sdcId: v.string(), allowMultipleMappings: v.optional(truth, 'FALSE') }),
  removeMappedSdc: v.strictObject({ sdcId: v.string() }),
  setVolumeSize: v.strictObject({ sizeInGB: digits }),
  setVolumeName: v.strictObject({ newName: v.string() }),
  removeVolume: v.strictObject({
    removeMode: v.picklist(['ONLY_ME', 'INCLUDING_DESCENDANTS', 'DESCENDANTS_ONLY', 'WHOLE_VTREE']),
  }),
} as const;

/** A strict reader: members nobody knows are refused, and numbers are texts, as in the product. */
function body<K extends keyof typeof BODIES>(kind: K, given: unknown): v.InferOutput<(typeof BODIES)[K]> {
  const result = v.safeParse(BODIES[kind], given);
  if (result.success) return result.output;
  throw new Refusal(0, `Request message is not valid: ${result.issues[0].message}`, 400);
}

const told = (system: FakeSystem, volume: KeptVolume) => ({
  id: volume.id,
  name: volume.name,
  sizeInKb: volume.sizeInKb,
  volumeType: volume.volumeType,
  ancestorVolumeId: volume.ancestorVolumeId,
  storagePoolId: volume.storagePoolId,
  vtreeId: volume.vtreeId,
  mappingToAllSdcsEnabled: false,
  mappedSdcInfo:
    volume.mapped.size === 0
      ? null
      : [system.here, system.elsewhere]
          .filter(({ id }) => volume.mapped.has(id))
          .map(({ id, name, ip }) => ({ sdcId: id, sdcName: name, sdcIp: ip, limitIops: 0, limitBwInMbps: 0 })),
  links: [],
});

/** What the management answers a request of a known user with. Throws `Refusal`. */
export async function answerOf(system: FakeSystem, method: string, path: string, given: unknown): Promise<unknown> {
  return method === 'GET' ? read(system, path) : change(system, path, given);
}

function read(system: FakeSystem, path: string): unknown {
  const { here, elsewhere, domain, pool } = system;
  const volumes = () => [...system.volumes.values()].map((volume) => told(system, volume));
  const client = ({ id, guid, name, ip }: typeof here, connected: boolean) => ({
    id,
    name,
    sdcGuid: guid,
    sdcIp: ip,
    sdcApproved: true,
    mdmConnectionState: connected ? 'Connected' : 'Disconnected',
  });
  if (path === '/api/types/System/instances') return [{ id: system.id, mdmMode: 'Cluster' }];
  if (path === '/api/types/ProtectionDomain/instances') return [domain];
  if (path === '/api/types/Sdc/instances') return [client(elsewhere, true), client(here, system.connected)];
  if (path === `/api/instances/ProtectionDomain::${domain.id}/relationships/StoragePool`) return [pool];
  if (path === `/api/instances/StoragePool::${pool.id}/relationships/Volume`) return volumes();
  if (path === `/api/instances/StoragePool::${pool.id}/relationships/Statistics`) return system.statistics();
  const [, id] = /^\/api\/instances\/Volume::([0-9a-f]{16})$/.exec(path) ?? [];
  if (id !== undefined) return told(system, system.volume(id));
  throw new Refusal(0, `There is nothing at ${path}`, 404);
}

async function change(system: FakeSystem, path: string, given: unknown): Promise<unknown> {
  if (path === '/api/types/Volume/instances') {
    const { name, storagePoolId, volumeSizeInKb, volumeType } = body('create', given);
    if (storagePoolId !== system.pool.id) throw new Refusal(65, 'Could not find the Storage Pool');
    return { id: (await system.create(name, Number(volumeSizeInKb), volumeType)).id };
  }
  if (path === `/api/instances/System::${system.id}/action/snapshotVolumes`) {
    const made: string[] = [];
    for (const { volumeId, snapshotName } of body('snapshot', given).snapshotDefs)
      made.push((await system.snapshot(volumeId, snapshotName)).id);
    return { volumeIdList: made, snapshotGroupId: '1'.padStart(16, '0') };
  }
  const [, id = '', action = ''] = /^\/api\/instances\/Volume::([0-9a-f]{16})\/action\/(\w+)$/.exec(path) ?? [];
  await act(system, id, action, given);
  return undefined;
}

async function act(system: FakeSystem, id: string, action: string, given: unknown): Promise<void> {
  switch (action) {
    case 'addMappedSdc': {
      const { sdcId, allowMultipleMappings } = body(action, given);
      return system.map(id, sdcId, allowMultipleMappings === 'TRUE');
    }
    case 'removeMappedSdc':
      return system.unmap(id, body(action, given).sdcId);
    case 'setVolumeSize':
      return system.resize(id, Number(body(action, given).sizeInGB));
    case 'setVolumeName':
      return system.rename(id, body(action, given).newName);
    case 'removeVolume':
      if (body(action, given).removeMode !== 'ONLY_ME') throw new Refusal(0, 'Only ONLY_ME is simulated', 400);
      return system.remove(id);
    default:
      throw new Refusal(0, `There is no action ${action}`, 404);
  }
}
