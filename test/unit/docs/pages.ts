import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../../..');

export const readPage = (path: string): string => readFileSync(resolve(repository, path), 'utf8');

/** Every page that a user reads. */
export const PAGES: readonly string[] = globSync(['*.md', 'docs/**/*.md'], { cwd: repository }).sort();

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

export function blocksOf(page: string): Block[] {
  const fences = readPage(page).matchAll(/^```(?<language>\S*)\n(?<text>[\s\S]*?)^```$/gm);
  return Array.from(fences, ({ groups }) => ({
    page,
    language: groups?.['language'] ?? '',
    text: groups?.['text'] ?? '',
  }));
}

/** The text below a heading, up to the next one of any depth; throws when the page has no such heading. */
export function sectionOf(page: string, heading: string): string {
  const [, ...sections] = readPage(page).split(/^#+ /m);
  const section = sections.find((one) => one.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`${page} has no heading "${heading}"`);
  return section.slice(heading.length + 1);
}

/** The rows of all tables in the text without their headings, each cell trimmed. */
export function tableRows(markdown: string): string[][] {
  const lines = markdown.split('\n').map((line) => line.trim());
  return lines.flatMap((line, index) => {
    const isHead = /^\|(?: *:?-+:? *\|)+$/.test(lines[index + 1] ?? '');
    if (!line.startsWith('|') || isHead || /^\|[-:| ]+$/.test(line)) return [];
    const cells = line.slice(1, -1).split(/(?<!\\)\|/);
    return [cells.map((cell) => cell.replaceAll('\\|', '|').trim())];
  });
}

/** The text of a cell that is one code span; undefined for any other. */
export const codeOf = (cell: string | undefined): string | undefined => /^`([^`]+)`$/.exec(cell ?? '')?.[1];
