import type { CommandAnswer, Probe } from '../../../../lib/esxi/session/probe.ts';

const SETTINGS = { services: ['hostd'] };

export const said = (stdout: string, changes: Partial<CommandAnswer> = {}): CommandAnswer => ({
  code: 0,
  stdout,
  stderr: '',
  ...changes,
});

export const json = (value: unknown): CommandAnswer => said(JSON.stringify(value));

/** What a command that is asked for each name of a list answered, by the names. */
export const each = (named: Readonly<Record<string, CommandAnswer>>): CommandAnswer =>
  said('', { each: Object.entries(named).map(([name, answer]) => ({ name, answer })) });

const MISSING = said('', { code: 127 });

/** What a probe makes of the answers of its commands, by their keys; a missing program for the others. */
export function parse<Reading>(
  probe: Probe<Reading>,
  answers: Readonly<Record<string, CommandAnswer>>,
): Reading {
  const asked = probe.commands(SETTINGS).map(({ key }) => [key, answers[key] ?? MISSING] as const);
  return probe.parse(new Map(asked), SETTINGS);
}

/** The error of a probe by these answers; undefined where they are a reading. */
export function failureOf(
  probe: Probe,
  answers: Readonly<Record<string, CommandAnswer>>,
): { code: string; message: string } | undefined {
  try {
    parse(probe, answers);
    return undefined;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
}
