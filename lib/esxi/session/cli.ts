/** Of each device of a list: how its names are found, and how many of them are asked at most. */
export interface EachOf {
  /** Words of the list of esxcli, such as `network nic list`. They are never those of a configuration. */
  readonly list: string;
  /** The field that has the name. */
  readonly field: string;
  /** Only those that have this, too, behind the name, as keyvalue prints it: `IsLocal.boolean=true`. */
  readonly when?: string;
  readonly most: number;
}

/** How a host answers esxcli: by which of its two programs, and in which formats. */
export interface Cli {
  /** `localcli` asks the kernel without hostd; `none`: the host has neither, or neither answers. */
  readonly program: 'esxcli' | 'localcli' | 'none';
  readonly format: 'json' | 'csv' | 'none';
}
