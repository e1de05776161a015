import type { MoRef } from './moref.ts';
import type { SoapCall } from './transport.ts';
import { isXmlText } from './xml-characters.ts';

/** The whole request document around an operation's element. */
export function envelope(body: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
    `<soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`
  );
}

/** A method called on an object: `parameters` is the XML of its parameters in the order of the WSDL. */
export function methodCall(operation: string, self: MoRef, parameters = ''): SoapCall {
  return {
    operation,
    body: `<${operation} xmlns="urn:vim25">${reference('_this', self)}${parameters}</${operation}>`,
  };
}

export function reference(name: string, { type, value }: MoRef): string {
  return `<${name} type="${escapeXml(type)}">${escapeXml(value)}</${name}>`;
}

export function textElement(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A parser turns a bare carriage return into a line feed, which would change a password.
  '\r': '&#13;',
};

/**
 * Escapes text for element content and quoted attributes. Throws TypeError for characters that XML cannot carry:
 * leaving them out would send another password than the one configured.
 */
export function escapeXml(text: string): string {
  if (!isXmlText(text)) {
    throw new TypeError(
      'a text for vSphere holds a control character or half a surrogate pair, which XML cannot carry',
    );
  }
  return text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character);
}
