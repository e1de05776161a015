import type { Verdict } from '../../lib/cli/doctor/verdicts/verdict.ts';

/** All of a verdict as one text, so that a test states it whole. */
export const printVerdict = ({ colour, reason, command }: Verdict): string =>
  `${colour}: ${reason}${command === undefined ? '' : ` | ${command}`}`;
