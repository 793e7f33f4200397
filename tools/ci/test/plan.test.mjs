import { gateProblems } from '../gate.mjs';
import { planOf } from '../plan.mjs';

describe('the plan', () => {
  const drivers = ['driver-a', 'driver-b'];

  it('gives each affected driver its own job and everything else one', () => {
    expect(planOf(['core', 'driver-b'], drivers)).toEqual({ any: true, core: false, drivers: ['driver-b'] });
  });

  it('has nothing for a change of the documentation', () => {
    expect(planOf([], drivers)).toEqual({ any: false, core: false, drivers: [] });
  });

  it('needs no other job when only a driver changed', () => {
    expect(planOf(['driver-a'], drivers)).toEqual({ any: false, core: false, drivers: ['driver-a'] });
  });

  it('tries old drivers when the contract changed', () => {
    expect(planOf(['@virt-drivers/core', ...drivers], drivers)).toEqual({ any: true, core: true, drivers });
  });
});

describe('the gate', () => {
  const plan = (any, drivers, core = 'false') => ({ result: 'success', outputs: { any, core, drivers } });
  const success = { result: 'success' };
  const skipped = { result: 'skipped' };

  it.each([
    [
      'all succeeded',
      { plan: plan('true', '["a"]'), core: success, nodes: success, driver: success, 'old-drivers': skipped },
    ],
    [
      'nothing was planned',
      { plan: plan('false', '[]'), core: skipped, nodes: skipped, driver: skipped, 'old-drivers': skipped },
    ],
  ])('opens when %s', (_, needs) => {
    expect(gateProblems(needs)).toEqual([]);
  });

  it.each([
    [
      'a planned job was skipped',
      { plan: plan('true', '[]'), core: skipped, nodes: success, driver: skipped, 'old-drivers': skipped },
    ],
    [
      'a planned driver was skipped',
      { plan: plan('false', '["a"]'), core: skipped, nodes: skipped, driver: skipped, 'old-drivers': skipped },
    ],
    [
      'a job was cancelled',
      {
        plan: plan('true', '[]'),
        core: { result: 'cancelled' },
        nodes: success,
        driver: skipped,
        'old-drivers': skipped,
      },
    ],
    [
      'a driver failed',
      {
        plan: plan('true', '["a"]'),
        core: success,
        nodes: success,
        driver: { result: 'failure' },
        'old-drivers': skipped,
      },
    ],
    [
      'old drivers were not tried',
      { plan: plan('true', '[]', 'true'), core: success, nodes: success, driver: skipped, 'old-drivers': skipped },
    ],
    [
      'the plan failed',
      { plan: { result: 'failure' }, core: skipped, nodes: skipped, driver: skipped, 'old-drivers': skipped },
    ],
    ['it knows nothing', {}],
  ])('stays closed when %s', (_, needs) => {
    expect(gateProblems(needs)).toHaveLength(1);
  });
});
