import * as path from 'node:path';
import { type Fault, lineAt, type SourceFile } from './source-file.ts';

const LINK = /\]\(<?(?<target>[^)\s>]+)>?(?:\s+"[^"]*")?\)/g;
const ELSEWHERE = /^([a-z][a-z0-9+.-]*:|\/\/)/i;

/** Blanks out fenced blocks and code spans; every other character keeps its place. */
function withoutCode(markdown: string): string {
  const blank = (code: string) => code.replace(/[^\n]/g, ' ');
  return markdown.replace(/^(```|~~~)[^\n]*\n[\s\S]*?^\1\s*$/gm, blank).replace(/`[^`\n]+`/g, blank);
}

/** The anchors that GitHub gives the headings of a page. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  const seen = new Map<string, number>();
  // Code spans stay: their text is part of the anchor.
  const text = markdown.replace(/^(```|~~~)[^\n]*\n[\s\S]*?^\1\s*$/gm, '');
  for (const [, heading = ''] of text.matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

/** Faults for relative links of Markdown pages whose file, folder or heading is not there. */
export function checkDocLinks(files: readonly SourceFile[]): Fault[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const folders = new Set(files.flatMap(({ path: name }) => parentFolders(name)));
  const isThere = (target: string) => byPath.has(target) || folders.has(target.replace(/\/$/, ''));

  return files.flatMap((page) => {
    if (!page.path.endsWith('.md')) return [];
    return [...withoutCode(page.text).matchAll(LINK)].flatMap((match): Fault[] => {
      const link = decodeURI(match.groups?.['target'] ?? '');
      if (ELSEWHERE.test(link)) return [];
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page.path : path.posix.join(path.posix.dirname(page.path), file);
      const at = { path: page.path, line: lineAt(page.text, match.index) };
      if (!isThere(target)) return [{ ...at, message: `link to ${link}: ${target} is not there` }];
      const linked = byPath.get(target);
      if (!anchor || !linked?.path.endsWith('.md') || anchorsOf(linked.text).has(anchor)) return [];
      return [{ ...at, message: `link to ${link}: ${target} has no such heading` }];
    });
  });
}

function parentFolders(name: string): string[] {
  const parts = name.split('/').slice(0, -1);
  return ['.', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))];
}
