import type { LeftAlone } from '../batch.ts';

/** Where the reason is the same for all hosts, and no `problem:` line of the target has it. */
const WHY: { readonly [Skip in LeftAlone['skip']]?: string } = {
  'ssh-disabled':
    'vCenter reports that the service TSM-SSH is stopped there. To have it asked, start it: Configure > Services > SSH',
  'no-credential':
    'no login was tried, because the credential for ssh could not be read; see the problems of the run',
  worker: 'no login was tried: a worker ended while it was connected to this host',
  deadline: 'no login was tried, because the trial logins did not finish in time',
  allowance:
    'no login was tried: the refusal allowance of this run is used up. Look at the hosts that are failed(auth); the next run continues',
};

/** A host that is left alone, with what the operator reads of it. */
export const explained = ({ skip, why = WHY[skip] }: LeftAlone): LeftAlone =>
  why === undefined ? { skip } : { skip, why };
