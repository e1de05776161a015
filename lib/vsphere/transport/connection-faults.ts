import { messageOf } from '../../platform/errors.ts';
import { TlsTrustError } from '../../platform/tls.ts';
import { VsphereConnectionError, VsphereReplyError } from '../errors.ts';

type ConnectionCode = VsphereConnectionError['code'];

interface ConnectionFault {
  readonly code: ConnectionCode;
  readonly retryable: boolean;
}

/** What to do about each; an error of TLS says it itself. */
const REMEDIES: Readonly<Record<Exclude<ConnectionCode, 'tls'>, string>> = {
  dns: 'Check the name in the url and the DNS of this machine, or write an IP address in the url',
  'connection-refused': 'Check the address and port of the url, and that the vCenter is up',
  timeout: 'Check the address and port of the url, the firewalls between, and the health of the vCenter',
  unreachable: 'Check the address in the url, the routes of this machine, and the firewalls between',
  'cut-off': 'If it persists, check the port of the url, the health of the vCenter, and any proxy between',
};

/** What Node says of a request that got no answer, with the address that was tried and what to do. */
export function toConnectionError(
  error: NodeJS.ErrnoException,
  { origin, url }: { origin: string; url: string },
): VsphereConnectionError | VsphereReplyError {
  const { code: nodeCode = '' } = error;
  if (nodeCode.startsWith('HPE_')) {
    return new VsphereReplyError(
      `${origin} got an answer that is not HTTP: ${error.message}. ` + `Check the port of the url (${url})`,
      { code: 'not-soap', cause: error },
    );
  }
  const { code, retryable } = faultOf(error, nodeCode);
  // Node tries every address of a name, and its error for all of them together has no message.
  const said = messageOf(error) || nodeCode || error.name;
  const problem = `${origin} failed (${code}): ${said}`;
  const message = code === 'tls' ? problem : `${problem}, at ${url}. ${REMEDIES[code]}`;
  return new VsphereConnectionError(message, { code, retryable, cause: error });
}

function faultOf(error: Error, nodeCode: string): ConnectionFault {
  if (error instanceof TlsTrustError || nodeCode === 'EPROTO' || nodeCode.startsWith('ERR_SSL_')) {
    return { code: 'tls', retryable: false };
  }
  switch (nodeCode) {
    case 'EAI_AGAIN':
      return { code: 'dns', retryable: true };
    case 'ENOTFOUND':
      return { code: 'dns', retryable: false };
    case 'ECONNREFUSED':
      return { code: 'connection-refused', retryable: true };
    case 'ETIMEDOUT':
      return { code: 'timeout', retryable: true };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return { code: 'unreachable', retryable: true };
    default:
      return { code: 'cut-off', retryable: true };
  }
}
