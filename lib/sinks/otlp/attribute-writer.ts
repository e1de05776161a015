import { checkDefinition, checkLabelCount } from '../../metrics/check-sample.ts';
import type { MetricDefinition } from '../../metrics/family.ts';
import { createMessageBytes, type MessageBytes } from '../http/message-bytes.ts';
import type { Group } from '../sink.ts';
import { encodeAttribute } from './export-request.ts';

/** The attributes of a sample's data point, encoded; valid until the next call. */
export type AttributeWriter = (labels: readonly string[]) => readonly MessageBytes[];

/**
 * The labels of the group and of the sample; a label that a family has itself gets the group's value, as at a Pushgateway.
 * What is the same as in the sample before is encoded once. A label with an empty value is none. Throws MetricsError for what
 * is no name.
 */
export function attributeWriter(definition: MetricDefinition, group: Group): AttributeWriter {
  checkDefinition(definition);
  const ofGroup = Object.entries({ job: group.job, instance: group.instance });
  const own = definition.labels.flatMap((name, index) =>
    ofGroup.some(([taken]) => taken === name) ? [] : [{ name, index }],
  );
  const encoded = [...ofGroup, ...own].map(() => createMessageBytes(64));
  for (const [index, [name, value]] of ofGroup.entries())
    if (value !== '') encodeAttribute(encoded[index] as MessageBytes, name, value);
  const last: (string | undefined)[] = own.map(() => undefined);
  return (labels) => {
    checkLabelCount(definition, { labels });
    for (let at = 0; at < own.length; at += 1) {
      const { name, index } = own[at] as { name: string; index: number };
      const value = labels[index] as string;
      if (value === last[at]) continue;
      last[at] = value;
      const into = encoded[ofGroup.length + at] as MessageBytes;
      if (value === '') into.length = 0;
      else encodeAttribute(into, name, value);
    }
    return encoded;
  };
}
