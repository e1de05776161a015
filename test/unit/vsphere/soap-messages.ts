import { RetrievedObjectBuilder } from '../../../lib/vsphere/property/retrieval-reply.ts';
import type { RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import { SoapReader, type SoapReaderOptions } from '../../../lib/vsphere/soap/soap-reader.ts';
import { ElementBuilder, type UnitBuilder, type XmlElement } from '../../../lib/vsphere/soap/unit-builder.ts';

/** An answer as vCenter writes it. */
export function soapAnswer(body: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope' +
    ' xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"' +
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<soapenv:Body>\n' +
    `${body}\n</soapenv:Body>\n</soapenv:Envelope>`
  );
}

/** An answer to RetrievePropertiesEx around the content of its `returnval`. */
export function retrievalAnswer(content: string): string {
  return soapAnswer(
    `<RetrievePropertiesExResponse xmlns="urn:vim25"><returnval>${content}</returnval></RetrievePropertiesExResponse>`,
  );
}

/** Reads a whole message that comes in these pieces. */
export const readAll = (
  pieces: Iterable<Uint8Array | string>,
  options: Partial<SoapReaderOptions> = {},
): XmlElement[] => buildAll(pieces, new ElementBuilder(), options);

/** Reads a whole message as a retrieval is read. */
export const readObjects = (message: string): (RetrievedObject | XmlElement)[] =>
  buildAll([message], new RetrievedObjectBuilder());

function buildAll<Unit>(
  pieces: Iterable<Uint8Array | string>,
  builder: UnitBuilder<Unit>,
  options: Partial<SoapReaderOptions> = {},
): Unit[] {
  const reader = new SoapReader({ origin: 'Test on vc', unitDepth: 4, ...options }, builder);
  const units: Unit[] = [];
  for (const piece of pieces) {
    units.push(...reader.push(typeof piece === 'string' ? Buffer.from(piece) : piece));
  }
  reader.end();
  return units;
}

/** The only unit of a message. */
export function readOne(message: string, options: Partial<SoapReaderOptions> = {}): XmlElement {
  const [unit, ...others] = readAll([message], options);
  if (unit === undefined || others.length > 0) throw new Error('not exactly one unit');
  return unit;
}
