import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Clock } from '../platform/clock.ts';
import { toPrintable } from '../platform/printable.ts';
import { type Admission, admit, type Verdict } from './admission.ts';
import { createListeners } from './listeners.ts';
import type { PageModel } from './page-model.ts';

/** The page of `vsweep run`. It only reads, and asks nobody: what it shows was found by runs and stands in the state. */
export interface Page extends Disposable {
  /** Whether the path is one of the page's; its answer is on its way then. */
  answer(path: string, request: IncomingMessage, response: ServerResponse): boolean;
  /** Tells the browsers that there is something new. */
  changed(): void;
}

const ASSETS = new URL('./assets/', import.meta.url);
const asset = (file: string, type: string) => ({ type, body: readFileSync(new URL(file, ASSETS)) });

/** Nothing from elsewhere runs, is shown or is asked; nothing shows the page in a frame. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  ...['script-src', 'style-src', 'connect-src'].map((directive) => `${directive} 'self'`),
  ...['base-uri', 'form-action', 'frame-ancestors'].map((directive) => `${directive} 'none'`),
].join('; ');

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const REFUSALS: Readonly<
  Record<Exclude<Verdict, 'admitted'>, { readonly status: number; readonly why: string }>
> = {
  closed: {
    status: 403,
    why: 'vsweep listens for other machines, and the page has no token. Set exporter.token in vsweep.yaml, or exporter.listen to "127.0.0.1:9666". /metrics and /healthz need none.\n',
  },
  'no-token': {
    status: 401,
    why: 'The password is the token of exporter.token in vsweep.yaml; any user name will do.\n',
  },
  'other-name': {
    status: 403,
    why: 'Without exporter.token the page is shown only under a name of this machine, such as http://127.0.0.1:9666/, and by no proxy.\n',
  },
};

const pack = promisify(gzip);
const unpack = promisify(gunzip);
/** How long the page may say what the process was like. */
const MODEL_LIVES_MS = 5_000;

/** `model` is made when somebody asks. Throws when the assets are missing. */
export function createPage({
  admission,
  clock,
  model,
  show = toPrintable,
}: {
  admission: Admission;
  clock: Pick<Clock, 'sleep' | 'now'>;
  model: () => PageModel;
  /** What each text goes through on its way to a person: names are those of peers. */
  show?: (text: string) => string;
}): Page {
  const assets = new Map([
    ['/', asset('page.html', 'text/html; charset=utf-8')],
    ['/page.css', asset('page.css', 'text/css; charset=utf-8')],
    ['/page.js', asset('page.js', 'text/javascript; charset=utf-8')],
  ]);
  let state = 0;
  let made: { readonly state: number; readonly at: number; readonly body: Promise<Buffer> } | undefined;
  const listeners = createListeners(() => state, { clock, headers: HEADERS });

  /** One text for all who ask, made anew after a run, and after a while, because a process may be stuck between two runs. */
  function packedModel(): Promise<Buffer> {
    const now = clock.now();
    if (made?.state !== state || now - made.at >= MODEL_LIVES_MS) {
      const text = JSON.stringify(model(), (_key, value) =>
        typeof value === 'string' ? show(value) : value,
      );
      made = { state, at: now, body: pack(text) };
    }
    return made.body;
  }

  async function sendModel({ headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const packed = await packedModel();
    const takesGzip = /\bgzip\b/i.test(String(headers['accept-encoding']));
    const body = takesGzip ? packed : await unpack(packed);
    const more: Readonly<Record<string, string>> = takesGzip ? { 'content-encoding': 'gzip' } : {};
    send(response, { type: 'application/json', body, headers: { vary: 'accept-encoding', ...more } });
  }

  return {
    answer(path, request, response) {
      const found = assets.get(path);
      if (found === undefined && path !== '/page.json' && path !== '/events') return false;
      const verdict = admit(admission, request.headers);
      if (verdict !== 'admitted') refuse(response, verdict);
      else if (found !== undefined) send(response, found);
      else if (path === '/events' && request.method === 'GET') listeners.add(response);
      else if (path === '/page.json') void sendModel(request, response).catch(() => response.destroy());
      else send(response, { type: 'text/event-stream', body: Buffer.alloc(0) });
      return true;
    },
    changed() {
      state += 1;
      listeners.tell();
    },
    [Symbol.dispose]: () => listeners[Symbol.dispose](),
  };
}

function refuse(response: ServerResponse, verdict: Exclude<Verdict, 'admitted'>): void {
  const { status, why } = REFUSALS[verdict];
  const headers: Readonly<Record<string, string>> =
    verdict === 'no-token' ? { 'www-authenticate': 'Basic realm="vsweep", charset="UTF-8"' } : {};
  send(response, { status, type: 'text/plain; charset=utf-8', body: Buffer.from(why), headers });
}

interface Answer {
  readonly status?: number;
  readonly type: string;
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

function send(response: ServerResponse, { status = 200, type, body, headers }: Answer): void {
  response.writeHead(status, { ...HEADERS, 'content-type': type, 'content-length': body.length, ...headers });
  response.end(body);
}
