// A line a collector: docs/adding-a-collector.md.
export { hostServices } from './host-services.ts';
export { overallStatus } from './overall-status.ts';
export { sshServices } from './ssh-services.ts';
