import type { FactName, Facts, KindName } from './kind.ts';

/** In which fact the objects in an object of a kind have its name, which is one alone in its datacenter. */
const FACT_OF: { readonly [Kind in KindName]?: FactName } = {
  host: 'host',
  datastore: 'datastore',
  cluster: 'cluster',
  'datastore-cluster': 'datastoreCluster',
  'distributed-switch': 'distributedSwitch',
};

/** Whether the objects in an object of this kind can be told by their facts; those of a vCenter are all of its list. */
export const containsOf = (kind: KindName): boolean => kind === 'vcenter' || FACT_OF[kind] !== undefined;

interface Listed {
  readonly name: string;
  readonly facts: Facts;
}

/** The same for an object and for what is in it; undefined for what is in no object of the kind. */
export function keyInside(container: KindName, { facts }: Listed): string | undefined {
  if (container === 'vcenter') return '';
  const fact = FACT_OF[container];
  const name = fact === undefined ? '' : (facts[fact] ?? '');
  return name === '' ? undefined : keyOf(facts.datacenter, name);
}

/** What the objects in it have as their key. */
export const keyOfContainer = (container: KindName, { name, facts }: Listed): string =>
  container === 'vcenter' ? '' : keyOf(facts.datacenter, name);

const keyOf = (datacenter: string | undefined, name: string) => JSON.stringify([datacenter ?? '', name]);

/** Whether nobody knows in which cluster an object is: every machine is on a host, if the account may see which. */
export const hasUnknownPlace = (kind: KindName, { facts }: Listed): boolean => kind === 'vm' && !facts.host;
