import { describe, expect, it } from 'vitest';
import type { PollMethod, PollSession } from '../../../lib/poll/method.ts';
import { OLD_METHOD_NAMES, POLL_METHODS } from '../../../lib/poll/registry.ts';
import { loadVim25 } from '../../../lib/vsphere/vim25/vim25.ts';

const { signal } = new AbortController();

describe('POLL_METHODS', () => {
  it('has each name once, as vPoller writes them', () => {
    const names = POLL_METHODS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(53);
    for (const [old, name] of OLD_METHOD_NAMES) {
      expect(names).toContain(name);
      expect(names).not.toContain(old);
    }
  });

  it('takes properties only of types that there are, so that their paths can be completed', () => {
    const types = new Set(POLL_METHODS.flatMap(({ propertiesOf }) => propertiesOf ?? []));
    expect(types.size).toBeGreaterThan(7);
    for (const type of types) expect(loadVim25().type(type)?.kind).toMatch(/^(managed|data) object$/);
  });
});

describe('about', () => {
  const { run } = POLL_METHODS.find(({ name }) => name === 'about') as PollMethod;
  const fields = new Map([
    ['fullName', 'VMware ESXi 8.0.3'],
    ['apiType', 'HostAgent'],
  ]);
  const session = { about: { fullName: '', apiType: '', version: '', fields } } as Partial<PollSession>;
  const ask = (properties: string[]) => run(session as PollSession, { properties }, { signal });

  it('gives the full name when nothing was asked for', async () => {
    expect(await ask([])).toEqual([{ fullName: 'VMware ESXi 8.0.3' }]);
  });

  it('gives null for a field that is unset and "(null)" for what is no field', async () => {
    expect(await ask(['apiType', 'instanceUuid', 'null', '__proto__'])).toEqual([
      Object.fromEntries([
        ['apiType', 'HostAgent'],
        ['instanceUuid', null],
        ['null', '(null)'],
        ['__proto__', '(null)'],
      ]),
    ]);
  });
});
