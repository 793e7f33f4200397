import { objectOf } from '../behaviours/object-values.js';
import { readProperty } from '../behaviours/simulator-objects.js';
import type { Handler } from '../chain/handler.js';
import { contentOf, withContent } from '../soap/answer.js';
import type { Call } from '../soap/call.js';
import {
  child,
  childrenOf,
  element,
  primitive,
  replaceChild,
  textOf,
  typed,
  withChildren,
  type Element,
} from '../xml/element.js';
import type { ShimTools } from './shim.js';
import type { StandInLog } from './stand-in-log.js';
import { referenceIn } from './shim.js';

const PATH = 'config.pciPassthruInfo';
const PROFILES = 'config.sharedPassthruGpuTypes';
const SYSTEM = '5f3a7d10-made-up-system-id';

/**
 * Devices of hosts that are switched to passthrough, network cards in virtual functions, and kinds of slices of graphics
 * cards, as the settings name them: the simulators have none.
 */
export function hostDevices(
  { upstream, settings }: ShimTools,
  log: StandInLog,
): { readonly handler: Handler; readonly restate: (call: Call, content: Element) => Element } {
  const isQuiet = (): boolean =>
    [settings.passthrough, settings.virtualFunctions, settings.graphicsProfiles].every(({ length }) => length === 0);

  async function active(call: Call): Promise<readonly Element[]> {
    const host = referenceIn(call.operation, 'host');
    const devices = host && (await readProperty(upstream, call, host, 'hardware.pciDevice'));
    const among = (ids: readonly string[]): readonly Element[] =>
      (devices?.children ?? []).filter((device) => ids.includes(textOf(device, 'id') ?? ''));
    return [
      ...among(settings.passthrough).map((device) =>
        typed('pciPassthrough', 'VirtualMachinePciPassthroughInfo', targetOf(device)),
      ),
      ...among(settings.virtualFunctions).map((device) =>
        typed('sriov', 'VirtualMachineSriovInfo', [...targetOf(device), element('virtualFunction', false)]),
      ),
    ];
  }

  return {
    restate(call, content) {
      if (isQuiet() || objectOf(content).type !== 'HostSystem') return content;
      const others = content.children.filter((each) => ![PATH, PROFILES].includes(textOf(each, 'name') ?? ''));
      const infos = [...settings.passthrough.map(switchedOn), ...settings.virtualFunctions.map(cutIntoFunctions)];
      const profiles = settings.graphicsProfiles.map((name) => primitive('string', 'string', name));
      const values = [
        [PATH, typed('val', 'ArrayOfHostPciPassthruInfo', infos)],
        [PROFILES, typed('val', 'ArrayOfString', profiles)],
      ] as const;
      const told = values
        .filter(([path]) => asks(call, path))
        .map(([path, value]) => element('propSet', [element('name', path), value]));
      return withChildren(content, [...others, ...told]);
    },
    async handler(call, next) {
      const answer = await next(call);
      if (call.method !== 'QueryConfigTarget' || isQuiet()) return answer;
      const content = contentOf(answer);
      const target = child(content, 'returnval');
      if (!content || !target) return answer;
      log.add(call.method);
      const known = withChildren(target, [...target.children, ...(await active(call))]);
      return withContent(answer, replaceChild(content, 'returnval', known));
    },
  };
}

const asks = ({ operation }: Call, path: string): boolean =>
  childrenOf(operation, 'specSet').some((spec) =>
    childrenOf(spec, 'propSet').some((set) => childrenOf(set, 'pathSet').some(({ text }) => text === path)),
  );

const targetOf = (device: Element): readonly Element[] => [
  element('name', textOf(device, 'deviceName') ?? ''),
  { ...device, name: 'pciDevice' },
  element('systemId', SYSTEM),
];

const cutIntoFunctions = (id: string): Element =>
  typed('HostPciPassthruInfo', 'HostSriovInfo', [
    element('id', id),
    element('dependentDevice', id),
    element('passthruEnabled', false),
    element('passthruCapable', true),
    element('passthruActive', false),
    ...['sriovEnabled', 'sriovCapable', 'sriovActive'].map((name) => element(name, true)),
    ...['numVirtualFunctionRequested', 'numVirtualFunction'].map((name) => element(name, 4)),
    element('maxVirtualFunctionSupported', 8),
  ]);

const switchedOn = (id: string): Element =>
  element('HostPciPassthruInfo', [
    element('id', id),
    element('dependentDevice', id),
    element('passthruEnabled', true),
    element('passthruCapable', true),
    element('passthruActive', true),
  ]);
