import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PAGES, readPage } from './pages.ts';

const repository = resolve(import.meta.dirname, '../../..');

/** Relative links of a page, from its folder; a link inside the page has no path. */
const linksOf = (page: string): { path: string; anchor: string }[] =>
  Array.from(readPage(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g), ([, path, anchor]) => ({
    path: path === undefined || path === '' ? page : join(dirname(page), path),
    anchor: anchor ?? '',
  }));

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (page: string): string[] =>
  Array.from(readPage(page).matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('links of the docs', () => {
  it.each([...PAGES, 'cdk/README.md'])('of %s lead somewhere', (page) => {
    const dead = linksOf(page).filter(
      ({ path, anchor }) =>
        !existsSync(join(repository, path)) || (anchor !== '' && !anchorsOf(path).includes(anchor)),
    );
    expect(dead).toEqual([]);
  });
});
