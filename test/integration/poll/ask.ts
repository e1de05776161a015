import { askVpoller } from '../../support/peers/ask-vpoller.ts';

/** One request, as vPoller's clients send it; the text of the reply. */
export const ask = async (endpoint: string, message: unknown): Promise<string> =>
  String(await askVpoller(endpoint, message));
