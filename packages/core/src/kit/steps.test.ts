import { DriverError } from '../errors/driver-error.js';
import { runSteps, SimulatedCrash, type RunStepsOptions, type Step, type StepEvent } from './steps.js';

/** What exists; every step adds its name, its undo removes it. */
type World = Set<string>;

const names = ['volumes', 'config drive', 'machine', 'start'];
const building: readonly Step<World>[] = names.map((name) => ({
  name,
  run: async (world) => void world.add(name),
  undo: async (world) => void world.delete(name),
}));

const show = ({ phase, step }: StepEvent): string => `${phase} ${step}`;

async function outcome(world: World, options: RunStepsOptions, steps = building): Promise<unknown> {
  return runSteps(steps, world, options).then(
    () => 'done',
    (error: unknown) => error,
  );
}

test('runs all steps in order and tells of each', async () => {
  const world: World = new Set();
  const events: StepEvent[] = [];
  await runSteps(building, world, { onStep: (event) => void events.push(event) });
  expect([...world]).toEqual(names);
  expect(events.map(show)).toEqual(names.flatMap((name) => [`starting ${name}`, `done ${name}`]));
  expect(events[2]).toEqual({ step: 'config drive', index: 1, total: 4, phase: 'starting' });
});

describe.each(names)('a failure at step %s', (name) => {
  test.each(['starting', 'done'] as const)('(%s) leaves nothing', async (phase) => {
    const world: World = new Set();
    const cause = new Error('injected');
    const error = await outcome(world, {
      onStep: (event) => {
        if (event.step === name && event.phase === phase) throw cause;
      },
    });
    expect(error).toBe(cause);
    expect([...world]).toEqual([]);
  });

  test('in the step itself leaves nothing, also when it failed half-way', async () => {
    const world: World = new Set();
    const lost = new DriverError('HOST.CONNECTION_LOST', 'Host "h1" hung up.');
    const steps = building.map(
      (step): Step<World> =>
        step.name !== name
          ? step
          : { ...step, run: async (w, options) => step.run(w, options).then(() => Promise.reject(lost)) },
    );
    expect(await outcome(world, {}, steps)).toMatchObject({
      code: 'HOST.CONNECTION_LOST',
      stateAfter: 'unchanged',
      cause: lost,
    });
    expect([...world]).toEqual([]);
  });

  test('of the process leaves all that was done until then', async () => {
    const world: World = new Set();
    const error = await outcome(world, {
      onStep: (event) => {
        if (event.step === name && event.phase === 'done') throw new SimulatedCrash(`after ${name}`);
      },
    });
    expect(error).toBeInstanceOf(SimulatedCrash);
    expect([...world]).toEqual(names.slice(0, names.indexOf(name) + 1));
  });

  test('by the caller who cancels just before it undoes the others', async () => {
    const world: World = new Set();
    const controller = new AbortController();
    const error = await outcome(world, {
      signal: controller.signal,
      onStep: (event) => {
        if (event.index === names.indexOf(name) - 1 && event.phase === 'done') controller.abort();
        if (names.indexOf(name) === 0) controller.abort();
      },
    });
    expect(error).toMatchObject({ code: 'CALL.CANCELLED', stateAfter: 'unchanged' });
    expect([...world]).toEqual([]);
  });
});

test('a passed deadline ends the flow before the next step', async () => {
  const world: World = new Set();
  expect(await outcome(world, { deadline: new Date(0) })).toMatchObject({
    code: 'CALL.DEADLINE_EXCEEDED',
    message: 'Step "volumes" did not end before its deadline. Nothing was changed; it may be called again.',
  });
});

test('an undo that fails is told and named, the others go on', async () => {
  const world: World = new Set();
  const events: string[] = [];
  const steps = building.map(
    (step): Step<World> =>
      step.name !== 'machine' ? step : { ...step, undo: () => Promise.reject(new Error('still running')) },
  );
  const error = await outcome(
    world,
    {
      onStep: (event) => {
        events.push(show(event));
        if (event.phase === 'starting' && event.step === 'start') throw new Error('injected');
        if (event.phase === 'undoing') throw new Error('an observer must not stop this');
      },
    },
    steps,
  );
  expect(error).toMatchObject({ stateAfter: 'partial', message: expect.stringContaining('"machine"') });
  expect([...world]).toEqual(['machine']);
  expect(events.slice(-6)).toEqual([
    ...['undoing machine', 'left machine', 'undoing config drive'],
    ...['undone config drive', 'undoing volumes', 'undone volumes'],
  ]);
});

test('a step without undo keeps what its error says', async () => {
  const unsure = new DriverError('HOST.FAILED', 'Host "h1" failed.');
  const steps: Step<World>[] = [...building, { name: 'tell', run: () => Promise.reject(unsure) }];
  expect(await outcome(new Set(), {}, steps)).toBe(unsure);
});

test('two steps of one name are refused before anything is done', async () => {
  const world: World = new Set();
  expect(await outcome(world, {}, [...building, ...building])).toMatchObject({
    message: expect.stringContaining('"volumes"'),
  });
  expect([...world]).toEqual([]);
});

test('a step that commits ends what can be taken back; its own failure still takes all back', async () => {
  const [first, second, third] = building;
  if (!first || !second || !third) throw new Error('three steps are needed');
  const steps = [first, { ...second, commits: true }, third];
  const failAt = async (step: string, phase: string): Promise<string[]> => {
    const world: World = new Set();
    await outcome(
      world,
      {
        onStep: (event) => {
          if (event.step === step && event.phase === phase) throw new Error('injected');
        },
      },
      steps,
    );
    return [...world];
  };
  expect(await failAt(second.name, 'starting')).toEqual([]);
  expect(await failAt(second.name, 'done')).toEqual([first.name, second.name]);
  expect(await failAt(third.name, 'done')).toEqual([first.name, second.name]);
});
