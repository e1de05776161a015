import { textElement } from '../../vsphere/soap/soap-request.ts';
import type { XmlElement } from '../../vsphere/soap/unit-builder.ts';
import type { DemoStatistics } from './performance-manager.ts';
import { element } from './property-xml.ts';
import { textOf } from './request-fields.ts';
import { DemoFault } from './soap-answer.ts';

const MAX_QUERY_METRICS = 'config.vpxd.stats.maxQueryMetrics';

/** QueryOptions of the one advanced setting that vsweep reads. */
export function queryOptions(request: XmlElement, { maxQueryMetrics = '256' }: DemoStatistics): string {
  const name = textOf(request, 'name');
  if (maxQueryMetrics === 'unreadable') {
    throw new DemoFault('NoPermission', 'Permission to perform this operation was denied.');
  }
  if (name !== MAX_QUERY_METRICS || maxQueryMetrics === 'absent') {
    throw new DemoFault('InvalidName', `The name '${name}' is invalid.`, textElement('name', name));
  }
  return (
    `<returnval xsi:type="OptionValue">${textElement('key', name)}` +
    `${element('value', 'xsd:string', maxQueryMetrics)}</returnval>`
  );
}
