import type { Line } from '../../../../lib/cli/doctor/engine/check.ts';
import { vsweep } from '../vsweep-command.ts';
import type { Place } from '../vsweep-process.ts';

/** What the doctor says of a folder, as it is printed with --json. */
export async function doctor(place: Place, ...args: string[]) {
  const { output, errors, exitCode } = await vsweep(place, 'doctor', '--json', ...args);
  const { ok, checks } = JSON.parse(output) as { ok: boolean; checks: Line[] };
  return {
    ok,
    exitCode,
    errors,
    output,
    lines: checks,
    /** Lines of a check, each with its colour before the reason. */
    of: (check: string, subject?: string) =>
      checks
        .filter((one) => one.check === check && (subject === undefined || one.subject === subject))
        .map(({ colour, reason }) => `${colour}: ${reason}`),
    command: (check: string, subject?: string) =>
      checks.find(
        (one) =>
          one.check === check &&
          one.command !== undefined &&
          (subject === undefined || one.subject === subject),
      )?.command,
    notGreen: () =>
      checks
        .filter(({ colour }) => colour !== 'green')
        .map(({ check, subject, colour, reason }) => `${colour} ${check} ${subject}: ${reason}`),
  };
}
