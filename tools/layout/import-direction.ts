import { findImports } from './imports.ts';
import { ALSO_ALLOWED, CDK_MAY_IMPORT, type Exception, FORBIDDEN, LEVELS, UNSHIPPED } from './rooms.ts';
import type { Fault, SourceFile } from './source-file.ts';

/** An import of another room, of values or of types only. */
interface RoomImport {
  readonly path: string;
  readonly line: number;
  readonly from: string;
  readonly to: string;
  /** The imported file, relative to the project's root. */
  readonly target: string;
}

/** Faults for each import that points against the order of the rooms. */
export function checkImportDirection(files: readonly SourceFile[]): Fault[] {
  return files.flatMap(findRoomImports).flatMap(({ path: name, line, from, to, target }) => {
    const reason = objection(from, to);
    return reason === undefined
      ? []
      : [{ path: name, line, message: `${from} imports ${to} (${target}): ${reason}` }];
  });
}

/** Faults for exceptions that no import needs any more. */
export function checkExceptions(files: readonly SourceFile[], exceptions: readonly Exception[]): Fault[] {
  const imports = files.flatMap(findRoomImports);
  return exceptions
    .filter(({ from, to }) => !imports.some((one) => one.from === from && one.to === to))
    .map(({ from, to }) => ({
      path: 'tools/layout/rooms.ts',
      line: 0,
      message: `${from} does not import ${to}: drop the exception`,
    }));
}

/** Imports of another room. */
function findRoomImports(file: SourceFile): RoomImport[] {
  const from = roomOf(file.path);
  return findImports(file).flatMap(({ path: name, line, target }) => {
    const to = target === undefined ? undefined : roomOf(target);
    if (target === undefined || from === undefined || to === undefined || to === from) return [];
    return [{ path: name, line, from, to, target }];
  });
}

/** The room of a file: the folder below `lib/`, else the first folder; undefined for a file of the root. */
function roomOf(file: string): string | undefined {
  const [first, second, third] = file.split('/');
  if (first === 'lib' && third !== undefined) return second;
  return second === undefined ? undefined : first;
}

/** Why `from` may not import `to`, or undefined when it may. */
function objection(from: string, to: string): string | undefined {
  const isThis = (one: Exception) => one.from === from && one.to === to;
  const forbidden = FORBIDDEN.find(isThis);
  if (forbidden) return forbidden.why;
  if (ALSO_ALLOWED.some(isThis)) return undefined;
  if (UNSHIPPED.includes(to)) return `${to} is not shipped`;
  if (from === 'cdk') return CDK_MAY_IMPORT.includes(to) ? undefined : 'cdk imports names only';
  const unknown = [from, to].find((room) => levelOf(room) === -1);
  if (unknown !== undefined) return `${unknown} has no level in tools/layout/rooms.ts`;
  if (levelOf(from) === levelOf(to)) return 'both are on one level';
  return levelOf(from) > levelOf(to) ? `${to} is above ${from}` : undefined;
}

const levelOf = (room: string) => LEVELS.findIndex((rooms) => rooms.includes(room));
