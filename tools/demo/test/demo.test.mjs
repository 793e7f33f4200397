import { openConsole } from '../guest-console.mjs';
import { scenario } from '../scenario.mjs';
import { createSteps } from '../steps.mjs';
import { endpoints } from './endpoints.mjs';

const { all, stop } = await endpoints();
afterAll(stop);

// What `npm run demo` does once it is prepared; each step throws when the guest does not agree.
it.each(all)('the demo goes through on $name', async ({ endpoint, virt }) => {
  const steps = createSteps(() => undefined);
  let guest;
  try {
    await scenario({ steps, virt, endpoint, console: (name) => (guest = openConsole(virt, name)) });
  } finally {
    await guest?.close();
  }
  expect(steps.names().at(-1)).toBe('nothing is left');
});
