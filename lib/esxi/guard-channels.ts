import type { Client, ClientChannel } from 'ssh2';

/** The part of ssh2 1.17.0 by which each channel of a client goes, from the moment the host opens it. */
interface ChannelManager {
  update(id: number, channel: ClientChannel): void;
}

/**
 * Makes each error of a channel, and of its stderr, an error of the client. Call it once, after `connect`. ssh2 hands a
 * channel out only when the host has confirmed the command, and until then a host can already make its streams fail
 * (with data after the end of the data): an `error` that nobody listens to ends the process. A channel also writes when
 * Node's streams end it by themselves, which throws where nobody catches it once the connection is over.
 */
export function guardChannels(client: Client): void {
  const { _chanMgr: manager } = client as unknown as { readonly _chanMgr: ChannelManager };
  const update = manager.update.bind(manager);
  manager.update = (id, channel) => {
    guard(channel, client);
    update(id, channel);
  };
}

function guard(channel: ClientChannel, client: Client): void {
  const onError = (error: Error) => client.emit('error', error);
  channel.on('error', onError);
  channel.stderr.on('error', onError);
  const ends = channel as unknown as { eof(): void; close(): void };
  for (const end of ['eof', 'close'] as const) {
    const write = ends[end].bind(channel);
    ends[end] = () => {
      try {
        write();
      } catch (error) {
        onError(error as Error);
      }
    };
  }
}
