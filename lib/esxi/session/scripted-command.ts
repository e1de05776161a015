import type { ProbeCommand } from './probe.ts';

/** A command of the script. Its lines begin with the label. */
export interface ScriptedCommand extends Pick<ProbeCommand, 'argv' | 'shape' | 'columns' | 'each'> {
  /** `<probe>/<key>`. */
  readonly label: string;
  readonly seconds: number;
  /** Pieces of stdout from the first on; 0: the last four. */
  readonly lines: number;
  /** Of esxcli: commands of one lane run one after another. */
  readonly lane?: number;
}
