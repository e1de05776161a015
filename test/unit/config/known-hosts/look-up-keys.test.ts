import { describe, expect, it } from 'vitest';
import { createKnownHosts } from '../../../../lib/config/known-hosts/find-keys.ts';
import { lookUpKeys } from '../../../../lib/config/known-hosts/look-up-keys.ts';
import { parseKnownHosts } from '../../../../lib/config/known-hosts/parse-known-hosts.ts';
import { systemClock } from '../../../../lib/platform/clock.ts';

const KEY = `ssh-ed25519 ${Buffer.concat([
  Buffer.from([0, 0, 0, 11]),
  Buffer.from('ssh-ed25519'),
  Buffer.alloc(36, 1),
]).toString('base64')}`;
/** A file of 1,000 lines that each host is compared with. */
const slowFile = () =>
  createKnownHosts(
    parseKnownHosts(Array.from({ length: 1_000 }, (_, line) => `*.${line}.example.org ${KEY}\n`).join(''))
      .lines,
  );
const hosts = Array.from({ length: 100 }, (_, index) => ({ address: `esx${index}.7.example.org`, port: 22 }));

/** A clock that counts the turns of the event loop that are asked for. */
function countTurns(onTurn: (turns: number) => void = () => undefined) {
  let turns = 0;
  const sleep: typeof systemClock.sleep = async (ms, options) => {
    turns += 1;
    onTurn(turns);
    await systemClock.sleep(ms, options);
  };
  return { clock: { ...systemClock, sleep }, turns: () => turns };
}

describe('lookUpKeys', () => {
  it('looks at every host, and lets others have their turn after each 2,000 comparisons', async () => {
    const knownHosts = slowFile();
    const { clock, turns } = countTurns();
    await lookUpKeys(hosts, { knownHosts, clock }, { signal: new AbortController().signal });
    expect(hosts.every((host) => knownHosts.isFound(host))).toBe(true);
    expect(turns()).toBe(50);
  });

  it('ends when its time is over, and goes on from there at the next call', async () => {
    const knownHosts = slowFile();
    const time = new AbortController();
    const { clock } = countTurns((turns) => turns === 10 && time.abort(new Error('out of time')));
    const found = () => hosts.filter((host) => knownHosts.isFound(host)).length;
    await lookUpKeys(hosts, { knownHosts, clock }, time);
    expect(found()).toBe(20);
    const again = countTurns();
    await lookUpKeys(hosts, { knownHosts, clock: again.clock }, { signal: new AbortController().signal });
    expect({ found: found(), turns: again.turns() }).toEqual({ found: 100, turns: 40 });
  });

  it('costs nothing where every line has names in the clear', async () => {
    const { lines } = parseKnownHosts(`esx1.7.example.org ${KEY}\n`);
    const knownHosts = createKnownHosts(lines);
    const { clock, turns } = countTurns();
    expect(knownHosts.isFound({ address: 'esx1.7.example.org', port: 22 })).toBe(true);
    await lookUpKeys(hosts, { knownHosts, clock }, { signal: new AbortController().signal });
    expect(turns()).toBe(0);
  });
});
