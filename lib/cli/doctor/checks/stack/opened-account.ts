import { messageOf } from '../../../../platform/errors.ts';
import { untilAborted } from '../../../../platform/until-aborted.ts';
import { type Verdict, yellow } from '../../verdicts/verdict.ts';
import type { AskAws } from './ask-aws.ts';
import { NotAskedError } from './not-asked-error.ts';

type Options = { readonly signal: AbortSignal };

/** The account of whoever runs the doctor. */
export interface OpenedAccount extends AsyncDisposable {
  /** Loads the SDK. Throws where a package lacks. */
  load(): Promise<void>;
  /** Its region and number. Throws where there is no region, no credentials, or AWS does not take them. */
  open(functionName: string, options: Options): Promise<{ region: string; account: string | undefined }>;
  /** What `look` finds with them; where IAM denies it, or it builds on what was denied, a yellow line. */
  look(
    look: (ask: AskAws) => Promise<Verdict | readonly Verdict[]>,
    options: Options,
  ): Promise<readonly Verdict[]>;
}

/** The packages of the SDK are loaded by the first check, because most configurations have no stack. */
export function openAccount(): OpenedAccount {
  const resources = new AsyncDisposableStack();
  let ask: ((options: Options) => AskAws) | undefined;
  const load = async () => {
    const [{ openAwsClients }, { askAws }] = await Promise.all([
      import('./aws-clients.ts'),
      import('./ask-aws.ts'),
    ]);
    return { openAwsClients, askAws };
  };
  return {
    async load() {
      await load();
    },
    async open(functionName, { signal }) {
      const { openAwsClients, askAws } = await load();
      const clients = resources.use(openAwsClients());
      const { config } = clients.lambda;
      const [region, { accountId }] = await untilAborted(
        Promise.all([config.region(), config.credentials()]),
        signal,
      );
      const account = (await askAws(clients, { signal }).account(functionName)) ?? accountId;
      ask = (options) => askAws(clients, options);
      return { region, account };
    },
    async look(look, options) {
      const opened = ask?.(options);
      return opened === undefined ? [] : await seen(() => look(opened));
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** What was seen; where somebody could not be asked for it, a yellow line that says why. */
export async function seen(look: () => Promise<Verdict | readonly Verdict[]>): Promise<readonly Verdict[]> {
  try {
    return [await look()].flat();
  } catch (error) {
    if (!(error instanceof NotAskedError)) throw error;
    return [yellow(`not checked: ${messageOf(error)}`)];
  }
}
