/** Read from the folder in which the command is started. */
export const DEFAULT_CONFIG_FILE = 'vsweep.yaml';
