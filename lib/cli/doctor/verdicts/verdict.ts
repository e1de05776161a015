export type Colour = 'green' | 'yellow' | 'red';

/** What one check found: the reason in words, and the command that mends it, complete, where one does. */
export interface Verdict {
  readonly colour: Colour;
  readonly reason: string;
  readonly command?: string;
}

const verdict =
  (colour: Colour) =>
  (reason: string, command?: string): Verdict => ({
    colour,
    reason,
    ...(command === undefined ? {} : { command }),
  });

/** As it should be. */
export const green = verdict('green');
/** It works, and somebody should know of it; or it was not checked. */
export const yellow = verdict('yellow');
/** A run would fail by it, or lose what it is there for. */
export const red = verdict('red');
