import type { RetrievalSession } from '../../../lib/vsphere/property/retrieval.ts';
import type { SoapCall } from '../../../lib/vsphere/soap/transport.ts';
import { cannedSession } from '../vsphere/canned-session.ts';
import { soapAnswer } from '../vsphere/soap-messages.ts';

/** A session whose calls are answered by what stands between the tags of the response; `answer` may throw a fault. */
export function answering(
  answer: (call: SoapCall) => string,
  content: Partial<RetrievalSession['content']> = {},
): RetrievalSession {
  return cannedSession((call) => {
    const name = `${call.operation}Response`;
    const namespace = call.service === 'vsan' ? 'urn:vsan' : 'urn:vim25';
    return [Buffer.from(soapAnswer(`<${name} xmlns="${namespace}">${answer(call)}</${name}>`))];
  }, content);
}

/** One object of a retrieval, with values as `<val …>` writes them, or the names of faults. */
export const retrievedObject = (
  [type, moref]: readonly [string, string],
  values: Readonly<Record<string, string>>,
  missing: Readonly<Record<string, string>> = {},
): string =>
  `<objects><obj type="${type}">${moref}</obj>` +
  Object.entries(values)
    .map(([name, value]) => `<propSet><name>${name}</name>${value}</propSet>`)
    .join('') +
  Object.entries(missing)
    .map(
      ([path, fault]) =>
        `<missingSet><path>${path}</path><fault><fault xsi:type="${fault}"/><localizedMessage/></fault></missingSet>`,
    )
    .join('') +
  '</objects>';

export interface FakeSeries {
  readonly counterId: number;
  readonly instance?: string;
  readonly values: readonly (number | string)[];
}

/** What QueryPerf answers of one entity: an end of a sample for each of `times` (epoch ms). */
export const perfAnswer = (
  moref: string,
  times: readonly number[],
  series: readonly FakeSeries[],
  seconds = 20,
): string =>
  `<returnval xsi:type="PerfEntityMetricCSV"><entity type="HostSystem">${moref}</entity>` +
  `<sampleInfoCSV>${times.map((time) => `${seconds},${new Date(time).toISOString()}`).join()}</sampleInfoCSV>` +
  series
    .map(
      ({ counterId, instance = '', values }) =>
        `<value xsi:type="PerfMetricSeriesCSV"><id><counterId>${counterId}</counterId>` +
        `<instance>${instance}</instance></id><value>${values.join()}</value></value>`,
    )
    .join('') +
  '</returnval>';

/** The entities of a QueryPerf, each with how many samples of which counters are asked for. */
export const askedOf = ({ body }: SoapCall) =>
  Array.from(body.matchAll(/<querySpec>.*?<\/querySpec>/gs), ([spec]) => ({
    moref: />([^<]*)<\/entity>/.exec(spec)?.[1] ?? '',
    size: Number(/<maxSample>(\d+)</.exec(spec)?.[1]),
    counters: Array.from(spec.matchAll(/<counterId>(\d+)</g), ([, id]) => Number(id)),
  }));

/** All that comes. */
export async function allOf<T>(found: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of found) list.push(one);
  return list;
}
