import type { ConfigIssue } from '../errors.ts';
import type { ReadVariables } from '../loaded-config.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A configuration that variables stand for: the input of the schema, as a vsweep.yaml would be. */
export interface ConfigFromVariables {
  readonly raw: Readonly<Record<string, unknown>>;
  /** Faults of the variables themselves; the schema finds the rest. */
  readonly issues: readonly ConfigIssue[];
  /** Faults that the schema found in `raw`, told by the variables that the values came from. */
  explain(issues: readonly ConfigIssue[]): ConfigIssue[];
  readonly variables: ReadVariables;
}

/** Reads environment variables whatever their case, as esxi-exporter's users write them, and keeps account of it. */
export interface Variables {
  /** Undefined when it is not set, or empty. */
  text(name: string): string | undefined;
  /** Whether it is set to an empty text, and nowhere to another. */
  isEmpty(name: string): boolean;
  /** Text that is no number is a fault, and comes back as undefined. */
  integer(name: string): number | undefined;
  flag(name: string): boolean;
  /** Says of a variable that is set why it is not used. */
  ignore(name: string, why: string): void;
  /** Says of something else that came with the variables why it is not used. */
  note(name: string, why: string): void;
  fault(name: string, message: string): void;
  readonly issues: readonly ConfigIssue[];
  read(): ReadVariables;
}

const YES = ['1', 'true', 'yes', 'on'];
const NO = ['0', 'false', 'no', 'off'];

export function readVariables(env: Environment): Variables {
  const issues: ConfigIssue[] = [];
  const taken = new Map<string, string>();
  const ignored = new Map<string, { name: string; why: string }>();
  const fault = (path: string, message: string) => {
    issues.push({ path, message });
  };

  function text(name: string): string | undefined {
    const found = lookUp(env, name);
    if (found === undefined) return undefined;
    if (new Set(found.map((spelled) => env[spelled])).size > 1 && !taken.has(name)) {
      fault(name, `${found.join(' and ')} hold different values; unset all but one`);
    }
    const [spelled = name] = found;
    taken.set(name, spelled);
    return env[spelled];
  }

  return {
    text,
    isEmpty: (name) =>
      lookUp(env, name) === undefined &&
      Object.keys(env).some((key) => key.toUpperCase() === name && env[key] === ''),
    integer(name) {
      const written = text(name)?.trim();
      if (written === undefined) return undefined;
      if (/^\d{1,9}$/.test(written)) return Number(written);
      fault(name, 'is not a whole number');
      return undefined;
    },
    flag(name) {
      const written = text(name)?.trim().toLowerCase();
      if (written === undefined || NO.includes(written)) return false;
      if (!YES.includes(written)) fault(name, `is neither ${YES.join(', ')} nor ${NO.join(', ')}`);
      return true;
    },
    ignore(name, why) {
      const [spelled] = lookUp(env, name) ?? [];
      if (spelled !== undefined) ignored.set(name, { name: spelled, why });
    },
    note: (name, why) => ignored.set(name, { name, why }),
    fault,
    issues,
    read: () => ({
      taken: Array.from(taken).flatMap(([name, spelled]) => (ignored.has(name) ? [] : [spelled])),
      ignored: Array.from(ignored.values()),
    }),
  };
}

/** Its spellings that are set, the exact one first; undefined when there is none. */
export function lookUp(env: Environment, name: string): readonly string[] | undefined {
  const alike = Object.keys(env).filter((key) => key.toUpperCase() === name && env[key]);
  if (alike.length === 0) return undefined;
  return alike.toSorted((one, other) => Number(other === name) - Number(one === name));
}
