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

const NAME_FORM =
  'use letters, digits, ".", "_" and "-", at most 253 of them, beginning with a letter or digit';
/** A url, an IPv6 address, or an address with its port. */
const ADDRESS = /:\/\/|^[0-9A-Fa-f]*:[0-9A-Fa-f:.]*$|:\d+$/;
export const name = z.string('write a name').regex(NAME, {
  error: ({ input }) =>
    ADDRESS.test(String(input)) ? `${NAME_FORM}; an address like this goes into "url"` : NAME_FORM,
});
export const seconds = (max: number) =>
  z.number('write a number of seconds').min(0.1, 'use at least 0.1 s').max(max, `use at most ${max} s`);
export const port = z.int('write a port number').min(1, 'use 1 to 65535').max(65_535, 'use 1 to 65535');
export const url = (protocol: RegExp, kind: string, example: string) => {
  const form = `write ${kind} URL without user and password, such as ${example}`;
  const error = ({ input }: { input?: unknown }) =>
    [whatIsWrong(input, protocol), form].filter((part) => part !== undefined).join('; ');
  return (
    z
      .url({ protocol, error })
      .refine((text) => !URL.canParse(text) || new URL(text).username === '', { error })
      // For JSON Schema, which has no protocols.
      .meta({ pattern: `${protocol.source.replace(/\$$/, '')}://` })
  );
};

/** What is most often wrong with a url; nothing of its text, which may hold a password. */
function whatIsWrong(written: unknown, protocol: RegExp): string | undefined {
  if (typeof written !== 'string' || written === '') return undefined;
  const [, scheme, host = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)/i.exec(written) ?? [];
  if (scheme === undefined)
    return `it does not begin with ${protocol.test('http') ? 'http:// or ' : ''}https://`;
  if (host.includes('@')) return 'its user and password go into the credentials';
  if (/:[^\]]*:/.test(host) && !host.startsWith('['))
    return 'write an IPv6 address in brackets: https://[fd00::1]';
  return protocol.test(scheme) ? undefined : `it is ${scheme.toLowerCase().slice(0, 10)}`;
}

/** The path of a file or folder on this machine, as it is handed to the system: no shell reads it. */
export const path = (what: string) =>
  text(4096, what)
    .refine((written) => !/^~(?:$|\/)/.test(written), 'write the path in full: "~" is no home folder here')
    .refine(
      (written) => !/^\$(?:[A-Za-z_]\w*|\{[^}]*\})(?:$|\/)/.test(written),
      'write the path in full: vsweep does not expand variables',
    )
    .refine((written) => !/^[A-Za-z]:|^\\\\/.test(written), 'is a path of Windows; write one with "/"');

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
