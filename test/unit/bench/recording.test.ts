import { describe, expect, it } from 'vitest';
import { type RecordedRequest, toRecording } from '../../../bench/recording.ts';

const request = (session: string, operation: string): RecordedRequest => ({
  session,
  operation,
  body: `${session} ${operation}`,
});

const SWEEP = [
  request('own', 'CreateContainerView'),
  request('own', 'RetrievePropertiesEx'),
  request('own', 'AcquireCloneTicket'),
  request('worker 1', 'RetrievePropertiesEx'),
  request('worker 2', 'RetrievePropertiesEx'),
  request('worker 1', 'QueryPerf'),
  request('worker 1', 'Logout'),
  request('own', 'DestroyView'),
  request('own', 'Logout'),
];

describe('what a sweep asked a vCenter', () => {
  it('is its listing and, side by side, what each worker asked, without sessions and tickets', () => {
    expect(toRecording(SWEEP, 'view-1')).toEqual({
      view: 'view-1',
      listing: ['own CreateContainerView', 'own RetrievePropertiesEx', 'own DestroyView'],
      lanes: [['worker 1 RetrievePropertiesEx', 'worker 1 QueryPerf'], ['worker 2 RetrievePropertiesEx']],
    });
  });

  it('is refused where it cannot be asked again: without workers, or in pages', () => {
    expect(() => toRecording(SWEEP.slice(0, 3), 'view-1')).toThrow('no sweep with workers');
    const paged = [...SWEEP, request('worker 1', 'ContinueRetrievePropertiesEx')];
    expect(() => toRecording(paged, 'view-1')).toThrow('in pages');
  });
});
