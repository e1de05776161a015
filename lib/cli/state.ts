import { systemClock } from '../platform/clock.ts';
import { isSound } from '../state/sqlite/inspect.ts';
import { acceptLossIn, inspectFile, repairFile } from '../state/sqlite/repair.ts';
import { loadConfig } from './load-config.ts';
import { statePathOf } from './open-state.ts';
import { damageToJson, printDamage, printRepair } from './print-damage.ts';
import { print } from './terminal.ts';

interface Options {
  readonly config: string;
  readonly json: boolean;
}

const folderOf = async ({ config }: Options) =>
  statePathOf(await loadConfig(config, process.env), process.env);

/** `vsweep state check`: whether the file is whole, and what is lost. Answers 1 when it is not. */
export async function stateCheckCommand(options: Options): Promise<number> {
  const found = inspectFile(await folderOf(options));
  if (options.json) print(JSON.stringify(damageToJson(found), undefined, 2));
  else
    print(
      [...printDamage(found), ...(isSound(found) ? [] : ['Repair it with: vsweep state repair'])].join('\n'),
    );
  return isSound(found) ? 0 : 1;
}

/** `vsweep state repair`: a new file with all that can be read; the damaged one is kept beside it. */
export async function stateRepairCommand(options: Options): Promise<number> {
  const { found, kept } = repairFile(await folderOf(options), systemClock);
  if (options.json) print(JSON.stringify({ ...damageToJson(found), kept: kept ?? null }, undefined, 2));
  else print([...printDamage(found), ...(kept === undefined ? [] : printRepair(found, kept))].join('\n'));
  return 0;
}

/** `vsweep state accept-loss`: lets passwords go to hosts again after a repair that could not tell what was lost. */
export async function stateAcceptLossCommand(options: Options): Promise<number> {
  const accepted = acceptLossIn(await folderOf(options));
  if (options.json) print(JSON.stringify({ accepted }));
  else
    print(
      accepted
        ? 'accepted: the next run logs in to the hosts again'
        : 'nothing to accept: no loss is recorded',
    );
  return 0;
}
