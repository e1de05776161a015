import { toShellWord } from '../../../../platform/quote.ts';
import { green, red, type Verdict, yellow } from '../verdict.ts';

interface Table {
  readonly TableStatus?: string | undefined;
  readonly KeySchema?: readonly { readonly AttributeName?: string | undefined }[] | undefined;
  readonly DeletionProtectionEnabled?: boolean | undefined;
}

const KEYS = 'pk, sk';
const TTL_ATTRIBUTE = 'expiresAt';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html has the statuses. */
export function judgeTable(found: Table | undefined, name: string): readonly Verdict[] {
  if (found === undefined) return [red('does not exist in this account and region: runs have no state')];
  const { TableStatus: status = 'unknown', KeySchema: keys = [] } = found;
  const written = keys.map(({ AttributeName }) => AttributeName).join(', ');
  if (written !== KEYS) return [red(`has the keys ${written}, and vsweep needs ${KEYS}`)];
  const protect = `aws dynamodb update-table --table-name ${toShellWord(name)} --deletion-protection-enabled`;
  return [
    judgeStatus(status),
    ...(found.DeletionProtectionEnabled === true
      ? []
      : [
          yellow(
            'is not protected from being deleted, and holds what keeps accounts from being locked',
            protect,
          ),
        ]),
  ];
}

function judgeStatus(status: string): Verdict {
  if (status === 'ACTIVE') return green('is active');
  return status === 'UPDATING'
    ? yellow('is being changed (UPDATING)')
    : red(`cannot be used: it is ${status}`);
}

/** The stack makes tables with it: claims of workers say when nobody needs them any more. */
export function judgeTimeToLive(
  found:
    | { readonly TimeToLiveStatus?: string | undefined; readonly AttributeName?: string | undefined }
    | undefined,
  name: string,
): Verdict {
  const { TimeToLiveStatus: status = 'DISABLED', AttributeName: attribute = TTL_ATTRIBUTE } = found ?? {};
  if (attribute !== TTL_ATTRIBUTE)
    return yellow(`items expire by ${attribute}, and vsweep writes ${TTL_ATTRIBUTE}: the table grows`);
  if (status === 'ENABLED' || status === 'ENABLING') return green(`items expire by ${TTL_ATTRIBUTE}`);
  return yellow(
    `items do not expire (${status}): the table grows`,
    `aws dynamodb update-time-to-live --table-name ${toShellWord(name)} --time-to-live-specification Enabled=true,AttributeName=${TTL_ATTRIBUTE}`,
  );
}

export function judgeBackups(
  found:
    | {
        readonly PointInTimeRecoveryDescription?:
          | { readonly PointInTimeRecoveryStatus?: string | undefined }
          | undefined;
      }
    | undefined,
  name: string,
): Verdict {
  if (found?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED')
    return green('point-in-time recovery is on');
  return yellow(
    'point-in-time recovery is off: a lost table forgets refusals and pinned host keys',
    `aws dynamodb update-continuous-backups --table-name ${toShellWord(name)} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`,
  );
}
