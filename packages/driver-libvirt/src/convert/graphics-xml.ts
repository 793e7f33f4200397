import { attribute, child, children, tree, type Element, type Tree } from './xml.js';

/** What screens a machine can be made with. `both` shows the same picture by two protocols. */
export const GRAPHICS = ['vnc', 'spice', 'both', 'none'] as const;
export type GraphicsChoice = (typeof GRAPHICS)[number];

/** A password of screens; libvirt refuses it after its end, of what runs too. */
export interface ScreenPassword {
  readonly password: string;
  readonly validTo?: Date;
}

export interface GraphicsPlan {
  readonly graphics: GraphicsChoice;
  readonly screenPassword?: ScreenPassword;
  readonly architecture: string;
}

/** The screens, with the card that draws them. They listen on the host's loopback address only. */
export function graphicsTrees({ graphics, screenPassword, architecture }: GraphicsPlan): Tree[] {
  if (graphics === 'none') return [];
  const model = architecture === 'aarch64' ? 'virtio' : 'vga';
  const protocols = graphics === 'both' ? (['vnc', 'spice'] as const) : [graphics];
  const how = { autoport: 'yes', listen: '127.0.0.1', ...passwordAttributes(screenPassword) };
  return [
    ...protocols.map((type) => tree('graphics', { type, ...how })),
    tree('video', {}, tree('model', { type: model })),
  ];
}

/** libvirt takes the end without a zone, and for UTC. */
const passwordAttributes = (given: ScreenPassword | undefined) => ({
  passwd: given?.password,
  passwdValidTo: given?.validTo?.toISOString().replace(/\.\d+Z$/, ''),
});

/** A screen as a running machine's document has it. */
export interface NativeScreen {
  readonly listen: string;
  readonly port?: number;
  readonly tlsPort?: number;
  readonly password?: string;
  readonly validTo?: Date;
}

/** The screen of this protocol; the document must be one with passwords. */
export function readScreen(domain: Element, protocol: 'vnc' | 'spice'): NativeScreen | undefined {
  const screens = children(child(domain, 'devices'), 'graphics');
  const graphics = screens.find((one) => attribute(one, 'type') === protocol);
  if (!graphics) return undefined;
  const port = Number(attribute(graphics, 'port') ?? '-1');
  const tlsPort = Number(attribute(graphics, 'tlsPort') ?? '-1');
  const password = attribute(graphics, 'passwd');
  const validTo = attribute(graphics, 'passwdValidTo');
  return {
    listen: attribute(graphics, 'listen') ?? attribute(graphics, 'address', 'listen') ?? '127.0.0.1',
    ...(port > 0 ? { port } : {}),
    ...(tlsPort > 0 ? { tlsPort } : {}),
    ...(password === undefined ? {} : { password }),
    ...(validTo === undefined ? {} : { validTo: new Date(`${validTo}Z`) }),
  };
}
