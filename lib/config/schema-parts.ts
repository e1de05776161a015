import * as z from 'zod';
import { sayUnknown } from './unknown-keys.ts';

/** What the sections of `vsweep.yaml` are made of. Every message says what to write. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;

/**
 * A map of exactly these keys. Each unknown one is named with what it may have been meant to be. `others` are the keys
 * of the maps that may stand in place of this one: beside it they are known, but too many.
 */
export const section = <Shape extends z.ZodRawShape>(
  shape: Shape,
  form: string,
  others: readonly string[] = [],
) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' && !issue.keys.some((key) => others.includes(key))
        ? issue.keys.map((key) => sayUnknown(key, Object.keys(shape))).join('; ')
        : `write ${form}`,
  });

export const name = z
  .string('write a name')
  .regex(
    NAME,
    'use letters, digits, ".", "_" and "-", at most 253 of them, beginning with a letter or digit',
  );
export const seconds = (max: number) =>
  z.number('write a number of seconds').min(0.1, 'use at least 0.1 s').max(max, `use at most ${max} s`);
export const port = z.int('write a port number').min(1, 'use 1 to 65535').max(65_535, 'use 1 to 65535');
export const url = (protocol: RegExp, kind: string, example: string) => {
  const message = `write ${kind} URL without user and password, such as ${example}`;
  return (
    z
      .url({ protocol, error: message })
      .refine((text) => !URL.canParse(text) || new URL(text).username === '', message)
      // For JSON Schema, which has no protocols.
      .meta({ pattern: `${protocol.source.replace(/\$$/, '')}://` })
  );
};

/** A url to which the sink adds a path: where the path was written, too, it would stand there twice. */
export const urlBefore = (added: RegExp, ...of: Parameters<typeof url>) =>
  url(...of).refine((written) => !endOf(written, added), {
    error: ({ input }) => `leave out ${endOf(String(input), added)}: vsweep adds the path`,
  });

const endOf = (written: string, added: RegExp): string | undefined =>
  URL.canParse(written) ? added.exec(new URL(written).pathname)?.[0] : undefined;

export const text = (max: number, what: string) => {
  const message = `write ${what}, at most ${max} characters`;
  return z.string(message).min(1, message).max(max, message);
};

/** A list in which nothing stands twice, by the text of each. */
export const withoutTwins = <Item>(
  list: z.ZodType<Item[]>,
  textOf: (item: Item) => string = (item) => String(item),
) =>
  list.superRefine((items, context) => {
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      const text = textOf(item);
      const message = `${text} stands there twice; leave one of them out`;
      if (seen.has(text)) context.addIssue({ code: 'custom', path: [index], message });
      seen.add(text);
    }
  });
