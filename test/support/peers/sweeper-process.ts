/**
 * vsweep in a process of its own, to be killed: sweeps the configuration of its first argument whenever a line comes
 * on standard input, which is by how many milliseconds its clock is ahead, and answers with the ssh outcomes as JSON.
 * Its second argument is how far its clock is ahead at first; it ends with its standard input.
 */
import { createInterface } from 'node:readline';
import { createOffsetClock } from '../offset-clock.ts';
import { openSweeper, outcomesOf } from './sweeper.ts';

const [configFile = '', offset = '0'] = process.argv.slice(2);
const clock = createOffsetClock();
let ahead = 0;
const setAhead = (ms: number) => {
  clock.advance(ms - ahead);
  ahead = ms;
};

setAhead(Number(offset));
const env = Object.fromEntries(
  Object.entries(process.env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])),
);
await using sweeper = await openSweeper({ configFile, env }, { clock });
process.stdout.write('"open"\n');
for await (const line of createInterface({ input: process.stdin })) {
  setAhead(Number(line));
  process.stdout.write(`${JSON.stringify(outcomesOf(await sweeper.sweep(), 'ssh'))}\n`);
}
