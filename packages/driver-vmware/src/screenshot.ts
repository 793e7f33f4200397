import { DriverError, type CallOptions, type MachineId, type Screenshot } from '@virt-drivers/core';
import { deadlineIn } from '@virt-drivers/core/kit';
import type { Reference } from '@virt-drivers/vsphere';
import { parsePath } from './convert/datastore-path.js';
import { fileName, type Datastore } from './inventory.js';
import { aboutMachine } from './machine-views.js';
import type { VmwareSession } from './session.js';

/** Pictures of screens are some megabytes at most. */
const LARGEST = 67_108_864;

/** Takes a picture of a screen: the host writes it beside the machine's files, from where it is fetched and removed. */
export async function takePicture(
  session: VmwareSession,
  id: MachineId,
  ref: Reference<'VirtualMachine'>,
  options: CallOptions,
): Promise<Screenshot> {
  const written = await session.runTask(aboutMachine(id), options, (vsphere, call) =>
    vsphere.invoke(ref, 'CreateScreenshot_Task', {}, call),
  );
  const { store, path } = await placeOf(session, id, written, options);
  try {
    return { mediaType: 'image/png', data: await readWhole(session, store, path, id, options) };
  } finally {
    await remove(session, store, path, id);
  }
}

async function placeOf(
  { inventory }: VmwareSession,
  id: MachineId,
  written: unknown,
  options: CallOptions,
): Promise<{ readonly store: Datastore; readonly path: string }> {
  const place = typeof written === 'string' ? parsePath(written) : undefined;
  const store = place && (await inventory.datastores(options)).find(({ name }) => name === place.datastore);
  if (place && store) return { store, path: place.path };
  throw new DriverError(
    'CONSOLE.UNAVAILABLE',
    `Machine ${id} has its picture on a datastore that is no pool here; see option datastores.`,
    { subject: id },
  );
}

async function readWhole(
  { datastoreFiles }: VmwareSession,
  store: Datastore,
  path: string,
  id: MachineId,
  options: CallOptions,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of datastoreFiles.download(store, path, { start: 0n }, options)) {
    length += chunk.length;
    if (length > LARGEST)
      throw new DriverError('HOST.FAILED', `Machine ${id} has a picture of more than ${LARGEST} bytes.`, {
        subject: id,
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** In its own time: the picture goes also when the caller gave up. */
async function remove(session: VmwareSession, store: Datastore, path: string, id: MachineId): Promise<void> {
  const { fileManager } = session.center.content;
  if (!fileManager) return;
  const request = { name: fileName(store, path), datacenter: store.datacenter.ref };
  const call = { deadline: deadlineIn({ seconds: 20 }) };
  await session
    .runTask(aboutMachine(id), call, (vsphere, own) =>
      vsphere.invoke(fileManager, 'DeleteDatastoreFile_Task', request, own),
    )
    // It is a picture beside the machine's files, and goes with them.
    .catch(() => undefined);
}
