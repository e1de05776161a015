import type { Evaluated, MetricRow } from '../catalogue/row.ts';
import { type CounterReading, readNeed } from '../catalogue/sources/counter.ts';
import { PROPERTIES } from '../catalogue/sources/property.ts';
import { counters } from '../readers/counters.ts';
import { historicalCounters } from '../readers/historical-counters.ts';
import { properties } from '../readers/properties.ts';
import type { Reader, ReaderSession, ReadItem, Reference } from '../readers/reader.ts';
import { retrieveObjects } from '../vsphere/property/retrieval.ts';
import type { PropertyValue, RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { withoutSecrets } from '../vsphere/property/without-secrets.ts';
import type { PollSession } from './method.ts';
import { perfCountersOf } from './perf-counters.ts';

/** What one metric says of one object, and what it says it by. */
export interface MetricReading extends Evaluated {
  readonly moref: string;
  /** By property path, or by counter with its instance; what may hold a secret is hidden. */
  readonly raw: ReadonlyMap<string, PropertyValue>;
}

/** Behind that of properties; others are of whole targets, or call methods that no poll calls. */
const BESIDE: readonly Reader<never>[] = [counters, historicalCounters];

/** Reads what a row needs of some objects of its kind, and evaluates it, as a batch of a sweep does. */
export async function* readMetric(
  session: PollSession,
  row: MetricRow,
  items: readonly Reference[],
  { signal }: { signal: AbortSignal },
): AsyncGenerator<MetricReading> {
  const { source } = row;
  const ctx = { session: readerSession(session), clock: session.clock, signal };
  const needs = source.needs.map(String);
  if (source.reader.name === PROPERTIES.name) {
    for await (const [moref, object] of properties.read(['name', ...needs], toRead(items), ctx))
      yield { moref, raw: rawProperties(object, needs), ...source.evaluate(object) };
    return;
  }
  const reader = BESIDE.find(({ facts }) => facts.name === source.reader.name) as Reader | undefined;
  if (reader === undefined) throw new TypeError(`${row.name} is not read object by object`);
  const read: ReadItem[] = [];
  for await (const [moref, object] of properties.read(
    ['name', ...(reader.pathsOf?.(source.needs) ?? [])],
    toRead(items),
    ctx,
  ))
    read.push({ type: object.moref.type, moref, properties: object.properties });
  for await (const [moref, value] of reader.read(source.needs, read, ctx))
    yield { moref, raw: rawCounters(value as Partial<CounterReading>, needs), ...source.evaluate(value) };
}

const toRead = (items: readonly Reference[]): ReadItem[] =>
  items.map((item) => ({ ...item, properties: new Map() }));

const readerSession = (session: PollSession): ReaderSession => ({
  connection: session,
  retrieve: (query, options) => retrieveObjects(session, query, options),
  counters: (options) => perfCountersOf(session, options),
});

const rawProperties = (
  { properties: read, missing }: RetrievedObject,
  needs: readonly string[],
): MetricReading['raw'] =>
  new Map(
    needs.map((path) => {
      const value = read.get(path);
      const shown = value === undefined ? undefined : withoutSecrets(value);
      return [path, shown ?? (missing.get(path) === undefined ? '(unset)' : `(${missing.get(path)})`)];
    }),
  );

const rawCounters = ({ values }: Partial<CounterReading>, needs: readonly string[]): MetricReading['raw'] =>
  new Map(
    needs
      .map((need) => readNeed(need).counter)
      .flatMap((counter) =>
        (values?.get(counter) ?? []).map(({ instance, value }) => [
          instance === '' ? counter : `${counter} of ${instance}`,
          value,
        ]),
      ),
  );
