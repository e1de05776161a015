import { describe, expect, it } from 'vitest';
import { failed, type Outcome, ok, printOutcome, skipped } from '../../../lib/sweep/outcome.ts';
import type { Probed } from '../../../lib/sweep/worker/probe-host.ts';
import { isSshDisabled, withSshDisabled } from '../../../lib/sweep/worker/ssh-disabled.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';

const ssh = (running: PropertyValue): PropertyValue => ({ key: 'TSM-SSH', running });
const isDisabled = (connectionState: PropertyValue | undefined, service: PropertyValue | undefined) =>
  isSshDisabled({
    moref: { type: 'HostSystem', value: 'host-1' },
    missing: new Map(),
    properties: new Map(
      Object.entries({
        ...(connectionState === undefined ? {} : { 'runtime.connectionState': connectionState }),
        ...(service === undefined ? {} : { 'config.service': { service } }),
      }),
    ),
  });

describe('isSshDisabled', () => {
  it('believes vCenter about a connected host', () => {
    expect(isDisabled('connected', [{ key: 'ntpd', running: true }, ssh(false)])).toBe(true);
    expect(isDisabled('connected', ssh(false))).toBe(true);
    expect(isDisabled('connected', [ssh(true), { key: 'ntpd', running: false }])).toBe(false);
  });

  it('does not believe its old copy of a host that it has lost', () => {
    for (const state of ['notResponding', 'disconnected', undefined])
      expect(isDisabled(state, ssh(false))).toBe(false);
  });

  it('takes what could not be read for nothing', () => {
    expect(isDisabled('connected', undefined)).toBe(false);
    expect(isDisabled('connected', [])).toBe(false);
    expect(isDisabled('connected', 'odd')).toBe(false);
    expect(isDisabled('connected', [{ key: 'TSM-SSH' }])).toBe(false);
  });
});

describe('withSshDisabled', () => {
  const outcomeOf = (outcome: Outcome, changes: Partial<Probed> = {}, stopped = ['host-1']) => {
    const probed = new Map([['host-1', { outcome, detail: 'said', ...changes }]]);
    const one = withSshDisabled(probed, new Set(stopped)).get('host-1');
    return one && `${printOutcome(one.outcome)}: ${one.detail}`;
  };
  const unconnected = { unconnected: true } as const;

  it('renames a failure before TCP connected where this batch read that the service is stopped', () => {
    const renamed = 'skipped(ssh-disabled): vCenter reports that the service TSM-SSH is stopped there; said';
    expect(outcomeOf(failed('connection-refused'), unconnected)).toBe(renamed);
    expect(outcomeOf(failed('timeout'), unconnected)).toBe(renamed);
  });

  it('keeps what came of a host that is not called stopped', () => {
    expect(outcomeOf(failed('timeout'), unconnected, ['host-2'])).toBe('failed(timeout): said');
  });

  it('keeps what came after TCP connected: a banner, a login, an answer', () => {
    for (const outcome of [failed('timeout'), failed('banner'), failed('auth'), failed('hostkey'), ok])
      expect(outcomeOf(outcome)).toBe(`${printOutcome(outcome)}: said`);
  });

  it('keeps failures that are not of TCP, and hosts that were left alone', () => {
    for (const outcome of [failed('dns'), failed('worker'), failed('deadline'), skipped('blacklist')])
      expect(outcomeOf(outcome, unconnected)).toBe(`${printOutcome(outcome)}: said`);
  });
});
