#!/usr/bin/env node
// Builds the guest image if it is missing and prints its manifest with absolute paths.
import { PeerUnavailable } from '@virt-drivers/peers';
import { guestImage } from './guest-image.js';

try {
  const image = await guestImage({ log: (line) => process.stderr.write(`${line}\n`) });
  process.stdout.write(`${JSON.stringify(image, null, 2)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof PeerUnavailable ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
