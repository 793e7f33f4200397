import { DriverError } from '../errors/driver-error.js';
import type { CallOptions } from '../values/call.js';
import type { Capabilities, Narrowing } from './capabilities.js';
import { absentMembers, checkManifest, checkSession } from './check-manifest.js';
import type { Driver, DriverDefinition, OpenDriver, OpenRequest, Session } from './driver.js';
import { FACETS, KERNEL_FACETS } from './facets.js';
import { guardCall } from './guard-call.js';
import { guardFacet, type SessionState } from './guard-facet.js';
import type { Manifest } from './manifest.js';
import { narrow, supportOf } from './narrow.js';

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner as object);
  return Object.freeze(value);
}

function checkNarrowings({ name, capabilities }: Manifest, narrowings: readonly Narrowing[]): void {
  for (const { capability, reason } of narrowings) {
    const isWholeKernelFacet = KERNEL_FACETS.some((facet) => facet === capability);
    if (isWholeKernelFacet || supportOf(capabilities, capability) === undefined || reason === '') {
      throw new DriverError(
        'DRIVER.INVALID',
        `Driver ${name}: narrowing ${capability} must name something that the manifest claims, not a whole mandatory facet, and give a reason.`,
      );
    }
  }
}

function assemble(manifest: Manifest, target: string, session: Session<Capabilities>): OpenDriver {
  checkSession(manifest, session.facets);
  checkNarrowings(manifest, session.narrowings);
  const capabilities = narrow(manifest.capabilities, session.narrowings);
  const state: SessionState = { closed: false };
  const facets = FACETS.flatMap((facet) => {
    const keys = capabilities[facet];
    const implementation = Reflect.get(session.facets, facet) as object | undefined;
    if (keys === undefined || implementation === undefined) return [];
    return [[facet, guardFacet(facet, implementation, absentMembers(facet, keys), state)] as const];
  });
  let closing: Promise<void> | undefined;
  const open = {
    ...Object.fromEntries(facets),
    manifest,
    target,
    endpointId: session.endpointId,
    capabilities,
    narrowings: deepFreeze([...session.narrowings]),
    supports: (capability: Parameters<OpenDriver['supports']>[0]) => supportOf(capabilities, capability),
    close: () => {
      state.closed = true;
      return (closing ??= session.close());
    },
  };
  // checkSession has just established, facet by facet, what the type says.
  return Object.freeze(open) as unknown as OpenDriver;
}

async function openSession<M extends Manifest>(
  definition: DriverDefinition<M>,
  request: OpenRequest,
  call: CallOptions,
): Promise<Session<M['capabilities']>> {
  let opening: Promise<Session<M['capabilities']>> | undefined;
  try {
    return await guardCall(`Opening ${request.target}`, call, () => (opening = definition.open(request, call)));
  } catch (error) {
    // A session that comes after we gave up has no owner but us.
    opening?.then((late) => late.close()).catch(() => undefined);
    throw error;
  }
}

/**
 * Makes a driver of its definition. What every driver would otherwise write again is done here once: the manifest is
 * checked and frozen, arguments are validated, foreign errors become `DRIVER.FAULT`, aborted and late calls settle,
 * narrowed members are removed, and nothing works after `close`.
 *
 * Throws `DRIVER.INVALID` or `DRIVER.INCOMPATIBLE` at once when the manifest cannot be right.
 */
export function defineDriver<const M extends Manifest>(definition: DriverDefinition<M>): Driver<M> {
  checkManifest(definition.manifest);
  const manifest = deepFreeze(definition.manifest);
  return Object.freeze({
    manifest,
    open: async (
      { target, options = {} }: { target: string; options?: Readonly<Record<string, unknown>> },
      call: CallOptions = {},
    ) => {
      if (typeof target !== 'string' || target === '') {
        const examples = manifest.targets.map(({ example }) => example).join(', ');
        throw new DriverError('REQUEST.INVALID', `Driver ${manifest.name} needs a target, for example ${examples}.`);
      }
      const session = await openSession(definition, { target, options }, call);
      try {
        return assemble(manifest, target, session);
      } catch (error) {
        await session.close();
        throw error;
      }
    },
  });
}
