import { describe, expect, it } from 'vitest';
import { checkRegions } from '../../../lib/config/check-regions.ts';

const secret = (region: string) => `arn:aws:secretsmanager:${region}:111122223333:secret:vsweep-AbCdEf`;
const check = (aws: object, of = 'eu-central-1') =>
  checkRegions({
    aws: { alarms: {}, ...aws },
    targets: [{ credentials: { secret: secret(of) } }, { credentials: { secret: 'by-name' } }],
  } as never);

describe('checkRegions', () => {
  it('takes what is in one region, and what is named without one', () => {
    expect(check({ kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1' })).toEqual([]);
    expect(check({}, 'us-east-1')).toEqual([]);
  });

  it.each([
    ['aws.stateTable.integritySecret', { stateTable: { integritySecret: secret('us-east-1') } }],
    ['aws.kmsKeyArn', { kmsKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1' }],
    ['aws.alarms.topicArn', { alarms: { topicArn: 'arn:aws:sns:us-east-1:111122223333:t' } }],
  ])('says of %s and the secret of a target that they are in two', (path, aws) => {
    expect(check(aws)).toEqual([
      {
        path: 'targets[0].credentials.secret',
        message: `is in eu-central-1, but ${path} is in us-east-1; all of them must be in the region of the stack`,
      },
    ]);
  });
});
