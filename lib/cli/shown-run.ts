import { isLive } from './progress.ts';
import { pin } from './screen.ts';
import { printColoured, toDisplay } from './terminal.ts';

/** What runs on and on show of the last run. */
export interface ShownRun extends Disposable {
  show(text: string): void;
}

/** In place of the run before on a terminal, elsewhere one below the other. */
export function createShownRun({ json }: { json: boolean }): ShownRun {
  let pinned: Disposable | undefined;
  return {
    show(text) {
      if (isLive({ json })) pinned = pin(toDisplay(text, process.stderr));
      else printColoured(`\n${text}`);
    },
    [Symbol.dispose]() {
      pinned?.[Symbol.dispose]();
    },
  };
}
