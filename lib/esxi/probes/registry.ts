import type { Probe } from '../session/probe.ts';
import { services } from './services.ts';

/** Every probe there is. A line a probe: docs/adding-a-metric.md. */
export const PROBES: readonly Probe[] = [services];
