import type { PeerWords } from '../http/faults.ts';

/** How messages call what takes pushes only. */
export const PUSH_ONLY: PeerWords = {
  name: 'the destination',
  short: 'the destination',
  section: 'push',
  faultOf(status) {
    switch (status) {
      case 400:
      case 415:
      case 422:
        return {
          code: 'inconsistent',
          remedy:
            'Its log names what it could not read. An old VictoriaMetrics has no such path: use victoriaMetrics.',
        };
      case 404:
      case 405:
        return {
          code: 'not-found',
          remedy:
            'Check push.url: what is before /metrics/job, of VictoriaMetrics http://<host>:8428/api/v1/import/prometheus.',
        };
      default:
        return undefined;
    }
  },
  // VictoriaMetrics answers 200 here, and older ones 204 (app/vminsert/main.go, issue 3636 of its project); others 202.
  isSuccess: ({ text }) => text.trim() === '',
};
