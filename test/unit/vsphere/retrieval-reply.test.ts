import { describe, expect, it } from 'vitest';
import { toRetrievedObject } from '../../../lib/vsphere/property/retrieval-reply.ts';
import { readOne, retrievalAnswer } from './soap-messages.ts';

const objectOf = (content: string) =>
  toRetrievedObject(readOne(retrievalAnswer(`<objects>${content}</objects>`)));

const HOST = '<obj type="HostSystem">host-1</obj>';

describe('toRetrievedObject', () => {
  it('takes the reference and the properties by path', () => {
    const object = objectOf(
      `${HOST}<propSet><name>name</name><val xsi:type="xsd:string">esx01</val></propSet>` +
        '<propSet><name>overallStatus</name><val xsi:type="ManagedEntityStatus">gray</val></propSet>',
    );
    expect(object.moref).toEqual({ type: 'HostSystem', value: 'host-1' });
    expect([...object.properties]).toEqual([
      ['name', 'esx01'],
      ['overallStatus', 'gray'],
    ]);
    expect(object.missing.size).toBe(0);
  });

  it('keeps what could not be read with the name of its fault, never as a value', () => {
    const object = objectOf(
      `${HOST}<missingSet><path>config.lockdownMode</path><fault><fault xsi:type="NoPermission">` +
        '<object type="HostSystem">host-1</object><privilegeId>System.Read</privilegeId></fault>' +
        '<localizedMessage/></fault></missingSet><missingSet><path>name</path><fault/></missingSet>',
    );
    expect(object.properties.size).toBe(0);
    expect([...object.missing]).toEqual([
      ['config.lockdownMode', 'NoPermission'],
      ['name', 'Unspecified'],
    ]);
  });

  it('gives an object with nothing set: unset properties come in neither list', () => {
    expect(objectOf(HOST)).toEqual({
      moref: { type: 'HostSystem', value: 'host-1' },
      properties: new Map(),
      missing: new Map(),
    });
  });

  it('refuses an object without a reference', () => {
    expect(() => objectOf('<propSet><name>a</name><val>b</val></propSet>')).toThrow('no reference');
  });
});
