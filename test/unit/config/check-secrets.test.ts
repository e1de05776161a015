import { describe, expect, it } from 'vitest';
import { checkSecrets } from '../../../lib/config/check-secrets.ts';
import { sections } from '../../../lib/config/schema.ts';
import { planSecretRights } from '../../../lib/config/secret-rights.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:vsweep/vc01-AbCdEf';
const targets = (...secrets: string[]) =>
  sections.targets.parse(secrets.map((secret, index) => ({ name: `vc${index}`, credentials: { secret } })));
const nothing = { esxi: undefined, netbox: undefined, push: undefined };

describe('the secrets of a deployment', () => {
  it('are named, or by a whole ARN', () => {
    expect(checkSecrets({ ...nothing, targets: targets('vsweep/vc01', ARN, 'arnold') })).toEqual([]);
  });

  it.each([
    ARN.slice(0, -7),
    ARN.replace('AbCdEf', 'AbCdE'),
    ARN.replace('111122223333', '11112222333'),
    ARN.replace('arn:aws', 'arn:'),
    `${ARN}:more`,
    ARN.replace('secretsmanager', 'ssm'),
  ])('are refused by a part of an ARN, to which no function has a right: %s', (secret) => {
    const [issue, ...more] = checkSecrets({ ...nothing, targets: targets('x', secret) });
    expect(more).toEqual([]);
    expect(issue).toEqual({
      path: 'targets[1].credentials.secret',
      message: expect.stringMatching(
        /^is a partial ARN, .* aws secretsmanager describe-secret --secret-id <name> --query ARN$/,
      ),
    });
  });

  it('are looked at wherever they are named', () => {
    const secret = 'arn:aws:secretsmanager:x';
    const all = {
      targets: targets('vc01'),
      esxi: sections.esxi.parse({ credentials: { secret } }),
      netbox: sections.netbox.parse({ url: 'https://netbox', token: { secret } }),
      push: sections.push.parse({ url: 'https://gw', credentials: { secret } }),
    };
    expect(checkSecrets(all).map(({ path }) => path)).toEqual([
      'esxi.credentials.secret',
      'netbox.token.secret',
      'push.credentials.secret',
    ]);
    const elsewhere = {
      ...all,
      esxi: sections.esxi.parse({ credentials: { env: 'ESXI' } }),
      netbox: undefined,
      push: undefined,
    };
    expect(checkSecrets(elsewhere)).toEqual([]);
  });

  it('are too many for the policies of a role when their names have nothing in common', () => {
    const many = (prefix: string) =>
      targets(...Array.from({ length: 400 }, (_, index) => `${prefix}${index}`));
    expect(checkSecrets({ ...nothing, targets: many('vsweep/') })).toEqual([]);
    expect(checkSecrets({ ...nothing, targets: many('vc') })).toEqual([
      {
        path: 'targets',
        message: expect.stringMatching(
          /^have 400 secrets, .* \(10 managed ones of 6144 characters\); .*vsweep\/<target>/,
        ),
      },
    ]);
  });
});

describe('planSecretRights', () => {
  const distinct = (count: number, length: number) =>
    Array.from({ length: count }, (_, index) => `${index}`.padStart(length, 'x'));
  const sizesOf = (names: readonly string[]) => {
    const plan = planSecretRights(names);
    if (plan.kind !== 'exact') throw new Error(plan.kind);
    return plan.statements.map(({ length }) => length);
  };

  it('puts 35 names into a statement, and no more than 5,000 characters', () => {
    expect(sizesOf([])).toEqual([]);
    expect(sizesOf(distinct(35, 4))).toEqual([35]);
    expect(sizesOf(distinct(36, 4))).toEqual([35, 1]);
    // Each takes 76 characters beside its own: 28 of 100 fit, and a 29th does not.
    expect(sizesOf(distinct(29, 100))).toEqual([28, 1]);
    expect(sizesOf(distinct(25, 124))).toEqual([25]);
    expect(sizesOf(distinct(26, 124))).toEqual([25, 1]);
  });

  it('uses ten managed policies beside the inline one', () => {
    expect(sizesOf(distinct(11 * 35, 4))).toEqual(Array(11).fill(35));
    expect(planSecretRights(distinct(11 * 35 + 1, 4))).toEqual({ kind: 'none', count: 386 });
  });

  it('counts a name that several sections have once', () => {
    expect(sizesOf([...distinct(35, 4), ...distinct(35, 4)])).toEqual([35]);
  });

  it('finds the beginning of names that differ by length alone', () => {
    const names = Array.from({ length: 400 }, (_, index) => `a/${'b'.repeat(index)}`);
    expect(planSecretRights(names)).toEqual({ kind: 'prefix', prefix: 'a/', count: 400 });
  });
});
