import { expect, it } from 'vitest';
import { createLineLog, silentLog } from '../../../../lib/platform/log.ts';
import { createTellEndings } from '../../../../lib/poll/gateway/tell-endings.ts';
import { ENDINGS, type Ending } from '../../../../lib/poll/gateway/zmtp/errors.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

function startTelling() {
  const lines: string[] = [];
  const ended: Ending[] = [];
  const clock = createManualClock();
  const observe = {
    connected: () => undefined,
    disconnected: () => undefined,
    ended: (why: Ending) => ended.push(why),
  };
  const log = createLineLog({ write: (line) => lines.push(line), level: 'debug' });
  const tell = createTellEndings({ endpoint: 'tcp://127.0.0.1:1', log, clock, observe });
  return { tell, lines, ended, clock };
}

const LINE = 'a client was disconnected: there are too many connections';
const fields = (address: string, reason: Ending) =>
  ` address="${address}" endpoint="tcp://127.0.0.1:1" reason="${reason}"`;

it('warns once a minute of each reason, and tells of all others at debug', () => {
  const { tell, lines, clock } = startTelling();
  tell('10.0.0.1', 'crowd');
  tell('10.0.0.2', 'crowd');
  clock.advance(59_999);
  tell('10.0.0.3', 'crowd');
  tell('10.0.0.3', 'handshake');
  clock.advance(1);
  tell('10.0.0.4', 'crowd');
  tell('10.0.0.5', 'crowd');
  expect(lines).toEqual([
    `warn  ${LINE}${fields('10.0.0.1', 'crowd')}`,
    `debug ${LINE}${fields('10.0.0.2', 'crowd')}`,
    `debug ${LINE}${fields('10.0.0.3', 'crowd')}`,
    `warn  a client was disconnected: it did not finish the handshake within 10 s${fields('10.0.0.3', 'handshake')}`,
    `warn  ${LINE}${fields('10.0.0.4', 'crowd')}`,
    `debug ${LINE}${fields('10.0.0.5', 'crowd')}`,
  ]);
});

it('counts each, and has a text for each reason', () => {
  const { tell, lines, ended } = startTelling();
  const all = Object.keys(ENDINGS) as Ending[];
  for (const why of [...all, ...all]) tell('10.0.0.1', why);
  expect(ended).toEqual([...all, ...all]);
  expect(lines.slice(0, all.length).map((line) => line.slice(0, line.indexOf(' address=')))).toEqual([
    'warn  a client was disconnected: it does not speak ZMTP as a REQ, DEALER or ROUTER socket does',
    'warn  a client was disconnected: it asks for another security mechanism than this endpoint has',
    'warn  a client was disconnected: it has no key that this endpoint admits, or expects another key of the server',
    'warn  a client was disconnected: its message is larger than 64 KiB',
    'warn  a client was disconnected: its message has more than 16 parts',
    'warn  a client was disconnected: it did not finish the handshake within 10 s',
    'warn  a client was disconnected: it does not read its replies',
    'warn  a client was disconnected: there are too many connections',
    'warn  a client was disconnected: the gateway has failed on it, which is a fault of vsweep',
  ]);
  const [log, clock] = [silentLog, createManualClock()];
  createTellEndings({ endpoint: 'tcp://127.0.0.1:1', log, clock, observe: undefined })('10.0.0.1', 'crowd');
  expect(ended).toHaveLength(2 * all.length);
});
