import { describe, expect, it } from 'vitest';
import { VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import type { RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import { readObjects, retrievalAnswer, soapAnswer } from './soap-messages.ts';

const objectOf = (content: string) =>
  readObjects(retrievalAnswer(`<objects>${content}</objects>`))[0] as RetrievedObject;

const HOST = '<obj type="HostSystem">host-1</obj>';

describe('RetrievedObjectBuilder', () => {
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
    let refusal: unknown;
    try {
      objectOf('<propSet><name>a</name><val>b</val></propSet>');
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(VsphereReplyError);
    expect(refusal).toMatchObject({ code: 'not-soap', message: expect.stringContaining('no reference') });
  });

  it('takes the first name and value of a property, and the last reference', () => {
    const twice = '<propSet><name>a</name><name>b</name><val>1</val><val>2</val></propSet>';
    expect(objectOf(`<obj type="Folder">x</obj>${twice}${HOST}`)).toEqual({
      moref: { type: 'HostSystem', value: 'host-1' },
      properties: new Map([['a', '1']]),
      missing: new Map(),
    });
  });

  it('takes nothing that is called like a part where such a part has no place', () => {
    const inside = '<objects><obj type="Folder">x</obj></objects>';
    const property = '<propSet><name>b</name><val>2</val></propSet>';
    expect(objectOf(`${HOST}${inside}<val>3</val><name>c</name>`)).toEqual({
      moref: { type: 'HostSystem', value: 'host-1' },
      properties: new Map(),
      missing: new Map(),
    });
    expect(objectOf(`${HOST}<propSet>${inside}${property}<name>a</name><val>1</val></propSet>`)).toEqual({
      moref: { type: 'HostSystem', value: 'host-1' },
      properties: new Map([['a', '1']]),
      missing: new Map(),
    });
    const missing = '<missingSet><path>p</path><fault><fault xsi:type="NoPermission"/></fault></missingSet>';
    expect(
      objectOf(`${HOST}<propSet>${missing}<obj type="Folder">x</obj><name>a</name><val>1</val></propSet>`),
    ).toEqual({
      moref: { type: 'HostSystem', value: 'host-1' },
      properties: new Map([['a', '1']]),
      missing: new Map(),
    });
    const alone = retrievalAnswer(`${property}<val>1</val>`);
    expect(readObjects(alone)).toMatchObject([
      { name: 'propSet', children: [{ name: 'name' }, { name: 'val' }] },
      { name: 'val', text: '1' },
    ]);
  });

  it('takes a property without a value for none, and one without a name for one of no name', () => {
    const properties = `<propSet><name>a</name></propSet><propSet><val>1</val></propSet>`;
    expect([...objectOf(HOST + properties).properties]).toEqual([['', '1']]);
    const typed = '<propSet><name xsi:type="xsd:string">a</name><name>b</name><val>1</val></propSet>';
    expect([...objectOf(HOST + typed).properties]).toEqual([['a', '1']]);
  });

  it('keeps the type of a fault that has no fault of its own inside', () => {
    const missing =
      '<missingSet><path>p</path><fault xsi:type="NotFound"/></missingSet><missingSet><path>q</path></missingSet>';
    expect([...objectOf(HOST + missing).missing]).toEqual([
      ['p', 'NotFound'],
      ['q', 'Unspecified'],
    ]);
  });

  it('carries nothing from one object to the next', () => {
    const first = `<objects>${HOST}<propSet><name>a</name><val>1</val></propSet><missingSet><path>b</path><fault/></missingSet></objects>`;
    expect(readObjects(retrievalAnswer(`${first}<objects><obj type="Folder">x</obj></objects>`))[1]).toEqual({
      moref: { type: 'Folder', value: 'x' },
      properties: new Map(),
      missing: new Map(),
    });
    expect(() => readObjects(retrievalAnswer(`${first}<objects><obj type="Folder"/></objects>`))).toThrow(
      'a retrieval was answered with an object that has no reference',
    );
  });

  it('leaves what is no object as it is, also the fault that comes instead', () => {
    const answer = retrievalAnswer(`<token>t</token><objects>${HOST}</objects>`);
    expect(readObjects(answer)).toMatchObject([{ name: 'token', text: 't' }, { moref: { value: 'host-1' } }]);
    const fault = soapAnswer('<soapenv:Fault><faultstring>no</faultstring></soapenv:Fault>');
    expect(readObjects(fault)).toMatchObject([{ name: 'Fault', children: [{ text: 'no' }] }]);
  });
});
