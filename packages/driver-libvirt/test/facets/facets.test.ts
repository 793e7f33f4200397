import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mebibytes, poolId, Secret, type Machine, type OpenDriver, type Snapshots } from '@virt-drivers/core';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { driver } from '../../src/index.js';
import { claimed, inGuest, runGuest, untilAgentAnswers } from './guest.js';
import { tryVncPassword } from './rfb.js';
import { trySpicePassword } from './spice.js';
import { describeWith } from '@virt-drivers/peers/jest';

const LONG = 300_000;
const MIB = 1 << 20;
const pool = poolId('default');

// A log that is full soon: virtlogd then numbers it and begins another.
const real = await requirePeer(() =>
  startLibvirt({ name: 'facets', logSettings: { max_size: 65_536, max_backups: 2 } }),
);

afterAll(() => real?.stop());

describeWith('facets', real, (real) => {
  describe('facets on a guest', () => {
    let open: OpenDriver;
    let machine: Machine;
    const facets = () => ({
      suspension: claimed(open.suspension),
      snapshots: claimed(open.snapshots),
      consoles: claimed(open.consoles),
      guest: claimed(open.guest),
      diagnostics: claimed(open.diagnostics),
    });
    const say = (script: string): Promise<string> => inGuest(open, machine.id, script);
    const diskDigest = () => say('echo 3 >/proc/sys/vm/drop_caches; sha256sum </dev/vdb | cut -d" " -f1');
    const answers = () => untilAgentAnswers(open, machine.id);

    beforeAll(async () => {
      open = await driver.open({ target: real.uri });
      machine = await runGuest(open);
      const { id: volume } = await open.volumes.create({
        pool,
        name: 'data',
        format: 'qcow2',
        sizeBytes: mebibytes(4),
      });
      await open.disks.attach(machine.id, { volume, serial: 'data' });
      await say('for n in 1 2 3 4 5 6 7 8 9 10; do [ -b /dev/vdb ] && exit; sleep 1; done; exit 1');
    }, LONG);
    afterAll(async () => {
      await open.machines.delete(machine.id, { kill: true, withVolumesOf: machine.disks.map(({ id }) => id) });
      await open.close();
    }, LONG);

    it(
      'suspension: saved memory outlives the daemon, and the guest goes on in it',
      async () => {
        const { suspension } = facets();
        await say('echo kept >/tmp/mark');
        await suspension.save(machine.id);
        await real.restart();
        expect((await open.machines.get(machine.id)).state).toBe('saved');
        await suspension.restore(machine.id);
        await answers();
        expect(await say('cat /tmp/mark')).toBe('kept');
        await suspension.pause(machine.id);
        await real.restart();
        expect((await open.machines.get(machine.id)).state).toBe('paused');
        await suspension.resume(machine.id);
        await answers();
        expect(await say('cat /tmp/mark')).toBe('kept');
      },
      LONG,
    );

    it(
      'snapshots: each of a chain of three brings back its own disk and memory, and goes without the others',
      async () => {
        const { snapshots } = facets();
        const taken: { readonly id: Awaited<ReturnType<Snapshots['create']>>['id']; readonly digest: string }[] = [];
        for (const name of ['one', 'two', 'three']) {
          const digest = await say('cat /dev/urandom >/dev/vdb 2>/dev/null; sync; sha256sum </dev/vdb | cut -d" " -f1');
          await say(`echo ${name} >/tmp/name`);
          const { id, parent } = await snapshots.create(machine.id, { name, memory: true, quiesce: name === 'two' });
          expect(parent).toBe(taken.at(-1)?.id);
          taken.push({ id, digest });
        }
        const [one, two, three] = taken;
        if (!one || !two || !three) throw new Error('There are not three.');
        await say('dd if=/dev/zero of=/dev/vdb bs=1M count=4 2>/dev/null; sync; rm /tmp/name');
        for (const [name, { id, digest }] of [
          ['two', two],
          ['one', one],
          ['three', three],
        ] as const) {
          await snapshots.revert(machine.id, id);
          expect((await open.machines.get(machine.id)).state).toBe('running');
          await answers();
          expect([await say('cat /tmp/name'), await diskDigest()]).toEqual([name, digest]);
        }
        await snapshots.delete(machine.id, two.id);
        const left = await snapshots.list(machine.id).all();
        expect(left.map(({ id, parent, current }) => [id, parent, current])).toEqual([
          [one.id, undefined, false],
          [three.id, one.id, true],
        ]);
        expect(await diskDigest()).toBe(three.digest);
        await snapshots.revert(machine.id, one.id);
        await answers();
        expect(await diskDigest()).toBe(one.digest);
        for (const { id } of [three, one]) await snapshots.delete(machine.id, id);
        expect(await diskDigest()).toBe(one.digest);
      },
      LONG,
    );

    it(
      'consoles: what a serial port printed is whole over the files that were filled meanwhile',
      async () => {
        const { consoles } = facets();
        const followed: string[] = [];
        const stop = new AbortController();
        const following = (async () => {
          for await (const chunk of consoles.log(machine.id, { follow: true }, { signal: stop.signal }))
            followed.push(Buffer.from(chunk).toString('latin1'));
        })().catch(() => undefined);
        // Twice what one file takes, in lines that can be told apart.
        await say(
          'i=0; while [ $i -lt 2000 ]; do echo "line $i of many that fill the file of a serial port" >/dev/ttyS0; i=$((i+1)); done',
        );
        await say('echo the-end >/dev/ttyS0');
        let kept = '';
        for (let tries = 0; tries < 100 && !kept.includes('the-end'); tries += 1) {
          kept = '';
          for await (const chunk of consoles.log(machine.id)) kept += Buffer.from(chunk).toString('latin1');
        }
        const numbers = (text: string) => [...text.matchAll(/line (\d+) of many/g)].map(([, number]) => Number(number));
        const found = numbers(kept);
        expect(found.at(-1)).toBe(1999);
        // No line is missing between the oldest that was kept and the last.
        expect(found).toEqual(Array.from({ length: found.length }, (_, index) => 2000 - found.length + index));
        expect(found.length).toBeGreaterThan(1200);
        for (let tries = 0; tries < 200 && !followed.join('').includes('the-end'); tries += 1)
          await new Promise((resolve) => setTimeout(resolve, 100));
        stop.abort();
        await following;
        expect(numbers(followed.join('')).slice(-500)).toEqual(Array.from({ length: 500 }, (_, index) => 1500 + index));
        const files = (await real.exec('ls', [real.imagesDirectory])).stdout;
        expect(files).toMatch(/console\.log\.0/);
      },
      LONG,
    );

    it(
      'consoles: VNC and SPICE let in who knows the password, until it ends',
      async () => {
        const { consoles } = facets();
        const end = new Date(Math.ceil(Date.now() / 1000) * 1000 + 45_000);
        const shown = await open.machines.create({
          name: 'shown',
          cpu: { count: 1 },
          memory: { sizeBytes: mebibytes(64) },
          boot: { firmware: 'bios' },
          disks: [],
          nics: [],
          extensions: {
            libvirt: {
              graphics: 'both',
              graphicsPassword: new Secret('open-it'),
              graphicsPasswordValidTo: end.toISOString(),
            },
          },
        });
        await open.power.start(shown.id);
        const screens = [
          { endpoint: await consoles.vnc(shown.id), knock: tryVncPassword },
          { endpoint: await consoles.spice(shown.id), knock: trySpicePassword },
        ];
        for (const { endpoint, knock } of screens) {
          const { host, port = 0, password, expiresAt } = endpoint;
          expect([password?.reveal(), expiresAt]).toEqual(['open-it', end]);
          expect(JSON.stringify(endpoint)).not.toContain('open-it');
          expect([await knock(host, port, 'wrong'), await knock(host, port, 'open-it')]).toEqual(['refused', 'let in']);
        }
        // SPICE counts from the start of QEMU, in whole seconds.
        await new Promise((resolve) => setTimeout(resolve, end.getTime() + 5_000 - Date.now()));
        const late = screens.map(({ endpoint, knock }) => knock(endpoint.host, endpoint.port ?? 0, 'open-it'));
        expect(await Promise.all(late)).toEqual(['refused', 'refused']);
        await open.machines.delete(shown.id, { kill: true });
      },
      LONG,
    );

    it(
      'guest: files at rest stay so until they are thawed; accounts, files and programs are the guest’s own',
      async () => {
        const { guest } = facets();
        expect(await guest.info(machine.id)).toMatchObject({ family: 'linux' });
        const quiet = await guest.quiesce(machine.id);
        expect(quiet.frozenFileSystems).toBeGreaterThan(0);
        // The agent itself refuses to touch files meanwhile.
        await expect(say('true')).rejects.toMatchObject({ code: 'GUEST.REFUSED' });
        await quiet.thaw();
        expect(await say('echo thawed')).toBe('thawed');
        const before = await say('grep ^root: /etc/shadow');
        await guest.setPassword(machine.id, 'root', new Secret('a-new-one'));
        expect(await say('grep ^root: /etc/shadow')).not.toBe(before);
        const input = Buffer.from('through the pipe');
        const { stdout, exitCode } = await guest.exec(machine.id, {
          path: '/bin/sh',
          args: ['-c', 'cat; echo " $WHO"; exit 3'],
          environment: { WHO: 'me' },
          input,
        });
        expect([Buffer.from(stdout).toString(), exitCode]).toEqual(['through the pipe me\n', 3]);
      },
      LONG,
    );

    it(
      'guest: an agent that is silent for longer than a question may take does not lose what a program says',
      async () => {
        // The agent has told its number before.
        const script = 'sleep 2; kill -STOP $PPID; sleep 12; kill -CONT $PPID; echo survived';
        expect(await say(script)).toBe('survived');
      },
      LONG,
    );

    it(
      'diagnostics: counters count, a screenshot shows, a dump holds the guest’s memory, an interrupt arrives',
      async () => {
        const { diagnostics } = facets();
        const before = await diagnostics.counters(machine.id);
        await say(`dd if=/dev/urandom of=/dev/vdb bs=1M count=2 2>/dev/null; sync`);
        const after = await diagnostics.counters(machine.id);
        const written = (all: typeof before) => all.disks[1]?.writtenBytes ?? 0n;
        expect(written(after) - written(before)).toBeGreaterThanOrEqual(BigInt(2 * MIB));
        expect((after.cpuTime ?? 0n) > (before.cpuTime ?? 0n)).toBe(true);
        const { data, mediaType } = await diagnostics.screenshot(machine.id);
        expect([mediaType, data.length > 1_000]).toEqual([expect.stringMatching(/^image\//), true]);
        await say('echo marker-1234-of-memory >/tmp/dumped');
        let length = 0;
        let rest = '';
        let found = false;
        for await (const chunk of diagnostics.crashDump(machine.id)) {
          if (length === 0) expect(Buffer.from(chunk.subarray(0, 4)).toString('latin1')).toBe('\x7fELF');
          length += chunk.length;
          const text = rest + Buffer.from(chunk).toString('latin1');
          found ||= text.includes('marker-1234-of-memory');
          rest = text.slice(-64);
        }
        expect([found, length > Number(machine.memory.sizeBytes)]).toEqual([true, true]);
        expect((await open.volumes.list(pool).all()).filter(({ name }) => name.includes('core'))).toEqual([]);
        expect((await real.exec('ls', [real.imagesDirectory])).stdout).not.toContain('.core');
        // Who leaves early leaves nothing either.
        for await (const chunk of diagnostics.crashDump(machine.id)) {
          expect(chunk.length).toBeGreaterThan(0);
          break;
        }
        expect((await real.exec('ls', [real.imagesDirectory])).stdout).not.toContain('.core');
        await answers();
        const interrupts = () => say(String.raw`sed -n 's/^ *NMI: *\([0-9]*\).*/\1/p' /proc/interrupts`);
        const counted = Number(await interrupts());
        await diagnostics.interrupt(machine.id);
        expect(Number(await interrupts())).toBeGreaterThan(counted);
      },
      LONG,
    );
  });
});
