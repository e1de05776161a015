import * as z from 'zod';

/** Properties whose value has passwords or keys in it, and what they hold; `config` has all of them below it. */
export const SECRET_PROPERTIES = {
  'config.extraConfig': 'guestinfo settings',
  'config.vAppConfig': 'OVF properties',
  'config.ipmi': 'the account of the management processor',
} as const;

const FORM = `write one or more of config, ${Object.keys(SECRET_PROPERTIES).join(', ')}`;

const KEY_FORM =
  'write public keys of CURVE, 40 characters each in single quotes, as vsweep gateway-keys prints them';
/** A key in Z85 (RFC 32). Five characters are 32 bits, so none of them begins with one of the last two. */
const PUBLIC_KEY = /^(?:[0-9A-Za-z.\-:+=^!/*?&<>()[\]{}@%][0-9A-Za-z.\-:+=^!/*?&<>()[\]{}@%$#]{4}){8}$/;

/** The clients that the gateway admits, by their keys. */
export const admittedClients = z
  .array(z.string(KEY_FORM).regex(PUBLIC_KEY, KEY_FORM), KEY_FORM)
  .min(1, 'name at least one client, or leave curve out')
  .max(1_000, 'name at most 1000 clients');

/** What polls may answer beyond what is harmless. */
export const allowedSecrets = z
  .array(
    z.enum(
      ['config', ...Object.keys(SECRET_PROPERTIES)] as ['config', ...(keyof typeof SECRET_PROPERTIES)[]],
      FORM,
    ),
    FORM,
  )
  .max(4, FORM)
  .default([]);
