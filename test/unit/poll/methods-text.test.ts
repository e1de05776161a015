import { join } from 'node:path';
import { expect, it } from 'vitest';
import { POLL_FORMATS, printReply } from '../../../lib/poll/format/print-reply.ts';
import type { PollMethod } from '../../../lib/poll/method.ts';
import { OLD_METHOD_NAMES, POLL_METHODS } from '../../../lib/poll/registry.ts';
import type { PollAnswer } from '../../../lib/poll/reply.ts';

const FILE = join(import.meta.dirname, '../../fixtures/poll/methods.txt');

/** In which any method finds something that it could answer. */
const ANSWER: PollAnswer = [
  { name: 'a', disk: [{ k: 1 }], net: [{ k: 2 }], network: [{ k: 3 }], host: [{ k: 4 }], vm: [{ k: 5 }] },
  { name: 'b', cmdLine: '/sbin/init' },
];

function textOf({ name, summary, requiredKeys, propertiesOf, successMessage }: PollMethod): string {
  const says = typeof successMessage === 'string' ? () => successMessage : successMessage;
  const words = new Set([says({ properties: [] }), says({ properties: [], key: '/' })]);
  const printed = ['zabbix', 'lld'].map((helper) => {
    const message = { method: name, hostname: 'vc01', properties: ['name'], key: 'init', helper };
    return `  ${helper}: ${printReply({ success: 0, msg: '', result: ANSWER }, message)}`;
  });
  return [
    `${name}: ${summary}`,
    `  needs ${requiredKeys.join(', ') || 'nothing'}, and takes properties of ${propertiesOf ?? 'nothing'}`,
    `  ${[...words].join(' | ')}`,
    ...printed,
    '',
  ].join('\n');
}

it('each method has the words that methods.txt has: npx vitest run --project unit test/unit/poll --update renews it', async () => {
  const old = Array.from(OLD_METHOD_NAMES, ([before, name]) => `${before} is ${name} today`);
  const formats = `formats: ${[...POLL_FORMATS.keys()].join(' ')}`;
  const text = [...POLL_METHODS.map(textOf), ...old, formats, ''].join('\n');
  await expect(text).toMatchFileSnapshot(FILE);
});
