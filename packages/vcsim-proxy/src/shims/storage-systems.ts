import type { Overlay } from '../behaviours/object-values.js';
import { resultAnswer } from '../soap/answer.js';
import type { Call } from '../soap/call.js';
import { child, childrenOf, textOf, type Element } from '../xml/element.js';
import { plainShim, Refusal, requiredText, type Shims, type ShimTools } from './shim.js';
import {
  FIBRE_ADAPTER,
  ISCSI_ADAPTER,
  withNetwork,
  type HostStorage,
  type StaticTarget,
  type StorageTarget,
} from './storage-view.js';

interface Known {
  told: readonly StaticTarget[];
  found: HostStorage['found'];
}

/** Adapters of hosts for iSCSI and Fibre Channel, and what is behind them, as the setting `storageTargets` has it. */
export function storageShims({ settings }: ShimTools): { readonly shims: Shims; readonly overlay: Overlay } {
  const hosts = new Map<string, Known>();
  const known = (system: string): Known => {
    const found = hosts.get(system) ?? { told: [], found: [] };
    hosts.set(system, found);
    return found;
  };

  const refuseOther = (call: Call, parameter: string, adapters: readonly string[]): string => {
    const adapter = requiredText(call.operation, parameter);
    if (settings.storageTargets.length > 0 && adapters.includes(adapter)) return adapter;
    throw new Refusal({ type: 'NotFound', message: `The host has no adapter ${adapter} of this kind.` });
  };

  const shims: Shims = {
    AddInternetScsiStaticTargets: plainShim(async (call) => {
      refuseOther(call, 'iScsiHbaDevice', [ISCSI_ADAPTER]);
      const host = known(call.self.value);
      host.told = [...host.told, ...childrenOf(call.operation, 'targets').map(toStaticTarget)];
      return resultAnswer(call.method);
    }),
    RemoveInternetScsiStaticTargets: plainShim(async (call) => {
      refuseOther(call, 'iScsiHbaDevice', [ISCSI_ADAPTER]);
      const host = known(call.self.value);
      for (const gone of childrenOf(call.operation, 'targets').map(toStaticTarget)) {
        const rest = host.told.filter((each) => !isSame(each, gone));
        if (rest.length === host.told.length) throw new Refusal({ type: 'NotFound', message: 'No such target.' });
        host.told = rest;
      }
      return resultAnswer(call.method);
    }),
    RescanHba: plainShim(async (call) => {
      const adapter = refuseOther(call, 'hbaDevice', [ISCSI_ADAPTER, FIBRE_ADAPTER]);
      const host = known(call.self.value);
      const isItsOwn = ({ iqn }: StorageTarget): boolean => (iqn !== undefined) === (adapter === ISCSI_ADAPTER);
      const seen = settings.storageTargets
        .filter(
          (target) => isItsOwn(target) && (target.iqn === undefined || host.told.some((one) => letsIn(target, one))),
        )
        .map((target) => ({ target, units: target.units.map((unit) => ({ ...unit })) }));
      host.found = [...host.found.filter(({ target }) => !isItsOwn(target)), ...seen];
      return resultAnswer(call.method);
    }),
  };
  return {
    shims,
    overlay(object, path, value) {
      if (settings.storageTargets.length === 0) return undefined;
      if (object.type !== 'HostStorageSystem' || path !== 'storageDeviceInfo') return undefined;
      const { told, found } = known(object.value);
      return withNetwork(value, { name: `iqn.1998-01.com.vmware:${object.value}`, told, found });
    },
  };
}

function toStaticTarget(target: Element): StaticTarget {
  const account = child(target, 'authenticationProperties');
  return {
    address: requiredText(target, 'address'),
    port: textOf(target, 'port') ?? '3260',
    iqn: requiredText(target, 'iScsiName'),
    user: textOf(account, 'chapName'),
    password: textOf(account, 'chapSecret'),
    ...(textOf(account, 'mutualChapAuthenticationType') === 'chapRequired' && {
      mutual: { user: textOf(account, 'mutualChapName'), password: textOf(account, 'mutualChapSecret') },
    }),
  };
}

const isSame = (one: StaticTarget, other: StaticTarget): boolean =>
  one.address === other.address && one.port === other.port && one.iqn === other.iqn;

/** A login that fails leaves nothing that a client could see. */
function letsIn({ iqn, portals = [], chap, mutualChap }: StorageTarget, told: StaticTarget): boolean {
  if (told.iqn !== iqn || !portals.includes(`${told.address}:${told.port}`)) return false;
  const { mutual } = told;
  if (mutual && (mutual.user !== mutualChap?.user || mutual.password !== mutualChap?.password)) return false;
  return !chap || (chap.user === told.user && chap.password === told.password);
}
