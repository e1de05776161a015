import { describe, expect, it } from 'vitest';
import { ADDRESS, ask, failureOf, rightPassword, startHost } from './demo-fleet.ts';

describe('the simulated fleet', () => {
  it('changes the behaviour of a host between two logins, closed and open again', async () => {
    await using demo = await startHost('closed');
    expect((await failureOf(ask(demo))).code).toBe('connection-refused');
    await demo.setBehaviour(ADDRESS, 'normal');
    expect((await ask(demo, { credential: rightPassword })).exitCode).toBe(0);
    await demo.setBehaviour(ADDRESS, 'closed');
    expect((await failureOf(ask(demo))).code).toBe('connection-refused');
  });
});
