import * as z from 'zod';
import { section } from './schema-parts.ts';

/** Properties whose value has passwords or keys in it, and what they hold; `config` has all of them below it. */
export const SECRET_PROPERTIES = {
  'config.extraConfig': 'guestinfo settings',
  'config.vAppConfig': 'OVF properties',
  'config.ipmi': 'the account of the management processor',
} as const;

const FORM = `write one or more of config, ${Object.keys(SECRET_PROPERTIES).join(', ')}`;

/** What polls may answer beyond what is harmless. */
export const polls = section(
  {
    allow: z
      .array(
        z.enum(
          ['config', ...Object.keys(SECRET_PROPERTIES)] as ['config', ...(keyof typeof SECRET_PROPERTIES)[]],
          FORM,
        ),
        FORM,
      )
      .max(4, FORM)
      .default([]),
  },
  'a map such as polls: { allow: [config.extraConfig] }',
);
