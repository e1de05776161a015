import { escapeXml } from '../../vsphere/soap/soap-request.ts';

/** A fault of vSphere: `name` is its type, `detail` the XML of its fields. */
export class DemoFault extends Error {
  readonly fault: string;
  readonly detail: string;

  constructor(fault: string, text: string, detail = '') {
    super(text);
    this.name = 'DemoFault';
    this.fault = fault;
    this.detail = detail;
  }
}

/** It has no room: HTTP 503 with a web page, as from a vCenter with too many sessions. */
export class DemoBusy extends Error {}

/** vCenter's envelope around the body, with its namespaces and prefixes. */
export function answerEnvelope(body: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope' +
    ' xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"' +
    ' xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"' +
    ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<soapenv:Body>\n${body}\n</soapenv:Body>\n</soapenv:Envelope>`
  );
}

export function responseBody(operation: string, content: string): string {
  return `<${operation}Response xmlns="urn:vim25">${content}</${operation}Response>`;
}

export function faultBody({ fault, message, detail }: DemoFault): string {
  return (
    `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>${escapeXml(message)}</faultstring>` +
    `<detail><${fault}Fault xmlns="urn:vim25" xsi:type="${fault}">${detail}</${fault}Fault></detail></soapenv:Fault>`
  );
}
