import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, checkDocLinks } from '../../../tools/layout/doc-links.ts';
import { checkFileNames, checkGeneratedNames } from '../../../tools/layout/file-names.ts';
import { checkFloatingPromises } from '../../../tools/layout/floating-promises.ts';
import { checkFolderCycles, checkFolderExceptions } from '../../../tools/layout/folder-cycles.ts';
import { checkExceptions, checkImportDirection } from '../../../tools/layout/import-direction.ts';
import { checkMachineNames } from '../../../tools/layout/machine-names.ts';
import { checkPureFolders, checkPureNames } from '../../../tools/layout/pure-folders.ts';
import { ALSO_ALLOWED, LEVELS } from '../../../tools/layout/rooms.ts';
import type { Fault } from '../../../tools/layout/source-file.ts';
import { LAYOUT_FIXTURES, markedLines, readFixture } from './marked-lines.ts';

const places = (faults: readonly Fault[], rule: string) =>
  faults.map(({ path: name, line }) => `${name}:${line} ${rule}`).sort();

describe('checkImportDirection', () => {
  const files = readFixture('import-direction');

  it('reports each import that points up, sideways, to the demo or out of what is shipped, and no other', () => {
    expect(places(checkImportDirection(files), 'direction')).toEqual(markedLines(files).sort());
  });

  it('says which rooms and why', () => {
    const messages = checkImportDirection(files).map(({ message }) => message);
    expect(messages).toContain('state imports sweep (lib/sweep/plan.ts): sweep is above state');
    expect(messages).toContain('state imports sinks (lib/sinks/pushgateway.ts): both are on one level');
    expect(messages).toContain(
      'garage imports platform (lib/platform/clock.ts): garage has no level in tools/layout/rooms.ts',
    );
  });

  it('has each room on one level only', () => {
    const rooms = LEVELS.flat();
    expect(rooms).toEqual([...new Set(rooms)]);
  });
});

describe('checkExceptions', () => {
  it('reports an exception that nothing needs, and keeps one that is in use', () => {
    const files = readFixture('import-direction');
    const inUse = ALSO_ALLOWED.filter(({ from }) => from === 'config');
    const idle = { from: 'platform', to: 'metrics', why: 'for this test' };
    expect(checkExceptions(files, [...inUse, idle]).map(({ message }) => message)).toEqual([
      'platform does not import metrics: drop the exception',
    ]);
  });
});

describe('checkFolderCycles', () => {
  const files = readFixture('folder-cycles');
  const breaking = [
    { from: 'lib/sweep/accounts', to: 'lib/sweep/worker', why: 'for this test' },
    { from: 'functions/poll', to: 'functions/sweep', why: 'for this test' },
    { from: 'lib/sweep/sessions.ts', to: 'lib/sweep/run', why: 'for this test' },
  ];

  it('reports each import of a circle between folders of one room, or a folder and a file beside it, and no other', () => {
    expect(places(checkFolderCycles(files, []), 'cycle')).toEqual(markedLines(files).sort());
  });

  it('says the whole circle', () => {
    const messages = checkFolderCycles(files, []).map(({ message }) => message);
    expect(messages).toContain(
      'lib/sweep/plan imports lib/sweep/accounts (lib/sweep/accounts/may-try.ts) in a circle: ' +
        'lib/sweep/plan -> lib/sweep/accounts -> lib/sweep/worker -> lib/sweep/plan',
    );
  });

  it('reports nothing of circles that exceptions break', () => {
    expect(checkFolderCycles(files, breaking)).toEqual([]);
    expect(checkFolderExceptions(files, breaking)).toEqual([]);
  });

  it('reports an exception for an import that is not there, or that is in no circle', () => {
    const idle = [
      { from: 'lib/sweep/worker', to: 'lib/sweep/accounts', why: 'for this test' },
      { from: 'lib/sweep/run', to: 'lib/sweep/plan', why: 'for this test' },
    ];
    expect(checkFolderExceptions(files, [...breaking, ...idle]).map(({ message }) => message)).toEqual([
      'lib/sweep/worker and lib/sweep/accounts are in no circle: drop the exception',
      'lib/sweep/run and lib/sweep/plan are in no circle: drop the exception',
    ]);
  });
});

describe('checkPureFolders', () => {
  const files = readFixture('pure-folders');

  it('reports what reaches the outside, by itself or by what it imports, and what waits, in pure folders only', () => {
    expect([...new Set(places(checkPureFolders(files, ['lib/logins/rules']), 'pure'))]).toEqual(
      markedLines(files).sort(),
    );
  });

  it('says by which way', () => {
    const messages = checkPureFolders(files, ['lib/logins/rules']).map(({ message }) => message);
    expect(messages).toContain(
      'a pure folder reaches the outside: lib/netbox/netbox-client.ts -> lib/netbox/exchange.ts -> node:https',
    );
  });

  it('reports a folder that is not there', () => {
    expect(
      checkPureNames(files, ['lib/logins/rules', 'lib/logins/rule']).map(({ message }) => message),
    ).toEqual(['lib/logins/rule is not there: drop it from the pure folders']);
  });
});

describe('checkGeneratedNames', () => {
  const files = readFixture('file-names');

  it('reports each folder whose name tools take for generated once, and no file of such a name', () => {
    expect(checkGeneratedNames(files, []).map(({ message }) => message)).toEqual([
      'tools take lib/sweep/out for generated: give the folder another name than out',
      'tools take lib/sweep/target for generated: give the folder another name than target',
      'tools take test/unit/build for generated: give the folder another name than build',
    ]);
  });

  it('lets those pass that still have such a name, and reports one that is not there any more', () => {
    const still = ['lib/sweep/out', 'lib/sweep/target', 'test/unit/build', 'lib/sweep/build'];
    expect(checkGeneratedNames(files, still).map(({ message }) => message)).toEqual([
      'lib/sweep/build is not there: drop the exception',
    ]);
  });
});

describe('checkFileNames', () => {
  it('reports grab bags, types.ts and names that are not kebab-case', () => {
    expect(places(checkFileNames(readFixture('file-names')), 'name')).toEqual([
      'lib/esxi/helpers.ts:0 name',
      'lib/esxi/runCommand.ts:0 name',
      'lib/esxi/types.ts:0 name',
      'lib/utils/pad.ts:0 name',
      'test/common/builder.ts:0 name',
    ]);
  });
});

describe('checkDocLinks', () => {
  it('reports links whose file, folder, picture or heading is not there, and no other', () => {
    const files = readFixture('doc-links');
    expect(places(checkDocLinks(files), 'link')).toEqual(markedLines(files).sort());
  });

  it('numbers headings of the same text and keeps the text of code and links', () => {
    expect([...anchorsOf('# `vsweep run`\n## A [link](x.md), too\n## Same\n## Same\n')]).toEqual([
      'vsweep-run',
      'a-link-too',
      'same',
      'same-1',
    ]);
  });
});

describe('checkMachineNames', () => {
  const check = (text: string) => checkMachineNames([{ path: 'docs/page.md', text }]);

  it.each([
    ['a checkout', ['', 'work', 'main'].join('/')],
    ['the home of root', ['', 'root'].join('/')],
    ['a home', `cd ${['', 'home', 'me', 'vsweep'].join('/')}`],
    ['the npm registry', ['https://registry', 'npmjs', 'org/zod'].join('.')],
    ['the Python registry', ['https://pypi', 'org'].join('.')],
    ['the Debian registry', ['http://deb', 'debian', 'org/debian'].join('.')],
    ['the Go proxy', ['proxy', 'golang', 'org'].join('.')],
    ['the Maven registry', ['https://repo1', 'maven', 'org/maven2'].join('.')],
  ])('reports %s with its line', (_, text) => {
    expect(check(`first\n${text}\n`)).toMatchObject([{ path: 'docs/page.md', line: 2 }]);
  });

  it.each([
    ['https://example.org', 'work', 'plan'].join('/'),
    ['root:x:0:0:root:', 'root:', 'bin', 'ash'].join('/'),
    ['.', 'work', 'plan'].join('/'),
    'lib/workers, /workers',
    ['${', 'base}', '/', 'root', '/x'].join(''),
    'https://www.debian.org',
  ])('lets %s pass', (text) => {
    expect(check(text)).toEqual([]);
  });
});

describe('checkFloatingPromises', () => {
  it('reports dropped promises of our own and of library calls, and none that is seen to', () => {
    const files = readFixture('floating-promises');
    const faults = checkFloatingPromises(path.join(LAYOUT_FIXTURES, 'floating-promises/tsconfig.json'));
    expect(places(faults, 'floating')).toEqual(markedLines(files).sort());
  });
});
