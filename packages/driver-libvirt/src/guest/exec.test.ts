import { DriverError, machineId } from '@virt-drivers/core';
import type { AskAgent } from './agent.js';
import { execInGuest } from './exec.js';

const id = machineId('2c1f3f1c-0f7e-4b0e-9d55-0d7f8a0f3a10');
const silent = new DriverError('GUEST.UNAVAILABLE', 'The agent does not answer.', { subject: id });

/** An agent that falls silent for good at one question: no real one can be stopped between two of them. */
function agentSilentAt(question: string): { readonly ask: AskAgent; readonly asked: readonly string[] } {
  const asked: string[] = [];
  const ask = async (_id: unknown, command: string): Promise<unknown> => {
    asked.push(command);
    if (command === question) throw silent;
    return {};
  };
  return { ask: ask as AskAgent, asked };
}

it('a program whose start nobody confirmed is not started again, and says so', async () => {
  const { ask, asked } = agentSilentAt('guest-exec');
  await expect(execInGuest(ask, id, { path: '/bin/true' }, {})).rejects.toMatchObject({
    code: 'GUEST.UNAVAILABLE',
    retryable: false,
    stateAfter: 'unknown',
    subject: id,
    message: expect.stringContaining('/bin/true, which may run') as string,
    cause: silent,
  });
  expect(asked).toEqual(['guest-ping', 'guest-exec']);
});

it('an agent that does not answer at all has started nothing, and may be asked again', async () => {
  const { ask, asked } = agentSilentAt('guest-ping');
  await expect(execInGuest(ask, id, { path: '/bin/true' }, {})).rejects.toMatchObject({
    code: 'GUEST.UNAVAILABLE',
    retryable: true,
    stateAfter: 'unchanged',
  });
  expect(asked).toEqual(['guest-ping']);
});
