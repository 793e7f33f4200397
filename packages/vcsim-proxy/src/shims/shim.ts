import { manager, type ServiceContent } from '../behaviours/service-content.js';
import { readProperty, TaskFailed } from '../behaviours/simulator-objects.js';
import type { TaskOutcome, Tasks } from '../behaviours/tasks.js';
import type { Upstream } from '../chain/upstream.js';
import { UpstreamFault } from '../chain/upstream.js';
import type { Settings } from '../settings.js';
import { contentOf, faultAnswer, type Answer, type Fault } from '../soap/answer.js';
import type { Call, Reference } from '../soap/call.js';
import { child, element, type Element } from '../xml/element.js';

/** What stand-ins are made with. */
export interface ShimTools {
  readonly upstream: Upstream;
  readonly content: ServiceContent;
  readonly tasks: Tasks;
  readonly settings: Settings;
}

/** Stands in for a method. */
export type Shim = (call: Call) => Promise<Answer>;

/** Stand-ins by the name of the method. */
export type Shims = Readonly<Record<string, Shim>>;

/** A stand-in refuses with a fault of vSphere's. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(readonly fault: Fault) {
    super(fault.message ?? fault.type);
  }
}

/** A stand-in that answers with a task; what its work throws is the error of the task. */
export const taskShim =
  ({ tasks, settings }: ShimTools, work: (call: Call) => Promise<Element | undefined>): Shim =>
  (call) =>
    tasks.start(call, () => outcomeOf(() => work(call)), { ...settings.taskHold });

async function outcomeOf(work: () => Promise<Element | undefined>): Promise<TaskOutcome> {
  try {
    return { result: await work() };
  } catch (error) {
    if (error instanceof Refusal) return { fault: error.fault };
    if (error instanceof TaskFailed) return { error: error.error };
    if (error instanceof UpstreamFault) return { error: errorOf(error.answer) };
    throw error;
  }
}

function errorOf(answer: Answer): Element {
  const content = contentOf(answer);
  const [fault] = child(content, 'detail')?.children ?? [];
  const type = fault?.dataType ?? { namespace: 'urn:vim25', name: 'SystemError' };
  const message = child(content, 'faultstring')?.text ?? '';
  const detail = { ...(fault ?? element('fault')), name: 'fault', namespace: 'urn:vim25', dataType: type };
  return element('error', [detail, element('localizedMessage', message)]);
}

/** A stand-in that answers at once; a {@link Refusal} becomes its fault. */
export const plainShim =
  (work: Shim): Shim =>
  async (call) => {
    try {
      return await work(call);
    } catch (error) {
      if (error instanceof Refusal) return faultAnswer(error.fault);
      if (error instanceof UpstreamFault) return error.answer;
      throw error;
    }
  };

/** Refuses unless the machine is in this state. */
export async function requirePower(
  { upstream }: ShimTools,
  call: Call,
  machine: Reference,
  wanted: string,
): Promise<void> {
  const state = (await readProperty(upstream, call, machine, 'runtime.powerState'))?.text;
  if (state === wanted) return;
  const fields = [element('requestedState', wanted), element('existingState', state ?? 'poweredOff')];
  throw new Refusal({ type: 'InvalidPowerState', message: 'The machine is in another state.', fields });
}

/** A reference that a parameter holds; undefined when there is none. */
export function referenceIn(parent: Element | undefined, name: string): Reference | undefined {
  const found = child(parent, name);
  return found && { type: found.type ?? '', value: found.text };
}

/** A parameter that the strict check has made sure of. */
export function requiredText(parent: Element, name: string): string {
  const text = child(parent, name)?.text;
  if (text === undefined) throw new Refusal({ type: 'InvalidRequest', message: `${parent.name}.${name} is missing.` });
  return text;
}

export const managerOf = ({ content }: ShimTools, name: string): Reference => manager(content, name);

/** Refuses unless VMware Tools run in the machine. */
export async function requireTools({ upstream }: ShimTools, call: Call, machine: Reference): Promise<void> {
  const status = await readProperty(upstream, call, machine, 'guest.toolsRunningStatus');
  if (status?.text === 'guestToolsRunning') return;
  throw new Refusal({ type: 'ToolsUnavailable', message: 'VMware Tools do not run in this machine.' });
}
