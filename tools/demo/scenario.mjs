import { randomUUID } from 'node:crypto';

const NAME = 'demo';
const VOLUME = 'demo-data';

function expect(condition, sentence) {
  if (!condition) throw new Error(sentence);
}

/** What a user does with an instance, from nothing to nothing. Every claim is checked against what the guest says. */
export async function scenario({ steps, virt, endpoint, console: open }) {
  const id = randomUUID();
  const { path, format, checksum } = endpoint.image;
  let guest;

  await steps.run('spawn: 1 processor, 256 MiB, config drive', () =>
    virt.run(
      'spawn',
      NAME,
      '--id',
      id,
      '--image',
      path,
      '--format',
      format,
      '--checksum',
      checksum,
      '--memory',
      '256M',
      '--meta',
      'purpose=demo',
    ),
  );
  await steps.run('list', async () => {
    const [machine] = await virt.run('list');
    expect(machine?.instanceId === id && machine.state === 'running', `Instance ${id} is not listed as running.`);
    return `${machine.name} is ${machine.state}`;
  });
  await steps.run('guest read its metadata from the config drive', async () => {
    guest = open(NAME);
    await guest.waitFor(/GUEST: config-drive (?!none)\S+/, 'that it found its config drive');
    const [, uuid] = await guest.waitFor(/GUEST: metadata uuid=(\S+)/, 'its metadata');
    expect(uuid === id, `The guest read uuid ${uuid}, not ${id}.`);
    return `uuid ${uuid}`;
  });
  await steps.run('guest is up', async () => {
    const [, uptime] = await guest.waitFor(/GUEST: ready uptime=([\d.]+)/, 'that it is ready');
    return `${uptime} s after its start`;
  });
  await steps.run('hot-attach a volume', async () => {
    await virt.run('volume', 'create', VOLUME, '64M');
    await virt.run('volume', 'attach', NAME, VOLUME, '--serial', VOLUME);
    const [, device] = await guest.waitFor(
      new RegExp(`GUEST: came disk:(\\S+) bytes=${64 * 1_048_576} .*serial=${VOLUME}`),
      'that the disk came',
    );
    return `the guest sees it as ${device}`;
  });
  await steps.run('pause and resume', async () => {
    await virt.run('pause', NAME);
    expect((await virt.run('show', NAME)).state === 'paused', 'The machine is not paused.');
    await virt.run('resume', NAME);
    await guest.waitFor(/GUEST: tick \d+/, 'that its clock goes on');
  });
  await steps.run('detach the volume', async () => {
    await virt.run('volume', 'detach', NAME, VOLUME);
    await guest.waitFor(/GUEST: gone disk:/, 'that the disk is gone');
  });
  // After that: no disk comes or goes while a snapshot holds the disks.
  await steps.run('snapshot', async () => {
    await virt.run('snapshot', 'create', NAME, 'before');
    const all = await virt.run('snapshot', 'list', NAME);
    expect(all.length === 1 && all[0].name === 'before', 'The snapshot is not listed.');
  });
  await steps.run('reboot', async () => {
    await virt.run('reboot', NAME);
    await guest.waitFor(/GUEST: kernel /, 'that it boots');
    await guest.waitFor(/GUEST: ready uptime=/, 'that it is ready again');
  });
  await steps.run('destroy', async () => {
    await virt.run('destroy', NAME);
    await virt.run('volume', 'delete', VOLUME);
  });
  await steps.run('nothing is left', async () => {
    if ((await virt.run('drivers', '--endpoint')).capabilities.images) await virt.run('image', 'remove', '--unused');
    const left = [
      ...(await virt.run('list', '--all')),
      ...(await virt.run('volume', 'list')),
      ...(await endpoint.leftovers()),
    ];
    expect(left.length === 0, `Left on the host: ${JSON.stringify(left)}`);
  });
}
