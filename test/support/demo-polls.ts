import { KNOWN_COLLECTORS } from '../../lib/collectors/known-collectors.ts';
import { checkConfig } from '../../lib/config/check-config.ts';
import { NO_KNOWN_HOSTS } from '../../lib/config/known-hosts/find-keys.ts';
import { createDemoEstate } from '../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../lib/demo/fleet.ts';
import { answerEnvelope, DemoFault, faultBody, responseBody } from '../../lib/demo/vcenter/soap-answer.ts';
import { VimService, type VimServiceOptions } from '../../lib/demo/vcenter/vim-service.ts';
import { createLoginQueue } from '../../lib/logins/trial/guarded-login.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { createLineLog } from '../../lib/platform/log.ts';
import { type AnswerPollDeps, openPolls, type Polls } from '../../lib/poll/answer-poll.ts';
import { wirePoll } from '../../lib/poll/wire-poll.ts';
import { createState } from '../../lib/state/state.ts';
import { readServiceContent } from '../../lib/vsphere/service-content.ts';
import type { VsphereSession } from '../../lib/vsphere/session/session.ts';
import { SoapReader } from '../../lib/vsphere/soap/soap-reader.ts';
import { envelope, methodCall, textElement } from '../../lib/vsphere/soap/soap-request.ts';
import type { Transport } from '../../lib/vsphere/soap/transport.ts';
import { ElementBuilder } from '../../lib/vsphere/soap/unit-builder.ts';
import { createMemoryTable } from './world/memory-table.ts';

const USER = 'sweeper';
const PASSWORD = 'marked-vcenter-password';

/** Polls of the demo vCenter `vc01` without a network between them. */
export interface DemoPolls extends AsyncDisposable {
  readonly polls: Polls;
  readonly service: VimService;
  readonly log: readonly string[];
}

export function openDemoPolls(
  options: Partial<VimServiceOptions> = {},
  more: Partial<AnswerPollDeps> = {},
): DemoPolls {
  const service = Object.keys(options).length === 0 ? usual() : serviceOf(options);
  const log: string[] = [];
  const config = toConfig();
  const { accounts } = createState({ table: createMemoryTable(), clock: systemClock });
  const proof = { kind: 'password', password: PASSWORD } as const;
  let ids = 0;
  const deps = wirePoll(
    {
      loaded: { config, certificates: new Map(), knownHosts: NO_KNOWN_HOSTS },
      credentials: { read: async () => ({ id: 'env:VC', version: 'v1', username: USER, proof }) },
      clock: systemClock,
      log: createLineLog({ write: (line) => log.push(line), level: 'debug' }),
      random: () => 0,
      randomId: () => {
        ids += 1;
        return `id-${ids}`;
      },
      userAgent: 'vsweep/test',
    },
    { logins: createLoginQueue(), accounts },
  );
  const polls = openPolls(
    { ...deps, login: async (_target, _credential, how) => await logInTo(service, how), ...more },
    'invocation',
  );
  return { polls, service, log, [Symbol.asyncDispose]: () => polls[Symbol.asyncDispose]() };
}

const serviceOf = (options: Partial<VimServiceOptions>): VimService =>
  new VimService({
    users: { [USER]: PASSWORD },
    sessionAdmins: [USER],
    hosts: createDemoFleet().map(({ vcenter }) => vcenter),
    estate: createDemoEstate(),
    pageSize: 100,
    clock: systemClock,
    ...options,
  });

let made: VimService | undefined;
/** Made once: nothing that polls ask of it changes it but for their sessions, which they end. */
function usual(): VimService {
  made ??= serviceOf({});
  return made;
}

const toConfig = () =>
  checkConfig(
    {
      targets: [
        {
          name: 'vc01',
          aliases: ['vc-old'],
          url: 'https://vc01/sdk',
          credentials: { env: 'VC' },
          tls: { insecure: true },
        },
      ],
      sweeps: [{ name: 'services', every: '1m', collectors: ['overall-status'] }],
    },
    { file: 'vsweep.yaml', collectors: KNOWN_COLLECTORS },
  );

async function logInTo(
  service: VimService,
  { signal, beforePassword }: Parameters<AnswerPollDeps['login']>[2],
): Promise<VsphereSession> {
  const transport = transportTo(service);
  const content = await readServiceContent(transport, { signal });
  await beforePassword?.(content.about);
  const parameters = textElement('userName', USER) + textElement('password', PASSWORD);
  await transport(methodCall('Login', content.sessionManager, parameters), { signal });
  const session: Partial<VsphereSession> = {
    about: content.about,
    content,
    transport,
    tidyUp: async (call) => void (await transport(call, { signal })),
    logout: async () => void (await transport(methodCall('Logout', content.sessionManager), { signal })),
    [Symbol.asyncDispose]: async () => await session.logout?.({ signal }),
  };
  return session as VsphereSession;
}

function transportTo(service: VimService): Transport {
  let cookie: string | undefined;
  const answer = (operation: string, body: string): string => {
    const reader = new SoapReader({ origin: 'the demo vCenter', unitDepth: 2 }, new ElementBuilder());
    const [request] = reader.push(Buffer.from(envelope(body)));
    if (request === undefined) throw new TypeError('no request');
    service.count(operation);
    try {
      const { content, newCookie } = service.answer({ request, cookie, userAgent: 'vsweep/test' });
      cookie = newCookie ?? cookie;
      return responseBody(operation, content);
    } catch (error) {
      if (error instanceof DemoFault) return faultBody(error);
      throw error;
    }
  };
  return async ({ operation, body, secret }) => {
    const text = answerEnvelope(answer(operation, body));
    return {
      origin: `${operation} on vc01`,
      secrets: secret === undefined ? [] : [secret],
      body: (async function* () {
        yield Buffer.from(text);
      })(),
      [Symbol.asyncDispose]: async () => undefined,
    };
  };
}
