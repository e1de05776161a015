import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { ConfigError } from '../../../lib/config/errors.ts';
import { DEFAULT_EVENT_TYPES } from '../../../lib/config/event-types.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';

const parse = (events: object) =>
  parseConfig(
    JSON.stringify({
      targets: [{ name: 'vc01', credentials: { env: 'VC' } }],
      sweeps: [{ name: 'watch', every: '1m', collectors: ['events'] }],
      events,
    }),
    { file: 'vsweep.yaml', collectors: KNOWN_COLLECTORS },
  );
function issuesOf(...types: string[]) {
  try {
    parse({ types });
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  return [];
}

describe('events.types', () => {
  it('has defaults, each of which is allowed', () => {
    expect(parse({}).events.types).toEqual(DEFAULT_EVENT_TYPES);
    expect(issuesOf(...DEFAULT_EVENT_TYPES)).toEqual([]);
    const classes = DEFAULT_EVENT_TYPES.filter((type) => !type.includes('.'));
    expect(KNOWN_COLLECTORS.eventClasses()).toEqual(expect.arrayContaining(classes));
  });

  it('are classes with or without their prefix, and ids as they are', () => {
    const types = [
      'vim.event.HostShutdownEvent',
      'VmFailoverFailed',
      'vim.event.of.mine',
      'hbr.primary.RpoOkEvent',
      'com.example.vim.event.Backup',
    ];
    expect(parse({ types }).events.types).toEqual([
      'HostShutdownEvent',
      'VmFailoverFailed',
      'vim.event.of.mine',
      'hbr.primary.RpoOkEvent',
      'com.example.vim.event.Backup',
    ]);
  });

  it.each([
    [
      'HostShutdwonEvent',
      'there is no type of events "HostShutdwonEvent"; did you mean "HostShutdownEvent"?',
    ],
    [
      'vim.event.VmFailoverFaild',
      'there is no type of events "VmFailoverFaild"; did you mean "VmFailoverFailed"?',
    ],
    [
      'HostSystem',
      'there is no type of events "HostSystem"; name a class of the vSphere API that extends Event',
    ],
    [
      'EventEx',
      '"EventEx" holds many types of events; name them by their ids, such as esx.problem.storage.apd.start',
    ],
  ])('are no %s', (type, message) => {
    expect(issuesOf('a.b', type)).toEqual([{ path: 'events.types[1]', message }]);
  });

  it('name no class twice, with and without its prefix', () => {
    expect(issuesOf('VmFailoverFailed', 'vim.event.VmFailoverFailed')).toEqual([
      { path: 'events.types[1]', message: 'VmFailoverFailed stands there twice; leave one of them out' },
    ]);
  });
});
