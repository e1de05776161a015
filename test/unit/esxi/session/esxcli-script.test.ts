import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EachOf } from '../../../../lib/esxi/session/cli.ts';
import { ESXCLI } from '../../../../lib/esxi/session/esxcli-script.ts';
import { buildScript, readScript, type ScriptedCommand } from '../../../../lib/esxi/session/script.ts';

const NONCE = 'n0nceN0nce';
const NICS: EachOf = { list: 'network nic list', field: 'Name', most: 16 };

const command = (changes: Partial<ScriptedCommand> = {}): ScriptedCommand => ({
  label: 'nics/list',
  seconds: 8,
  lines: 60,
  argv: ['esxcli', 'network', 'nic', 'list'],
  shape: 'list',
  lane: 0,
  ...changes,
});
const withEach = (changes: Partial<EachOf>) => command({ each: { ...NICS, ...changes } });

/** What the script has behind the functions that ask esxcli. */
const askedBy = (...commands: readonly ScriptedCommand[]) =>
  buildScript(commands, NONCE).split(ESXCLI)[1]?.split('\nwait\n[ "$own" ]')[0];

describe('the commands of esxcli in a script', () => {
  it('are asked behind the question which program answers, the lanes at the same time and in order', () => {
    const asked = askedBy(
      command({ label: 'c/one', lane: 10 }),
      command({ label: 'b/one', lane: 2 }),
      command({ label: 'a/one' }),
      command({ label: 'b/two', lane: 2 }),
    );
    const line = (lane: number, label: string) => `cli ${lane} list ${label} 8 60 'network' 'nic' 'list'\n`;
    expect(asked).toBe(
      `(\ndetect\n(\n${line(0, 'a/one')}) &\n(\n${line(2, 'b/one')}${line(2, 'b/two')}) &\n(\n${line(10, 'c/one')}) &\nwait\n) &`,
    );
  });

  it('are no part of a script that asks none, and follow the other commands', () => {
    const plain: ScriptedCommand = { label: 'uptime/uptime', seconds: 4, lines: 3, argv: ['uptime'] };
    expect(buildScript([plain], NONCE)).not.toContain('detect');
    const [before = ''] = buildScript([command(), plain], NONCE).split(ESXCLI);
    expect(before.endsWith("ask uptime/uptime 4 3 'uptime'\n")).toBe(true);
  });

  it('use functions that the script has', () => {
    const script = buildScript([command()], NONCE);
    for (const name of ['ask', 'try', 'detect', 'cli', 'names', 'name', 'each'])
      expect(script.split('\n'), name).toEqual(
        expect.arrayContaining([expect.stringMatching(new RegExp(`^${name}\\(\\) \\{`))]),
      );
  });

  it.each<[string, ScriptedCommand]>([
    ["cli 0 list nics/list 8 60 'network' 'nic' 'list'", command()],
    ["cli 0 list=Name,MTU nics/list 8 60 'network' 'nic' 'list'", command({ columns: 'Name,MTU' })],
    [
      "cli 99 object nics/list 8 60 'a' 'it'\\''s'",
      command({ shape: 'object', lane: 99, argv: ['esxcli', 'a', "it's"] }),
    ],
    ["each 0 list nics/list 8 60 16 'Name' '-' 'network nic list' 'network' 'nic' 'list'", withEach({})],
    [
      "each 0 list nics/list 8 60 64 'Name' 'IsLocal.boolean=true' 'network nic list' 'network' 'nic' 'list'",
      withEach({ when: 'IsLocal.boolean=true', most: 64 }),
    ],
  ])('are the line %s', (line, one) => {
    expect(askedBy(one)).toBe(`(\ndetect\n(\n${line}\n) &\nwait\n) &`);
  });

  it('have the first lane where none is named', () => {
    const { lane: _, ...one } = command();
    expect(askedBy(one)).toBe(askedBy(command({ lane: 0 })));
  });
});

describe('a command of esxcli that no script may have', () => {
  it.each<[Partial<ScriptedCommand>, string]>([
    [{ lane: -1 }, 'nics/list: not a lane: -1'],
    [{ lane: 100 }, 'nics/list: not a lane: 100'],
    [{ lane: 0.5 }, 'nics/list: not a lane: 0.5'],
    [{ argv: ['localcli', 'x'] }, 'nics/list: not a command of esxcli: localcli'],
    [{ columns: 'Name', shape: 'object' }, 'nics/list: not columns of a list: "Name"'],
    ...['', ',', 'Name,', ',Name', 'Name,,MTU', 'Na me', '9', 'a,9', 'Name;reboot', '$x', 'A\n'].map(
      (columns): [Partial<ScriptedCommand>, string] => [
        { columns },
        `nics/list: not columns of a list: ${JSON.stringify(columns)}`,
      ],
    ),
    [{ columns: 'A,B,C,D,E,F,G,H,I' }, 'nics/list: not columns of a list: "A,B,C,D,E,F,G,H,I"'],
  ])('with %j is refused before it is sent: %s', (changes, why) => {
    expect(() => buildScript([command(changes)], NONCE)).toThrow(new TypeError(why));
  });

  it.each<Partial<EachOf>>([
    ...['', ' a', 'a ', 'a  b', 'A b', '-a', 'a -b', "a'b", '9', 'a;b', 'a\n'].map((list) => ({ list })),
    ...['', 'a b', '9a', 'a-b', "a'", 'a\n', 'a'.repeat(42)].map((field) => ({ field })),
    ...[
      '',
      'true',
      'A.boolean',
      'A.boolean=',
      'A=true',
      '.boolean=true',
      '9.boolean=true',
      'A-b.boolean=true',
      'A.Boolean=true',
      'A.bool9=true',
      'A.boolean=tr ue',
      'A.boolean=true ',
      ' A.boolean=true',
      "A.boolean='",
      'A.boolean=-',
      `${'a'.repeat(42)}.boolean=true`,
      `A.boolean=${'a'.repeat(41)}`,
    ].map((when) => ({ when })),
  ])('of a list of names: %j', (changes) => {
    const { list, field } = { ...NICS, ...changes };
    const named = JSON.stringify({ list, field, ...('when' in changes && { when: changes.when }) });
    expect(() => buildScript([withEach(changes)], NONCE)).toThrow(
      new TypeError(`nics/list: not a list of names: ${named}`),
    );
  });

  it.each([0, -1, 65, 1.5, Number.NaN])('of %d names at most', (most) => {
    expect(() => buildScript([withEach({ most })], NONCE)).toThrow(
      new TypeError(`nics/list: not a number of names: ${most}`),
    );
  });

  it.each<Partial<EachOf>>([
    { list: 'a' },
    { list: 'storage core device2 list' },
    { field: 'A' },
    { field: `a${'9'.repeat(40)}` },
    { when: 'A.b=c' },
    { when: `${'a'.repeat(41)}.boolean=${'a'.repeat(40)}` },
    { most: 1 },
  ])('is not that of a list of names with %j', (changes) => {
    expect(readScript(buildScript([withEach(changes)], NONCE))?.commands).toEqual([withEach(changes)]);
  });

  it.each(['A', 'A,B', 'a9_b,C', 'A,B,C,D,E,F,G,H'])('is not that of the columns %s', (columns) => {
    expect(readScript(buildScript([command({ columns })], NONCE))?.commands).toEqual([command({ columns })]);
  });
});

describe('readScript', () => {
  it('knows what a script asks esxcli, in whatever lanes and shapes', () => {
    const words = fc.array(fc.constantFrom('get', '-n', "'", ' ', '-', 'x y', 'list'), { maxLength: 3 });
    const one = fc
      .record({
        rest: words,
        shape: fc.constantFrom('list' as const, 'object' as const),
        lane: fc.nat(3),
        columns: fc.constantFrom(undefined, 'Name', 'Name,MTU'),
        each: fc.constantFrom(undefined, NICS, { ...NICS, when: 'A.b=c', most: 1 }),
      })
      .map(({ rest, shape, lane, columns, each }) =>
        command({
          argv: ['esxcli', ...rest],
          shape: columns === undefined ? shape : 'list',
          lane,
          ...(columns !== undefined && each === undefined && { columns }),
          ...(each !== undefined && { each }),
        }),
      );
    fc.assert(
      fc.property(fc.array(one, { maxLength: 4 }), (made) => {
        const commands = made
          .map((one, index) => ({ ...one, label: `p/k${index}` }))
          .toSorted((a, b) => (a.lane ?? 0) - (b.lane ?? 0));
        expect(readScript(buildScript(commands, NONCE))).toEqual({ nonce: NONCE, commands });
      }),
    );
  });
});
