import {
  SoapReader,
  type SoapReaderOptions,
  type XmlElement,
} from '../../../lib/vsphere/soap/soap-reader.ts';

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
export function readAll(
  pieces: Iterable<Uint8Array | string>,
  options: Partial<SoapReaderOptions> = {},
): XmlElement[] {
  const reader = new SoapReader({ origin: 'Test on vc', unitDepth: 4, ...options });
  const units: XmlElement[] = [];
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
