import type { VcsimPeer } from '@virt-drivers/peers';

const PLACE = ['-host', 'DC0_H0', '-net', 'VM Network', '-ds', 'LocalDS_0'];

/** Makes a stopped machine as another client does, past driver and proxy; `more` are further arguments of that client. */
export async function makeForeignMachine(peer: VcsimPeer, name: string, ...more: readonly string[]): Promise<void> {
  await peer.govc(['vm.create', '-on=false', '-m', '32', ...PLACE, ...more, name]);
}
