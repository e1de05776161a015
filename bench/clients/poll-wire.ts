import { strict as assert } from 'node:assert';
import { Request } from 'zeromq';
import { measure } from '../measured.ts';
import type { PollOrder, PollsMeasured } from '../poll-order.ts';

/**
 * Asks as vPoller's clients do, each client by a socket that stays open, and checks each reply: what is measured is
 * the one who answers, and no start of a client.
 */
const order = JSON.parse(process.argv[2] ?? '{}') as PollOrder;
const { endpoint, hostname, method, clients } = order;
/** vPoller takes one request after the other: the last of many waits for all that came before it. */
const REPLY_MS = 300_000;

const names = order.names.values();
const eachMs: number[] = [];

async function askInTurn(): Promise<void> {
  const socket = new Request({ linger: 0, receiveTimeout: REPLY_MS });
  socket.connect(endpoint);
  try {
    for (const name of names) {
      const startedAt = performance.now();
      await socket.send(JSON.stringify({ method, hostname, name, properties: ['runtime.powerState'] }));
      const [reply] = await socket.receive();
      eachMs.push(performance.now() - startedAt);
      const { success, result } = JSON.parse(String(reply));
      assert.deepEqual(
        { success, result },
        { success: 0, result: [{ name, 'runtime.powerState': 'poweredOn' }] },
        String(reply),
      );
    }
  } finally {
    socket.close();
  }
}

const whole = await measure(() => Promise.all(Array.from({ length: clients }, askInTurn)));
assert.equal(eachMs.length, order.names.length);
const measured: PollsMeasured = { ...whole, eachMs };
console.log(JSON.stringify(measured));
