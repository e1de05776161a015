import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeIdentity } from '../../../../lib/demo/vcenter/certificate.ts';
import { startDemoVcenter } from '../../../../lib/demo/vcenter/demo-vcenter.ts';
import { systemClock } from '../../../../lib/platform/clock.ts';
import { toVcenterHost, VCENTER_PASSWORD } from '../small-fleet.ts';
import type { FaultCase, FaultPeers } from './fault-case.ts';

const DARK = ['vsweep_target_up 0'];
/** The hosts of the last list are asked by ssh. */
const LAST_LIST = {
  vcenter: 'failed(target)',
  ssh: 'ok',
  pushed: DARK,
  exitCode: 3,
  remedy: 'nothing',
} as const;
const WHOLE = { vcenter: 'ok', ssh: 'ok', pushed: [], exitCode: 0, remedy: 'nothing' } as const;
const OTHER_PIN = Array.from({ length: 32 }, () => 'AB').join(':');

const withKeys = (keys: Readonly<Record<string, string>>) => (peers: FaultPeers) =>
  peers.fleet.configure({ targetKeys: { vc1: keys } });

/** The vCenter of the fleet is left alone; in its place answers one with this certificate. */
async function withIdentityOf({ fleet }: FaultPeers, now: number) {
  const tls = await makeIdentity({ clock: { ...systemClock, now: () => now }, addresses: ['127.0.0.1'] });
  const users = { sweeper: VCENTER_PASSWORD };
  const standIn = await startDemoVcenter({ users, hosts: [], tls });
  await writeFile(join(fleet.folder, 'issuer.pem'), tls.cert);
  await fleet.configure({ targetKeys: { vc1: { url: `"${standIn.url}"`, tls: '{ ca: issuer.pem }' } } });
  return standIn;
}
const DAY_MS = 24 * 60 * 60 * 1_000;
let standIn: AsyncDisposable | undefined;

export const VCENTER_CASES: readonly FaultCase[] = [
  {
    fault: 'wrong password',
    ...LAST_LIST,
    message:
      'vc1 refused the login of sweeper: InvalidLogin. Check the user name and the password, and whether the account is locked',
    async make(peers) {
      await writeFile(join(peers.fleet.folder, 'wrong.yaml'), 'username: sweeper\npassword: not-it\n', {
        mode: 0o600,
      });
      await withKeys({ credentials: '{ file: wrong.yaml }' })(peers);
    },
  },
  {
    fault: 'cannot tell whether the password is right: its single sign-on is starting',
    ...LAST_LIST,
    message:
      'vc1 neither accepted nor refused the login of sweeper: Login on vc1 returned the fault SystemError. Its services may be starting. If it persists, check single sign-on and the certificates of its services',
    make: ({ vcenter }) =>
      vcenter.misbehave({ kind: 'soap-fault', operation: 'Login', fault: 'SystemError' }),
  },
  {
    fault: 'has no room for a session: HTTP 503 after the password',
    ...LAST_LIST,
    message:
      'vc1 neither accepted nor refused the login of sweeper: Login on vc1 returned HTTP 503 instead of SOAP: …',
    make: ({ vcenter }) => vcenter.misbehave({ kind: 'html', operation: 'Login' }),
  },
  {
    fault: 'down',
    ...LAST_LIST,
    message:
      'no login to vc1 (no password was sent): RetrieveServiceContent on vc1 failed (cut-off): …. If it persists, check the port of the url, the health of the vCenter, and any proxy between',
    make: ({ vcenter }) => vcenter.misbehave({ kind: 'down' }),
  },
  {
    fault: 'nobody listens',
    ...LAST_LIST,
    message:
      'no login to vc1 (no password was sent): RetrieveServiceContent on vc1 failed (connection-refused): …. Check the address and port of the url, and that the vCenter is up',
    make: withKeys({ url: '"https://127.0.0.1:1/sdk"' }),
  },
  {
    fault: 'its name is not resolved',
    ...LAST_LIST,
    message:
      'no login to vc1 (no password was sent): RetrieveServiceContent on vc1 failed (dns): …. Check the name in the url and the DNS of this machine, or write an IP address in the url',
    make: withKeys({ url: '"https://vcenter.invalid/sdk"' }),
  },
  {
    fault: 'hangs',
    ...LAST_LIST,
    message:
      'no login to vc1 (no password was sent): listing vc1 at …, waiting for its first answer (check the address and port of the url, and the firewalls between): out of time',
    async make({ fleet, vcenter }) {
      await fleet.configure({ every: '20s' });
      vcenter.misbehave({ kind: 'hang' });
    },
  },
  {
    fault: 'slow, but within the time for listing',
    ...WHOLE,
    message: '',
    make: ({ vcenter }) => vcenter.misbehave({ kind: 'slow', ms: 50 }),
  },
  {
    fault: 'closes half-way through an answer',
    ...LAST_LIST,
    message: 'the answer to RetrievePropertiesEx on vc1 was cut off after … bytes',
    make: ({ vcenter }) => vcenter.misbehave({ kind: 'truncate', operation: 'RetrievePropertiesEx' }),
  },
  {
    fault: 'answers HTML',
    ...LAST_LIST,
    message:
      'no login to vc1 (no password was sent): RetrieveServiceContent on vc1 returned HTTP 503 and text/html instead of SOAP: its services are starting, overloaded or down. Check the health of the vCenter, and any proxy between',
    make: ({ vcenter }) => vcenter.misbehave({ kind: 'html' }),
  },
  {
    fault: 'answers truncated XML',
    ...LAST_LIST,
    message: 'the answer to RetrievePropertiesEx on vc1 cannot be read (truncated): …',
    make: ({ vcenter }) => vcenter.misbehave({ kind: 'cut-xml', operation: 'RetrievePropertiesEx' }),
  },
  {
    fault: 'answers a SOAP fault',
    ...LAST_LIST,
    message: 'CreateContainerView on vc1 returned the fault RuntimeFault: …',
    make: ({ vcenter }) =>
      vcenter.misbehave({ kind: 'soap-fault', operation: 'CreateContainerView', fault: 'RuntimeFault' }),
  },
  {
    fault: 'ends the session while the hosts are read',
    ...LAST_LIST,
    message: 'ContinueRetrievePropertiesEx on vc1 returned the fault NotAuthenticated: …',
    make: ({ vcenter }) =>
      vcenter.misbehave({ kind: 'expire-sessions', operation: 'ContinueRetrievePropertiesEx' }),
  },
  {
    fault: 'loses a page of the list',
    ...LAST_LIST,
    message: 'ContinueRetrievePropertiesEx on vc1 returned the fault InvalidArgument: …',
    make: ({ vcenter }) =>
      vcenter.misbehave({
        kind: 'soap-fault',
        operation: 'ContinueRetrievePropertiesEx',
        fault: 'InvalidArgument',
      }),
  },
  {
    fault: 'gives no ticket for the workers',
    ...LAST_LIST,
    pushed: ['vsweep_target_up 1'],
    message:
      'vCenter gave no clone ticket for the sessions of the workers: AcquireCloneTicket on vc1 returned the fault RuntimeFault: …',
    make: ({ vcenter }) =>
      vcenter.misbehave({ kind: 'soap-fault', operation: 'AcquireCloneTicket', fault: 'RuntimeFault' }),
  },
  {
    fault: "does not let a worker's session begin",
    ...LAST_LIST,
    vcenter: 'failed(session)',
    pushed: ['vsweep_target_up 1'],
    message: 'vcenter: CloneSession on vc1 returned the fault RuntimeFault',
    make: ({ vcenter }) =>
      vcenter.misbehave({ kind: 'soap-fault', operation: 'CloneSession', fault: 'RuntimeFault' }),
  },
  {
    fault: "has ended a worker's session when it reads",
    ...LAST_LIST,
    vcenter: 'failed(session)',
    pushed: ['vsweep_target_up 1'],
    message:
      'vcenter: RetrievePropertiesEx on vc1 returned the fault NotAuthenticated: the session has ended: the answer has no property of HostSystem:host-…',
    make: ({ vcenter }) => vcenter.misbehave({ kind: 'expire-afterwards', operation: 'CloneSession' }),
  },
  {
    fault: 'one object is unreadable',
    ...LAST_LIST,
    vcenter: 'failed(unreadable)',
    pushed: ['vsweep_target_up 1'],
    hit: ['vc1/host-1'],
    message:
      'vcenter: vCenter did not return the host or its name; give the account the role "Read-only" on the host',
    make: ({ vcenter }) =>
      vcenter.setHosts([toVcenterHost(1, { vcenter: { unreadable: ['name'] } }), toVcenterHost(2)]),
  },
  {
    fault: 'lists no host any more',
    ...LAST_LIST,
    message: 'vc1 lists no hosts. Give the account the role "Read-only" on the root folder, with propagation',
    make: ({ vcenter }) => vcenter.setHosts([]),
  },
  {
    fault: 'does not log out',
    ...WHOLE,
    message: '',
    sessionsLeft: 'any',
    make: ({ vcenter }) =>
      vcenter.misbehave({ kind: 'soap-fault', operation: 'Logout', fault: 'RuntimeFault' }),
  },
  {
    fault: 'its certificate is not the pinned one',
    ...LAST_LIST,
    message:
      'no login to vc1 (no password was sent): RetrieveServiceContent on vc1 failed (tls): … presented a certificate that is not pinned (SHA-256 …); nothing was sent to it. If this certificate is the right one, replace its tls in the configuration by:  tls: { sha256: ["…", "…"] }',
    make: withKeys({ tls: `{ sha256: ["${OTHER_PIN}"] }` }),
  },
  {
    fault: 'its certificate is renewed, and both are pinned',
    ...WHOLE,
    message: '',
    make: (peers) => withKeys({ tls: `{ sha256: ["${OTHER_PIN}", "${peers.vcenter.sha256}"] }` })(peers),
  },
  {
    fault: 'its certificate has expired',
    ...LAST_LIST,
    message:
      'no login to vc1 (no password was sent): RetrieveServiceContent on vc1 failed (tls): the certificate of … is not trusted (a certificate of its chain has expired; the server certificate is valid until …); nothing was sent to it. Renew it, or correct the clock of this machine. …',
    async make(peers) {
      standIn = await withIdentityOf(peers, systemClock.now() - 30 * DAY_MS);
    },
    async after() {
      await standIn?.[Symbol.asyncDispose]();
    },
  },
  {
    fault: 'its issuer is unknown',
    ...LAST_LIST,
    message:
      'no login to vc1 (no password was sent): RetrieveServiceContent on vc1 failed (tls): the certificate of … is not trusted (…); nothing was sent to it. The file in tls.ca does not contain its issuer. Name the right file:  tls: { ca: <file> }. …',
    async make(peers) {
      standIn = await withIdentityOf(peers, systemClock.now());
      await writeFile(join(peers.fleet.folder, 'issuer.pem'), peers.vcenter.certPem);
    },
    async after() {
      await standIn?.[Symbol.asyncDispose]();
    },
  },
];
