import { chooseEndpoint } from './endpoint.mjs';
import { openConsole } from './guest-console.mjs';
import { createSteps } from './steps.mjs';
import { createVirt } from './virt.mjs';
import { scenario } from './scenario.mjs';

/**
 * Runs the demo and prints its closing table.
 * @param {{gaps: {what: string, reason: string}[], preparedIn: number}} preparation
 * @returns {Promise<number>} the exit code
 */
export async function runDemo({ gaps, preparedIn }) {
  const endpoint = await chooseEndpoint(gaps);
  console.log(endpoint.sentence);
  const steps = createSteps();
  steps.add('prepare (install, build, guest image)', preparedIn);
  const virt = createVirt(endpoint);
  const consoles = [];
  try {
    await scenario({ steps, virt, endpoint, console: (name) => (consoles[0] = openConsole(virt, name)) });
    steps.print();
    return 0;
  } catch (error) {
    steps.print();
    console.error(`demo failed: ${error.message}`);
    const last = consoles[0]?.tail();
    if (last) console.error(`the guest's last lines:\n${last}`);
    return 1;
  } finally {
    await consoles[0]?.close();
    await endpoint.stop();
  }
}
