import { setTimeout as sleep } from 'node:timers/promises';
import type { Handler } from '../chain/handler.js';
import type { Upstream } from '../chain/upstream.js';
import type { Settings } from '../settings.js';
import { contentOf, faultAnswer, localizedFault } from '../soap/answer.js';
import type { Call, Reference } from '../soap/call.js';
import { child, element, replaceChild, type Element } from '../xml/element.js';
import type { Overlay } from './object-values.js';
import { invokeTask, readProperty } from './simulator-objects.js';

interface Lease {
  readonly reference: Reference;
  /** The call that it began with, whose session it belongs to. */
  readonly call: Call;
  /** The machine that an import makes; undefined for an export. */
  readonly half: Reference | undefined;
  timer: NodeJS.Timeout | undefined;
  over: 'timed out' | 'aborted' | undefined;
}

/** Leases that time out when nobody tells their progress, and imports of which nothing stays when they are given up. */
export function leases(
  upstream: Upstream,
  settings: Settings,
): { readonly handler: Handler; readonly overlay: Overlay; close(): void } {
  const known = new Map<string, Lease>();

  function beat(lease: Lease): void {
    clearTimeout(lease.timer);
    if (settings.leaseTimeoutMs <= 0) return;
    lease.timer = setTimeout(() => void giveUp(lease, 'timed out'), settings.leaseTimeoutMs).unref();
  }

  async function giveUp(lease: Lease, why: NonNullable<Lease['over']>): Promise<void> {
    clearTimeout(lease.timer);
    lease.over = why;
    const { half, call, reference } = lease;
    if (why === 'timed out') await upstream.invoke(call, reference, 'HttpNfcLeaseAbort').catch(() => []);
    if (!half) return;
    await invokeTask(upstream, call, half, 'Destroy_Task', []).catch(() => undefined);
    // Simulators of today destroy a moment later.
    for (let looks = 0; looks < 100 && (await exists(call, half)); looks++) await sleep(20);
  }

  const exists = (call: Call, object: Reference) =>
    readProperty(upstream, call, object, 'name').then(
      (name) => name !== undefined,
      () => false,
    );

  /** Simulators of today make a lease ready a moment later. */
  async function readInfo(call: Call, reference: Reference): Promise<Element | undefined> {
    for (let looks = 0; looks < 100; looks++) {
      const info = await readProperty(upstream, call, reference, 'info').catch(() => undefined);
      if (child(info, 'entity')) return info;
      await sleep(10);
    }
    return undefined;
  }

  async function begin(call: Call, reference: Reference): Promise<void> {
    const info = await readInfo(call, reference);
    const entity = call.method === 'ImportVApp' ? child(info, 'entity') : undefined;
    const half = entity && { type: entity.type ?? '', value: entity.text };
    const lease: Lease = { reference, call, half, timer: undefined, over: undefined };
    known.set(reference.value, lease);
    beat(lease);
  }

  return {
    close: () => known.forEach(({ timer }) => clearTimeout(timer)),
    overlay(object, path, value) {
      const lease = object.type === 'HttpNfcLease' ? known.get(object.value) : undefined;
      return lease && leaseValue(lease, settings, path, value);
    },
    async handler(call, next) {
      const lease = known.get(call.self.value);
      if (lease?.over && /^HttpNfcLease(Progress|Complete|Abort)$/.test(call.method)) return faultAnswer(ended(lease));
      const answer = await next(call);
      const returned = answer.status === 200 ? child(contentOf(answer), 'returnval') : undefined;
      if (returned?.type === 'HttpNfcLease') await begin(call, { type: 'HttpNfcLease', value: returned.text });
      if (!lease || answer.status !== 200) return answer;
      if (call.method === 'HttpNfcLeaseProgress') beat(lease);
      if (call.method === 'HttpNfcLeaseComplete') clearTimeout(lease.timer);
      if (call.method === 'HttpNfcLeaseAbort') await giveUp(lease, 'aborted');
      return answer;
    },
  };
}

const ended = ({ over }: Lease) =>
  over === 'timed out'
    ? { type: 'Timedout', message: 'The lease has timed out.' }
    : { type: 'InvalidState', message: 'The lease was aborted.' };

/** What a client reads of a lease: how long it may be silent, and that it is over. */
function leaseValue(lease: Lease, { leaseTimeoutMs }: Settings, path: string, value: Element): Element | undefined {
  if (path === 'state' && lease.over) return { ...value, text: 'error' };
  if (path === 'error' && lease.over) return { ...localizedFault('val', ended(lease)), dataType: value.dataType };
  if (path === 'info' && leaseTimeoutMs > 0)
    return replaceChild(value, 'leaseTimeout', element('leaseTimeout', Math.max(1, Math.ceil(leaseTimeoutMs / 1000))));
  return undefined;
}
