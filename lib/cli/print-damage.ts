import type { ItemKey } from '../state/item.ts';
import { type Inspection, isSound } from '../state/sqlite/inspect.ts';
import { printCount } from './print-count.ts';

/** What `--json` prints of a state file. */
export const damageToJson = (found: Inspection) => ({
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

/** The lines of `vsweep state check`. */
export function printDamage(found: Inspection): string[] {
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

/** What an operator reads and does after a repair that kept the damaged file there. */
export function printRepair({ knowsAll, lost }: Inspection, kept: string): string[] {
  const accounts = lost.filter(({ pk }) => pk.startsWith('account#'));
  return [
    `repaired; the damaged file is in ${kept}`,
    ...(accounts.length === 0
      ? []
      : [
          `${accounts.length} accounts have lost their record of refused logins and get no login: "vsweep blacklist list" names them. ` +
            'Log in there once by hand, then lift each with --counter-was-reset, as the list says',
        ]),
    ...(knowsAll
      ? []
      : [
          'No password goes to any host until you accept the loss: log in once by hand where an account may have ' +
            'been refused, then run: vsweep state accept-loss',
        ]),
  ];
}
