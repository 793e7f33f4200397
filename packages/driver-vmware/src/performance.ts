import type { CallOptions } from '@virt-drivers/core';
import type { AnyPerfEntityMetricBase, AnyPerfMetricSeries, Reference } from '@virt-drivers/vsphere';
import { COUNTERS, type CounterName, type Series } from './convert/counters.js';
import type { CallKind } from './connection.js';
import type { VmwareSession } from './session.js';

/** vSphere samples running machines every 20 seconds and keeps an hour of that. */
export const INTERVAL_SECONDS = 20;
const KEPT_SECONDS = 3_600;

/** What happened to a machine since it started, in samples. */
export interface Performance {
  /** Empty once the samples no longer reach back to the start: their sum would be no total. */
  sinceStart(
    kind: CallKind,
    machine: Reference<'VirtualMachine'>,
    uptimeSeconds: number,
    options: CallOptions,
  ): Promise<readonly Series[]>;
}

/** The numbers of counters differ between servers; they are read once. */
export function createPerformance({ center }: Pick<VmwareSession, 'center'>): Performance {
  let known: Promise<ReadonlyMap<number, CounterName>> | undefined;
  const manager = center.content.perfManager;

  const read = async (options: CallOptions): Promise<ReadonlyMap<number, CounterName>> => {
    if (!manager) return new Map();
    const { perfCounter } = await center.call({ what: 'Counters', reads: true }, options, (vsphere, call) =>
      vsphere.properties.get(manager, ['perfCounter'], call),
    );
    const wanted = new Map(Object.entries(COUNTERS).map(([name, native]) => [native as string, name as CounterName]));
    return new Map(
      (perfCounter ?? []).flatMap(({ key, groupInfo, nameInfo, rollupType }) => {
        const name = wanted.get(`${groupInfo.key}.${nameInfo.key}.${rollupType}`);
        return name ? [[key, name] as const] : [];
      }),
    );
  };

  const numbers = (options: CallOptions) => {
    const reading = (known ??= read(options));
    reading.catch(() => (known = undefined));
    return reading;
  };

  return {
    async sinceStart(kind, machine, uptimeSeconds, options) {
      if (!manager || uptimeSeconds > KEPT_SECONDS) return [];
      const names = await numbers(options);
      const querySpec = [
        {
          entity: machine,
          intervalId: INTERVAL_SECONDS,
          maxSample: Math.max(1, Math.floor(uptimeSeconds / INTERVAL_SECONDS)),
          metricId: [...names].map(([counterId, name]) => ({ counterId, instance: name === 'cpu' ? '' : '*' })),
        },
      ];
      const metrics = await center.call({ ...kind, reads: true }, options, (vsphere, call) =>
        vsphere.invoke(manager, 'QueryPerf', { querySpec }, call),
      );
      return (metrics ?? []).flatMap((metric) => seriesOf(metric, names));
    },
  };
}

const seriesOf = (metric: AnyPerfEntityMetricBase, names: ReadonlyMap<number, CounterName>): readonly Series[] =>
  'value' in metric ? (metric.value ?? []).flatMap((series) => named(series, names)) : [];

function named(series: AnyPerfMetricSeries, names: ReadonlyMap<number, CounterName>): readonly Series[] {
  const counter = names.get(series.id.counterId);
  if (!counter || series.$type !== 'PerfMetricIntSeries') return [];
  return [{ counter, instance: series.id.instance, values: series.value ?? [] }];
}
