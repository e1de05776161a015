import type { PollFormat } from './poll-format.ts';
import { printPythonJson } from './python-json.ts';

/** For programs in C, which take what they get for a text that ends with a NUL: JSON in ASCII with one. */
export const cclientFormat: PollFormat = (reply) => endWithNul(printPythonJson(reply, { ascii: true }));

export const endWithNul = (text: string): string => `${text}\0`;
