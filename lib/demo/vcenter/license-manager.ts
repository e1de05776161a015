import { escapeXml, textElement } from '../../vsphere/soap/soap-request.ts';
import type { DemoLicense } from './estate.ts';
import { element } from './property-xml.ts';

/** LicenseManager's properties. The key of a licence is a mark that no output of a client may have. */
export function licenseProperties(licenses: readonly DemoLicense[]): Record<string, string> {
  const [evaluation] = licenses.filter(({ editionKey }) => editionKey === 'eval');
  return {
    licenses: element('val', 'ArrayOfLicenseManagerLicenseInfo', licenses.map(toLicense).join('')),
    evaluation: element('val', 'LicenseManagerEvaluationInfo', endOf(evaluation?.expirationDate)),
  };
}

export const LICENSE_KEY = 'DEMO1-KEEP2-THIS3-KEY44-SECRT';

const toLicense = ({ editionKey, total, used, costUnit, expirationDate }: DemoLicense): string =>
  element(
    'LicenseManagerLicenseInfo',
    'LicenseManagerLicenseInfo',
    textElement('licenseKey', LICENSE_KEY) +
      textElement('editionKey', editionKey) +
      textElement('name', `${editionKey} of ${LICENSE_KEY}`) +
      textElement('total', String(total)) +
      textElement('used', String(used)) +
      textElement('costUnit', costUnit) +
      `<properties><key>LicenseInfo</key><value xsi:type="xsd:string">${escapeXml(LICENSE_KEY)}</value></properties>` +
      (editionKey === 'eval' ? '' : endOf(expirationDate)),
  );

const endOf = (date: string | undefined): string =>
  date === undefined
    ? ''
    : `<properties><key>expirationDate</key><value xsi:type="xsd:dateTime">${date}</value></properties>`;
