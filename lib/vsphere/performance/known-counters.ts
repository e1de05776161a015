import { COUNTER_TABLE } from './counter-table.ts';

/** What is known of a performance counter without asking a vCenter. */
export interface KnownCounter {
  /** `cpu.ready.summation`. */
  readonly name: string;
  /** `millisecond`, as vSphere spells it. */
  readonly unit: string;
  /** From which statistics level on vCenter keeps it in its database; real-time values are there at any level. */
  readonly level: number;
  /** The same of its instances. */
  readonly perDeviceLevel: number;
}

let known: ReadonlyMap<string, KnownCounter> | undefined;

/** By `group.name.rollup`. A newer vCenter may have more. */
export function knownCounters(): ReadonlyMap<string, KnownCounter> {
  known ??= new Map(
    COUNTER_TABLE.trim()
      .split('\n')
      .map((line) => {
        const [name = '', unit = '', level, perDeviceLevel] = line.split(' ');
        return [name, { name, unit, level: Number(level), perDeviceLevel: Number(perDeviceLevel) }];
      }),
  );
  return known;
}
