import type { DemoVcenter } from '../../../../lib/demo/vcenter/demo-vcenter.ts';
import type { TableFault } from '../../../support/faulty-table.ts';
import type { FakeNetbox } from '../../../support/netbox/netbox.ts';
import type { Answer, Gateway } from '../../sinks/gateway.ts';
import type { SmallFleet } from '../small-fleet.ts';

/** A row of docs/faults.md: what goes wrong, and what an operator finds then. */
export interface Fault {
  readonly fault: string;
  /** What the operator reads, `…` for what varies; empty when there is nothing to be told. */
  readonly message: string;
  /** Outcomes of the hosts that are hit, by path; empty when there is none. */
  readonly vcenter: string;
  readonly ssh: string;
  /** `<metric> <value>` for what tells of it; empty: all as usual. */
  readonly pushed: readonly string[] | 'nothing';
  readonly exitCode: 0 | 1 | 2 | 3 | 4;
  /** What the next run needs to be right again, once the fault is gone. */
  readonly remedy: string;
}

/** A fault that is made here. */
export interface FaultCase extends Fault {
  make(peers: FaultPeers): void | Promise<void>;
  /** Does what `remedy` says, and takes back what `recover` does not. */
  after?(peers: FaultPeers): void | Promise<void>;
  /** `<target>/<moref>` of the hosts that are hit; those of the suite when it is not given. */
  readonly hit?: readonly string[];
  /** For a vCenter that ends sessions only by itself. */
  readonly sessionsLeft?: 'any';
}

/** A fault whose test needs a place of its own. */
export interface FaultElsewhere extends Fault {
  readonly file: string;
  /** The title of the test, as it is written there. It calls `expectDocumented` with what it saw. */
  readonly test: string;
  /** Why the test has no run whose cells could be compared. */
  readonly unseen?: string;
}

/** What can be made to fail. */
export interface FaultPeers {
  readonly fleet: SmallFleet;
  readonly vcenter: DemoVcenter;
  readonly other: DemoVcenter;
  readonly netbox: FakeNetbox;
  readonly gateway: Gateway;
  /** Of a suite whose runs share a process. */
  readonly table: TableFault;
  /** The gateway's answer from now on. */
  answerPushes(answer: Answer): void;
}

/**
 * Whether `text` holds the parts of the message in their order. On a busy machine the remedy may be another one: that
 * this process was stalled.
 */
export function holds(text: string, message: string): boolean {
  const [wrong = ''] = message.split(';');
  return (
    holdsParts(text, message) || (text.includes('; this process was stalled for ') && holdsParts(text, wrong))
  );
}

function holdsParts(text: string, message: string): boolean {
  let from = 0;
  return message.split('…').every((part) => {
    const at = text.indexOf(part, from);
    from = at + part.length;
    return at >= 0;
  });
}
