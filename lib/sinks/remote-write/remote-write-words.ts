import type { PeerWords } from '../http/faults.ts';

/** How messages call a destination of remote write. */
export const REMOTE_WRITE: PeerWords = {
  name: 'the destination of remote write',
  short: 'the destination',
  section: 'remoteWrite',
  faultOf(status) {
    switch (status) {
      case 400:
      case 422:
        return { code: 'inconsistent', remedy: 'Nothing of this request is sent again.' };
      case 401:
      case 403:
        return {
          code: 'credentials',
          remedy:
            'Check remoteWrite.credentials or remoteWrite.token; of a workspace, that whoever signs may do aps:RemoteWrite on it, and the clock of this machine.',
        };
      case 404:
      case 405:
        return {
          code: 'not-found',
          remedy:
            'Check remoteWrite.url, which is the whole one: <prometheus>:9090/api/v1/write, started with --web.enable-remote-write-receiver, or <mimir>/api/v1/push.',
        };
      default:
        return undefined;
    }
  },
  // The specification asks for a status below 300 and says nothing of a body.
  isSuccess: () => true,
};
