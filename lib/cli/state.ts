import { systemClock } from '../platform/clock.ts';
import type { ItemKey } from '../state/item.ts';
import { type Inspection, isSound } from '../state/sqlite/inspect.ts';
import { acceptLossIn, inspectFile, repairFile } from '../state/sqlite/repair.ts';
import { loadConfig } from './load-config.ts';
import { statePathOf } from './open-state.ts';
import { printCount } from './print-count.ts';
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
  if (options.json) print(JSON.stringify(toJson(found), undefined, 2));
  else print([...tell(found), ...(isSound(found) ? [] : ['Repair it with: vsweep state repair'])].join('\n'));
  return isSound(found) ? 0 : 1;
}

/** `vsweep state repair`: a new file with all that can be read; the damaged one is kept beside it. */
export async function stateRepairCommand(options: Options): Promise<number> {
  const { found, kept } = repairFile(await folderOf(options), systemClock);
  if (options.json) print(JSON.stringify({ ...toJson(found), kept: kept ?? null }, undefined, 2));
  else print([...tell(found), ...(kept === undefined ? [] : afterRepair(found, kept))].join('\n'));
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

const toJson = (found: Inspection) => ({
  sound: isSound(found),
  items: found.sound.length,
  lost: found.lost,
  othersMayBeLost: !found.knowsAll,
  faults: found.faults,
});

/** Of what each kind of item is. */
const KINDS: readonly (readonly [string, string])[] = [
  ['account#', 'refusals and attempts of accounts'],
  ['proven#', 'accounts that were accepted'],
  ['hostkeys', 'pinned host keys'],
  ['credential#', 'states of credentials'],
  ['run#', 'leases, last runs and batches under way'],
  ['target#', 'host lists'],
  ['netbox#', 'answers of NetBox'],
];

function tell(found: Inspection): string[] {
  const { sound, lost, knowsAll, faults } = found;
  const named = lost.map(({ pk, sk }) => `lost: ${kindOf({ pk, sk })}: ${pk} ${sk}`);
  return [
    `${printCount(sound.length, 'item')}${isSound(found) ? ', no damage' : ' can be read'}`,
    ...named.slice(0, MAX_TOLD),
    ...(named.length > MAX_TOLD ? [`and ${named.length - MAX_TOLD} more; --json has all`] : []),
    ...(knowsAll ? [] : ['more items may be lost; their names are not known']),
    ...faults.map((fault) => `damage: ${fault}`),
  ];
}

const MAX_TOLD = 20;

const kindOf = ({ pk }: ItemKey): string => KINDS.find(([prefix]) => pk.startsWith(prefix))?.[1] ?? 'other';

function afterRepair({ knowsAll, lost }: Inspection, kept: string): string[] {
  const accounts = lost.filter(({ pk }) => pk.startsWith('account#'));
  return [
    `repaired; the damaged file is in ${kept}`,
    ...(accounts.length === 0
      ? []
      : [
          `${accounts.length} accounts have lost their record of refused logins and get no login: "vsweep blacklist list" names them. ` +
            'Log in there once by hand, then lift each: vsweep blacklist lift --user <user> --address <address> --counter-was-reset',
        ]),
    ...(knowsAll
      ? []
      : [
          'No password goes to any host until you accept the loss: log in once by hand where an account may have ' +
            'been refused, then run: vsweep state accept-loss',
        ]),
  ];
}
