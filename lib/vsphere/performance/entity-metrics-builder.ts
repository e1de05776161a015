import { type MoRef, toMoRef } from '../soap/moref.ts';
import { NO_TYPES, type TagTypes } from '../soap/tag-attributes.ts';
import { ElementBuilder, type UnitBuilder, type XmlElement } from '../soap/unit-builder.ts';
import { type CsvSeries, type EntityMetrics, toEntityMetrics } from './entity-metrics.ts';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Makes each `returnval` of QueryPerf (a PerfEntityMetricCSV) the metrics of its entity while it is read: `entity`,
 * `sampleInfoCSV` and `value*` (id with counterId and instance, value). Read without the table of types: an inventory has a
 * hundred thousand series of one shape. A fault stays an element.
 */
export class EntityMetricsBuilder implements UnitBuilder<EntityMetrics | XmlElement> {
  readonly #options: { readonly maxSamples: number };
  readonly #elements = new ElementBuilder();
  /** Whether what comes is of an element that is taken as it is. */
  #isInElement = false;
  /** What is open: nothing, the answer, a series, its id. */
  #depth = 0;
  #entity: MoRef | undefined;
  #sampleInfo: string | undefined;
  #series: CsvSeries[] = [];
  #one: Writable<CsvSeries> = emptySeries();
  #hasId = false;

  constructor(options: { readonly maxSamples: number }) {
    this.#options = options;
  }

  open(name: string, types: TagTypes): void {
    const isPart =
      !this.#isInElement &&
      ((this.#depth === 0 && name !== 'Fault') ||
        (this.#depth === 1 && name === 'value') ||
        (this.#depth === 2 && name === 'id' && !this.#hasId));
    if (!isPart) {
      this.#isInElement = true;
      this.#elements.open(name, types);
      return;
    }
    if (this.#depth === 0) this.#begin();
    else if (this.#depth === 1) this.#beginSeries();
    else this.#hasId = true;
    this.#depth += 1;
  }

  text(text: string): void {
    if (this.#isInElement) this.#elements.text(text);
  }

  leaf(name: string, text: string): void {
    if (this.#isInElement) this.#elements.leaf(name, text);
    else if (this.#depth === 3 || name !== 'entity') this.#take(name, text);
    else {
      this.open(name, NO_TYPES);
      this.text(text);
      this.close();
    }
  }

  close(): EntityMetrics | XmlElement | undefined {
    if (this.#isInElement) return this.#closeElement();
    this.#depth -= 1;
    if (this.#depth === 1) this.#series.push(this.#one);
    if (this.#depth > 0) return undefined;
    const written = { entity: this.#entity, sampleInfo: this.#sampleInfo, series: this.#series };
    return toEntityMetrics(written, this.#options);
  }

  #closeElement(): XmlElement | undefined {
    const element = this.#elements.close();
    if (element === undefined) return undefined;
    this.#isInElement = false;
    if (this.#depth === 0) return element;
    if (this.#depth === 1 && element.name === 'entity') this.#entity ??= toMoRef(element);
    else this.#take(element.name, element.text);
    return undefined;
  }

  /** An element that holds a text; of those of one name the first one counts. */
  #take(name: string, text: string): void {
    if (this.#depth === 1) {
      if (name === 'sampleInfoCSV') this.#sampleInfo ??= text;
      // A series without anything.
      else if (name === 'value') this.#series.push(emptySeries());
    } else if (this.#depth === 2) {
      if (name === 'value') this.#one.values ??= text;
      else if (name === 'id') this.#hasId = true;
    } else if (name === 'counterId') this.#one.counterId ??= text;
    else if (name === 'instance') this.#one.instance ??= text;
  }

  #begin(): void {
    this.#entity = undefined;
    this.#sampleInfo = undefined;
    this.#series = [];
  }

  #beginSeries(): void {
    this.#one = emptySeries();
    this.#hasId = false;
  }
}

const emptySeries = (): Writable<CsvSeries> => ({
  counterId: undefined,
  instance: undefined,
  values: undefined,
});
