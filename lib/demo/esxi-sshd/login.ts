import type { AuthContext, AuthenticationType, KeyboardAuthContext, PublicKeyAuthContext } from 'ssh2';
import ssh2 from 'ssh2';
import type { DemoSshBehaviour } from './behaviour.ts';

export interface DemoAccount {
  readonly user: string;
  readonly password: string;
  /** One line as in authorized_keys. */
  readonly publicKey?: string;
}

/** One authentication of one connection, as the host is told to behave. */
export interface DemoLogin {
  readonly behaviour: DemoSshBehaviour;
  readonly account: DemoAccount;
  /** A prompt's answer came. */
  answered(): void;
  /** Takes the time that the host takes to judge a password. */
  judge(): Promise<void>;
  accepted(): void;
  refused(): void;
  /** Cuts the connection without a word. */
  drop(): void;
}

export function handleAuthentication(context: AuthContext, login: DemoLogin): void {
  const offered = offeredMethods(login);
  if (context.method === 'none') {
    if (login.behaviour === 'open-door') accept(context, login);
    else context.reject(offered);
  } else if (!offered.includes(context.method)) {
    context.reject(offered);
  } else if (context.method === 'keyboard-interactive') {
    askForPassword(context, login, offered).catch(() => login.drop());
  } else if (context.method === 'password') {
    decide(context, login, isRight(context.username, context.password, login.account), offered);
  } else if (context.method === 'publickey') {
    checkKey(context, login, offered);
  }
}

function offeredMethods({ behaviour, account }: DemoLogin): AuthenticationType[] {
  if (behaviour === 'password-only') return ['password'];
  if (behaviour === 'publickey') return ['publickey'];
  return account.publicKey === undefined ? ['keyboard-interactive'] : ['publickey', 'keyboard-interactive'];
}

async function askForPassword(
  context: KeyboardAuthContext,
  login: DemoLogin,
  offered: AuthenticationType[],
): Promise<void> {
  const { behaviour, account } = login;
  const ask = (prompts: { prompt: string; echo: boolean }[]) =>
    new Promise<string[]>((resolve) => context.prompt(prompts, resolve));
  const secret = async (prompt: string) => {
    const answers = await ask([{ prompt, echo: false }]);
    login.answered();
    return answers;
  };
  if (behaviour === 'empty-rounds') await ask([]);
  if (behaviour === 'no-questions') return accept(context, login);
  if (behaviour === 'echo-prompt') await ask([{ prompt: 'Name: ', echo: true }]);
  const [answer = ''] = await secret('Password: ');
  const right = isRight(context.username, answer, account);
  await login.judge();
  if (behaviour === 'drops-after-password') return login.drop();
  if (behaviour === 'hangs-after-password') return;
  if (behaviour === 'second-prompt') await secret('New password: ');
  if (behaviour === 'empty-rounds') await ask([]);
  decide(context, login, right, offered);
}

/** A request without a signature only asks whether the key would do. */
function checkKey(context: PublicKeyAuthContext, login: DemoLogin, offered: AuthenticationType[]): void {
  const known = ssh2.utils.parseKey(login.account.publicKey ?? '');
  const same =
    !(known instanceof Error) &&
    context.username === login.account.user &&
    context.key.data.equals(known.getPublicSSH());
  if (context.signature === undefined) {
    if (same) context.accept();
    else context.reject(offered);
    return;
  }
  const signed =
    same && context.blob !== undefined && known.verify(context.blob, context.signature, context.hashAlgo);
  decide(context, login, signed === true, offered);
}

const isRight = (user: string, password: string, account: DemoAccount): boolean =>
  user === account.user && password === account.password;

function decide(context: AuthContext, login: DemoLogin, right: boolean, offered: AuthenticationType[]): void {
  if (right && login.behaviour !== 'refuses-login') accept(context, login);
  else {
    login.refused();
    context.reject(offered);
  }
}

function accept(context: AuthContext, login: DemoLogin): void {
  login.accepted();
  context.accept();
}
