import type { OldConfig } from './old-config-file.ts';
import type { Variables } from './variables.ts';

interface Choice {
  readonly collector: string;
  /** The variable that switches it off. */
  readonly disable: string;
  readonly isEnabled: (oldConfig: OldConfig) => boolean;
}

/** Which collector does what one of esxi-exporter's did. */
const CHOICES: readonly Choice[] = [
  {
    collector: 'overall-status',
    disable: 'DISABLE_OVERALLSTATE',
    isEnabled: ({ collectors }) => collectors.overall_state_collector.enabled,
  },
  {
    collector: 'ssh-services',
    disable: 'DISABLE_SSH',
    isEnabled: ({ collectors }) => collectors.critical_service_collector.enabled,
  },
  // Only its first version had it, and that knew no CONFIG_FILE.
  { collector: 'host-services', disable: 'DISABLE_PYVIM', isEnabled: () => false },
];

/** The collectors that variables and CONFIG_FILE leave on: without a file all, with one those that it enables. */
export function chosenCollectors(variables: Variables, oldConfig: OldConfig | undefined): readonly string[] {
  const chosen = CHOICES.filter(({ disable, isEnabled }) => {
    const isDisabled = variables.flag(disable);
    return !isDisabled && (oldConfig === undefined || isEnabled(oldConfig));
  }).map(({ collector }) => collector);
  if (chosen.length === 0) {
    variables.fault(
      oldConfig === undefined ? 'DISABLE_SSH' : 'CONFIG_FILE',
      'no collector is left; enable at least one',
    );
  }
  return chosen;
}
