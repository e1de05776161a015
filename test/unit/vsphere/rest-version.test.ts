import { describe, expect, it } from 'vitest';
import { errorTypeOf } from '../../../lib/vsphere/rest/rest-exchange.ts';
import { pathOf, restFormOf, sessionPathOf } from '../../../lib/vsphere/rest/rest-version.ts';

const about = (apiVersion: string) => ({ version: '', fields: new Map([['apiVersion', apiVersion]]) });

describe('the form of the REST API', () => {
  // "v6.5 - v7.0U2" and later: vSphere Automation API, developer.broadcom.com.
  it.each([
    ['6.5', 'rest'],
    ['6.7.3', 'rest'],
    ['7.0', 'rest'],
    ['7.0.1.0', 'rest'],
    ['7.0.2.0', 'api'],
    ['7.0.3.2', 'api'],
    ['8.0.0.1', 'api'],
    ['10.0', 'api'],
    ['', 'rest'],
    ['garbage', 'rest'],
  ])('of %s is %s', (version, form) => {
    expect(restFormOf(about(version))).toBe(form);
  });

  it('takes the version of the product where that of the API is unset', () => {
    expect(restFormOf({ version: '8.0.3', fields: new Map() })).toBe('api');
  });

  it('logs in where each form has its sessions', () => {
    expect([sessionPathOf('api'), sessionPathOf('rest')]).toEqual([
      '/api/session',
      '/rest/com/vmware/cis/session',
    ]);
  });

  it('has the paths of the published API', () => {
    const call = { resource: 'cis/tagging/tag', id: 'urn:vmomi:InventoryServiceTag:a/b?c:GLOBAL' };
    expect(pathOf('rest', call)).toBe(
      '/rest/com/vmware/cis/tagging/tag/id:urn:vmomi:InventoryServiceTag:a%2Fb%3Fc:GLOBAL',
    );
    expect(pathOf('api', call)).toBe('/api/cis/tagging/tag/urn:vmomi:InventoryServiceTag:a%2Fb%3Fc:GLOBAL');
    const list = { resource: 'cis/tagging/tag-association', action: 'list-attached-objects-on-tags' };
    expect(pathOf('rest', list)).toMatch(/\?~action=list-attached-objects-on-tags$/);
    expect(pathOf('api', list)).toMatch(/\?action=list-attached-objects-on-tags$/);
    // Not every resource of the old form has its package in the path: https://{server}/rest/appliance/health/system.
    expect(pathOf('rest', { resource: 'appliance/health/system' })).toBe('/rest/appliance/health/system');
    expect(pathOf('rest', { resource: 'appliance/content/x' })).toBe('/rest/appliance/content/x');
    expect(pathOf('rest', { resource: 'content/library' })).toBe('/rest/com/vmware/content/library');
    expect(pathOf('rest', { resource: 'contents/x' })).toBe('/rest/contents/x');
    expect(pathOf('api', { resource: 'appliance/health/system' })).toBe('/api/appliance/health/system');
    expect(pathOf('api', { resource: 'a', id: 'b:c', action: 'd' })).toBe('/api/a/b:c?action=d');
    expect(pathOf('rest', { resource: 'a', id: 'b:c', action: 'd' })).toBe('/rest/a/id:b:c?~action=d');
  });
});

describe('the kind of an error', () => {
  it.each([
    ['{"error_type":"UNAUTHENTICATED","messages":[]}', 'UNAUTHENTICATED'],
    ['{"type":"com.vmware.vapi.std.errors.service_unavailable","value":{}}', 'SERVICE_UNAVAILABLE'],
    ['{"error_type":"HUNTER","messages":[]}', ''],
    ['<html>', ''],
    ['', ''],
  ])('of %s is %s: a word of the API, and no other that a peer sends', (text, type) => {
    expect(errorTypeOf(text)).toBe(type);
  });
});
