import { describe, expect, it } from 'vitest';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import { callForRequiredValue, callForValue, readUnits } from '../../../lib/vsphere/soap/soap-reply.ts';
import { escapeXml, methodCall, textElement } from '../../../lib/vsphere/soap/soap-request.ts';
import type { SoapCall, Transport } from '../../../lib/vsphere/soap/transport.ts';
import { soapAnswer } from './soap-messages.ts';

const LOGIN: SoapCall = { operation: 'Login', body: '<Login/>', secret: 'pass-word' };
const { signal } = new AbortController();

/** Answers every call with this message. */
function answering(message: string): Transport & { disposed: number } {
  const transport = async ({ operation, secret }: SoapCall) => ({
    origin: `${operation} on vc`,
    secrets: secret === undefined ? [] : [secret],
    body: (async function* () {
      yield Buffer.from(message);
    })(),
    async [Symbol.asyncDispose]() {
      counted.disposed += 1;
    },
  });
  const counted = Object.assign(transport, { disposed: 0 });
  return counted;
}

function fault({ text, detail }: { text: string; detail: string }): string {
  return soapAnswer(
    `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>${text}</faultstring>` +
      `<detail>${detail}</detail></soapenv:Fault>`,
  );
}

describe('readUnits', () => {
  it('takes the answer to any operation where none is named', async () => {
    const read = async (options: { operation?: string }) => {
      await using reply = await answering(soapAnswer('<LoginResponse><a>1</a></LoginResponse>'))(LOGIN, {
        signal,
      });
      const texts: string[] = [];
      for await (const { name, text } of readUnits(reply, { ...options, depth: 3 })) texts.push(name, text);
      return texts;
    };
    expect(await read({})).toEqual(['a', '1']);
    expect(await read({ operation: 'Login' })).toEqual(['a', '1']);
    await expect(read({ operation: 'Logout' })).rejects.toMatchObject({ code: 'not-soap' });
  });
});

describe('callForValue', () => {
  it('gives the return value, or undefined where there is none, and disposes of the reply', async () => {
    const transport = answering(
      soapAnswer('<LoginResponse><returnval><key>k</key></returnval></LoginResponse>'),
    );
    expect((await callForValue(transport, LOGIN, { signal }))?.children[0]?.text).toBe('k');
    expect(await callForValue(answering(soapAnswer('<LoginResponse/>')), LOGIN, { signal })).toBeUndefined();
    expect(transport.disposed).toBe(1);
  });

  it('throws the fault by the type in its detail', async () => {
    const message = fault({
      text: ' Cannot\n complete login ',
      detail: '<InvalidLoginFault xmlns="urn:vim25" xsi:type="InvalidLogin"/>',
    });
    const transport = answering(message);
    await expect(callForValue(transport, LOGIN, { signal })).rejects.toMatchObject({
      code: 'fault',
      fault: 'InvalidLogin',
      message: 'Login on vc returned the fault InvalidLogin: Cannot complete login',
    });
    expect(transport.disposed).toBe(1);
  });

  it.each([
    ['<NoPermissionFault xmlns="urn:vim25"/>', 'NoPermission'],
    ['<x xsi:type="a b"/>', 'Unspecified'],
    ['', 'Unspecified'],
  ])('names the fault of %j', async (detail, expected) => {
    const refused = callForValue(answering(fault({ text: 'no', detail })), LOGIN, { signal });
    await expect(refused).rejects.toMatchObject({ fault: expected });
  });

  it('shows no word of an answer to a call with a secret: a peer may repeat it in any form', async () => {
    const confidential = (message: string): Transport => {
      const transport = answering(message);
      return async (call, options) => Object.assign(await transport(call, options), { isConfidential: true });
    };
    const secret = 'tops3cret';
    const inside = `<cause>${secret}</cause>`;
    for (const [message, told] of [
      [
        fault({ text: secret, detail: `<x xmlns="urn:vim25" xsi:type="InvalidLogin">${inside}</x>` }),
        'Login on vc returned the fault InvalidLogin',
      ],
      [
        fault({ text: secret, detail: `<x xmlns="urn:vim25" xsi:type="${secret}"/>` }),
        'Login on vc returned the fault Unspecified',
      ],
      [`<${secret}/>`, 'the answer to Login on vc cannot be read (not-soap)'],
      [`<a></${secret}>`, 'the answer to Login on vc cannot be read (not-soap)'],
    ] as const) {
      const refused = callForValue(confidential(message), LOGIN, { signal });
      const error: unknown = await refused.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ message: told });
      if (error instanceof VsphereFaultError) expect([...error.fields]).toEqual([]);
    }
  });

  it('shows 500 characters of the text of a fault, in one line', async () => {
    const said = async (text: string) => {
      const error = await callForValue(answering(fault({ text, detail: '' })), LOGIN, { signal }).catch(
        (thrown: VsphereFaultError) => thrown,
      );
      return (error as VsphereFaultError).faultText;
    };
    expect(await said('x'.repeat(500))).toBe('x'.repeat(500));
    expect(await said(`  ${'x'.repeat(501)}`)).toBe('x'.repeat(500));
    expect(await said('a \n\t b')).toBe('a b');
  });

  it.each([
    ['a'.repeat(100), 'a'.repeat(100)],
    ['a'.repeat(101), 'Unspecified'],
    ['a.b', 'Unspecified'],
    ['xFaultFault', 'xFaultFault'],
  ])('has the type %s of a fault as %s', async (type, expected) => {
    const refused = callForValue(answering(fault({ text: 'no', detail: `<x xsi:type="${type}"/>` })), LOGIN, {
      signal,
    });
    await expect(refused).rejects.toMatchObject({ fault: expected });
  });

  it('has of a fault the fields that are texts', async () => {
    const inside =
      '<invalidProperty>entity</invalidProperty><empty></empty><faultCause>text<localizedMessage>x</localizedMessage>' +
      '</faultCause>';
    const detail = `<InvalidArgumentFault xmlns="urn:vim25" xsi:type="InvalidArgument">${inside}</InvalidArgumentFault>`;
    const error = await callForValue(answering(fault({ text: 'no', detail })), LOGIN, { signal }).catch(
      (thrown: VsphereFaultError) => thrown,
    );
    expect(error).toMatchObject({ fields: new Map([['invalidProperty', 'entity']]) });
  });

  it('shows no more of a name that stands in the wrong place than anybody reads', async () => {
    const long = answering(soapAnswer(`<${'a'.repeat(500)}/>`));
    await expect(callForValue(long, LOGIN, { signal })).rejects.toThrow(
      `<${'a'.repeat(60)}> and not a SOAP answer`,
    );
  });

  it.each([
    ['', 'pass-word'],
    ['where what is shown is cut', `${'x'.repeat(490)} pass-word`],
  ])('never shows a secret that the peer repeats %s', async (_, text) => {
    const error = await callForValue(answering(fault({ text, detail: '' })), LOGIN, { signal }).catch(
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(VsphereFaultError);
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain('pass-');
  });

  it('refuses a small answer that is not, before it holds all of it', async () => {
    const values = '<returnval>x</returnval>'.repeat(600_000);
    const endless = answering(soapAnswer(`<LoginResponse>${values}</LoginResponse>`));
    await expect(callForValue(endless, LOGIN, { signal })).rejects.toMatchObject({ code: 'too-large' });
  });

  it('misses a value that must come', async () => {
    const empty = answering(soapAnswer('<LoginResponse><returnval/></LoginResponse>'));
    await expect(callForRequiredValue(empty, LOGIN, { signal })).rejects.toMatchObject({ code: 'not-soap' });
  });
});

describe('methodCall', () => {
  it('escapes what stands in it', () => {
    const call = methodCall('Login', { type: 'S"M', value: '<1>' }, textElement('password', 'a&b\r'));
    expect(call.body).toBe(
      '<Login xmlns="urn:vim25"><_this type="S&quot;M">&lt;1&gt;</_this><password>a&amp;b&#13;</password></Login>',
    );
  });

  it.each(['\u0000', '\u001b[0m', '\ud800', '\uffff'])(
    'refuses %j, which XML cannot carry, unseen',
    (text) => {
      expect(() => escapeXml(`secret${text}`)).toThrow(/^(?!.*secret).*XML cannot carry/);
    },
  );
});
