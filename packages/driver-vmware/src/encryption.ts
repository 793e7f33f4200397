import { DriverError, type CallOptions, type Condition, type Encryption, type MachineId } from '@virt-drivers/core';
import type { CryptoKeyId, VirtualMachineConfigSpec } from '@virt-drivers/vsphere';
import type { MachineView } from './machine-views.js';
import { reconfigureAsSeen } from './reconfigure.js';
import type { VmwareSession } from './session.js';

export const UEFI_FOR_TPM: Condition = {
  needs: 'firmware',
  value: 'uefi',
  reason: 'BIOS of vSphere’s machines knows no TPM 2.0.',
};
export const KEY_PROVIDER: Condition = {
  needs: 'host-feature',
  value: 'key provider',
  reason: 'The TPM’s state is encrypted with a key of a provider that vCenter trusts.',
};

/** Virtual TPMs. Keys of volumes are never handed over in vSphere: their encryption is a storage policy. */
export function createEncryption(session: VmwareSession): Required<Pick<Encryption, 'setTpm'>> {
  const { machines, locks } = session;
  return {
    setTpm: (id, present, options = {}) =>
      locks.run(id, options, async () => {
        const view = await machines.view(id, options);
        const device = view.devices.find(({ $type }) => $type === 'VirtualTPM');
        if ((device !== undefined) === present) return;
        refuse(view, present);
        const spec: VirtualMachineConfigSpec = device
          ? { deviceChange: [{ operation: 'remove', device }] }
          : {
              deviceChange: [{ operation: 'add', device: { $type: 'VirtualTPM', key: NEW_DEVICE } }],
              ...(await encrypted(session, id, options)),
            };
        await reconfigureAsSeen(session, view, spec, options);
      }),
  };
}

const NEW_DEVICE = -401;

function refuse({ machine: { id, state, boot } }: MachineView, present: boolean): void {
  if (state !== 'stopped')
    throw new DriverError(
      'MACHINE.WRONG_STATE',
      `Machine ${id} is ${state}; a TPM comes and goes while it is stopped.`,
      {
        subject: id,
      },
    );
  if (!present || boot.firmware === 'uefi') return;
  throw new DriverError('CAPABILITY.CONDITION_UNMET', `Machine ${id} cannot have a TPM. ${UEFI_FOR_TPM.reason}`, {
    subject: id,
    condition: UEFI_FOR_TPM,
  });
}

/** A machine with a TPM is encrypted itself. Where vCenter's default provider is no KMIP cluster, the server finds the key. */
async function encrypted(
  session: VmwareSession,
  id: MachineId,
  options: CallOptions,
): Promise<Pick<VirtualMachineConfigSpec, 'crypto'>> {
  const { 'config.keyId': known } = await session.machines.call(id, { reads: true }, options, (ref, vsphere, call) =>
    vsphere.properties.get(ref, ['config.keyId'], call),
  );
  const cryptoKeyId = known ? undefined : await newKey(session, options);
  return cryptoKeyId ? { crypto: { $type: 'CryptoSpecEncrypt', cryptoKeyId } } : {};
}

async function newKey({ center }: VmwareSession, options: CallOptions): Promise<CryptoKeyId | undefined> {
  const { cryptoManager } = center.content;
  if (cryptoManager?.type !== 'CryptoManagerKmip') return undefined;
  const manager = { type: 'CryptoManagerKmip', value: cryptoManager.value } as const;
  const about = { what: 'Key provider' } as const;
  const { kmipServers = [] } = await center.call({ ...about, reads: true }, options, (vsphere, call) =>
    vsphere.properties.get(manager, ['kmipServers'], call),
  );
  const chosen = kmipServers.find(({ useAsDefault }) => useAsDefault);
  if (!chosen) return undefined;
  const { success, keyId } = await center.call(about, options, (vsphere, call) =>
    vsphere.invoke(manager, 'GenerateKey', { keyProvider: chosen.clusterId }, call),
  );
  if (success) return keyId;
  throw new DriverError(
    'HOST.FAILED',
    `Key provider ${chosen.clusterId.id} makes no keys; look at its state in vCenter.`,
    {
      subject: chosen.clusterId.id,
      stateAfter: 'unchanged',
    },
  );
}
