import { objectOf } from '../behaviours/object-values.js';
import { readProperty } from '../behaviours/simulator-objects.js';
import type { Handler } from '../chain/handler.js';
import { contentOf, withContent } from '../soap/answer.js';
import type { Call } from '../soap/call.js';
import { child, childrenOf, element, replaceChild, textOf, typed, withChildren, type Element } from '../xml/element.js';
import type { ShimTools } from './shim.js';
import type { StandInLog } from './stand-in-log.js';
import { referenceIn } from './shim.js';

const PATH = 'config.pciPassthruInfo';
const SYSTEM = '5f3a7d10-made-up-system-id';

/** Devices of hosts that are switched to passthrough, as the setting `passthrough` names them: the simulators have none. */
export function hostDevices(
  { upstream, settings }: ShimTools,
  log: StandInLog,
): { readonly handler: Handler; readonly restate: (call: Call, content: Element) => Element } {
  const isActive = (device: Element): boolean => settings.passthrough.includes(textOf(device, 'id') ?? '');

  async function active(call: Call): Promise<readonly Element[]> {
    const host = referenceIn(call.operation, 'host');
    const devices = host && (await readProperty(upstream, call, host, 'hardware.pciDevice'));
    return (devices?.children ?? [])
      .filter(isActive)
      .map((device) =>
        typed('pciPassthrough', 'VirtualMachinePciPassthroughInfo', [
          element('name', textOf(device, 'deviceName') ?? ''),
          { ...device, name: 'pciDevice' },
          element('systemId', SYSTEM),
        ]),
      );
  }

  return {
    restate(call, content) {
      if (settings.passthrough.length === 0 || objectOf(content).type !== 'HostSystem') return content;
      if (!asks(call)) return content;
      const others = content.children.filter((each) => textOf(each, 'name') !== PATH);
      const infos = settings.passthrough.map(switchedOn);
      const value = typed('val', 'ArrayOfHostPciPassthruInfo', infos);
      return withChildren(content, [...others, element('propSet', [element('name', PATH), value])]);
    },
    async handler(call, next) {
      const answer = await next(call);
      if (call.method !== 'QueryConfigTarget' || settings.passthrough.length === 0) return answer;
      const content = contentOf(answer);
      const target = child(content, 'returnval');
      if (!content || !target) return answer;
      log.add(call.method);
      const known = withChildren(target, [...target.children, ...(await active(call))]);
      return withContent(answer, replaceChild(content, 'returnval', known));
    },
  };
}

const asks = ({ operation }: Call): boolean =>
  childrenOf(operation, 'specSet').some((spec) =>
    childrenOf(spec, 'propSet').some((set) => childrenOf(set, 'pathSet').some(({ text }) => text === PATH)),
  );

const switchedOn = (id: string): Element =>
  element('HostPciPassthruInfo', [
    element('id', id),
    element('dependentDevice', id),
    element('passthruEnabled', true),
    element('passthruCapable', true),
    element('passthruActive', true),
  ]);
