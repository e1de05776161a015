import { VspherePathError } from '../errors.ts';

/** One step of a property path: `device`, `device[4000]` or `option["Vpx.Vpxa.config"]`. */
export interface PathStep {
  readonly name: string;
  readonly key: string | undefined;
  readonly isQuoted: boolean;
  /** The path up to and with this step, without its key. */
  readonly upTo: string;
  /** As it is written, with its key. */
  readonly written: string;
}

/** The longest path of the API has less than half. */
const MAX_LENGTH = 500;

const STEP = /(\w+)(?:\[(?:(-?\d+)|"([^"]*)")\])?(\.(?=.)|$)/sy;

/** Splits a property path at its dots; a quoted key may hold dots. */
export function parsePath(path: string): readonly PathStep[] {
  if (path.length > MAX_LENGTH) throw notAPath(path);
  const steps: PathStep[] = [];
  let at = 0;
  do {
    STEP.lastIndex = at;
    const match = STEP.exec(path);
    if (match === null) throw notAPath(path);
    const [whole, name = '', index, quoted, dot = ''] = match;
    steps.push({
      name,
      key: index ?? quoted,
      isQuoted: quoted !== undefined,
      upTo: path.slice(0, at + name.length),
      written: whole.slice(0, whole.length - dot.length),
    });
    at += whole.length;
  } while (at < path.length);
  return steps;
}

function notAPath(path: string): VspherePathError {
  return new VspherePathError(
    `${JSON.stringify(path.slice(0, 200))} is not a property path. Write names with dots between them, and ` +
      'an element of an array by its key, as device[4000] or option["name"]',
    { code: 'not-a-path' },
  );
}
