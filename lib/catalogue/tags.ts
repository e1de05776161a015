import type { KindName } from '../inventory/kind.ts';
import type { MetricRow } from './row.ts';
import { customAttributes } from './sources/custom-attributes.ts';
import { tags } from './sources/tags.ts';

/** The kinds whose tags and custom attributes are collected, with the words of their metrics. */
const KINDS: readonly { readonly kind: KindName; readonly name: string; readonly what: string }[] = [
  { kind: 'vm', name: 'vm', what: 'virtual machine' },
  { kind: 'host', name: 'host', what: 'host' },
  { kind: 'datastore', name: 'datastore', what: 'datastore' },
  { kind: 'cluster', name: 'cluster', what: 'cluster' },
];

const INFO = { unit: 'info', preset: 'vmware_exporter' } as const;

/** A series a tag: one that is renamed, attached or detached changes no other series (docs/adr/0045). */
export const TAGS: readonly MetricRow[] = KINDS.map(({ kind, name, what }) => ({
  ...INFO,
  privilege: 'System.Read',
  kind,
  name: `vmware_${name}_tags`,
  help: `Tag of the ${what}, with its category; always 1`,
  labels: ['category', 'tag'],
  source: tags,
  // The first version with the REST API.
  since: '6.5',
}));

/** A series a custom attribute that has a value. */
export const CUSTOM_ATTRIBUTES: readonly MetricRow[] = KINDS.map(({ kind, name, what }) => ({
  ...INFO,
  privilege: 'System.View',
  kind,
  name: `vmware_${name}_custom_attributes`,
  help: `Custom attribute of the ${what} and its value; always 1`,
  labels: ['attribute', 'value'],
  source: customAttributes,
  since: '4.0',
}));
