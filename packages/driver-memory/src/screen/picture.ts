import type { MachineEntry } from '../world/state.js';

export const WIDTH = 320;
export const HEIGHT = 200;

/** Colour of the screen by what the guest does: dark while it starts, green when it is up. */
const colourOf = ({ guest }: MachineEntry): readonly [red: number, green: number, blue: number] =>
  guest?.phase === 'ready' ? [0, 96, 32] : [24, 24, 24];

/** The screen as rows of red, green, blue: three bytes a pixel. A frame shows that it is not just one colour. */
export function pictureOf(machine: MachineEntry): Uint8Array {
  const pixels = new Uint8Array(WIDTH * HEIGHT * 3);
  const inside = colourOf(machine);
  for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel += 1) {
    const x = pixel % WIDTH;
    const y = Math.floor(pixel / WIDTH);
    const isFrame = x === 0 || y === 0 || x === WIDTH - 1 || y === HEIGHT - 1;
    pixels.set(isFrame ? [255, 255, 255] : inside, pixel * 3);
  }
  return pixels;
}
