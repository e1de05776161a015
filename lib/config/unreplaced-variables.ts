import type { ConfigIssue } from './errors.ts';

/** As a shell and compose write one; a text such as `$5` is none. */
const VARIABLE = /\$\{[A-Za-z_]\w*[^}]*\}|^\$[A-Za-z_]\w*$/;

/** Texts that look as if somebody else were to replace a variable in them: nobody does. Own metrics may have any text. */
export const unreplacedVariables = ({
  metrics: _,
  ...sections
}: object & { metrics?: unknown }): ConfigIssue[] =>
  textsBelow(sections, '').flatMap(({ path, text }) =>
    VARIABLE.test(text)
      ? [
          {
            path,
            message: 'looks like a variable, and vsweep does not expand variables. Write the value itself',
          },
        ]
      : [],
  );

function textsBelow(value: unknown, path: string): { path: string; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) =>
    textsBelow(below, Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
  );
}
