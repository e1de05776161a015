import { withoutSecrets } from '../../platform/quote.ts';
import { VsphereFaultError, VsphereReplyError } from '../errors.ts';
import { loadVim25 } from '../vim25/vim25.ts';
import { SoapReader } from './soap-reader.ts';
import type { CallOptions, SoapCall, SoapReply, Transport } from './transport.ts';
import { ElementBuilder, type UnitBuilder, type XmlElement } from './unit-builder.ts';

/**
 * The units of a reply (the elements at `depth`) as they come. Throws VsphereFaultError for a fault and
 * VsphereReplyError for anything that is no whole reply to `operation`.
 */
export const readUnits = (
  reply: Pick<SoapReply, 'origin' | 'secrets' | 'isConfidential' | 'body'>,
  options: { operation?: string; depth: number },
): AsyncGenerator<XmlElement, void, undefined> =>
  buildUnits<XmlElement>(reply, { ...options, builder: new ElementBuilder() });

/** As `readUnits`: what the builder makes of them, which leaves a fault an element. */
export async function* buildUnits<Unit extends object>(
  {
    origin,
    secrets,
    isConfidential = false,
    body,
  }: Pick<SoapReply, 'origin' | 'secrets' | 'isConfidential' | 'body'>,
  {
    operation,
    depth,
    builder,
  }: { operation?: string; depth: number; builder: UnitBuilder<Unit | XmlElement> },
): AsyncGenerator<Unit | XmlElement, void, undefined> {
  const response = operation === undefined ? {} : { response: `${operation}Response` };
  const reader = new SoapReader({ origin, unitDepth: depth, isConfidential, ...response }, builder);
  for await (const bytes of body) {
    for (const unit of reader.push(bytes)) {
      if (isElement(unit) && unit.name === 'Fault')
        throw toFaultError(unit, { origin, secrets, isConfidential });
      yield unit;
    }
  }
  reader.end();
}

const isElement = (unit: object): unit is XmlElement => 'children' in unit;

/** Makes a call and gives its `returnval`s while the reply streams: one for each item of an array. */
export async function* streamValues(
  transport: Transport,
  call: SoapCall,
  options: CallOptions,
): AsyncGenerator<XmlElement, void, undefined> {
  await using reply = await transport(call, options);
  yield* readUnits(reply, { operation: call.operation, depth: 3 });
}

/** Makes a call whose reply is small and gives all of its `returnval`s: together they may have what one unit may. */
export async function callForValues(
  transport: Transport,
  call: SoapCall,
  options: CallOptions,
): Promise<readonly XmlElement[]> {
  await using reply = await transport(call, options);
  const { operation } = call;
  let values: readonly XmlElement[] = [];
  for await (const { children } of readUnits(reply, { operation, depth: 2 })) values = children;
  return values;
}

/** Makes a call whose reply is small and gives its `returnval`, or undefined when it has none. */
export async function callForValue(
  transport: Transport,
  call: SoapCall,
  options: CallOptions,
): Promise<XmlElement | undefined> {
  return (await callForValues(transport, call, options))[0];
}

/** Like `callForValue`, for a call that always answers with a text or a reference. */
export async function callForRequiredValue(
  transport: Transport,
  call: SoapCall,
  options: CallOptions,
): Promise<XmlElement> {
  const value = await callForValue(transport, call, options);
  if (value !== undefined && value.text !== '') return value;
  throw new VsphereReplyError(`${call.operation} was answered without the value that it must have`, {
    code: 'not-soap',
  });
}

/** SOAP 1.1: `faultcode`, `faultstring` and `detail`, whose only child is vSphere's fault with its `xsi:type`. */
function toFaultError(
  fault: XmlElement,
  { origin, secrets, isConfidential }: Pick<SoapReply, 'origin' | 'secrets' | 'isConfidential'>,
): VsphereFaultError {
  const child = (name: string) => fault.children.find((one) => one.name === name);
  const detail = child('detail')?.children[0];
  const said = withoutSecrets(child('faultstring')?.text ?? '', secrets);
  const type = detail?.type ?? detail?.name.replace(/Fault$/, '') ?? '';
  if (isConfidential === true) {
    return new VsphereFaultError(origin, { fault: loadVim25().type(type)?.name ?? 'Unspecified', text: '' });
  }
  return new VsphereFaultError(origin, {
    fault: /^\w{1,100}$/.test(type) ? type : 'Unspecified',
    text: said.replace(/\s+/g, ' ').trim().slice(0, 500),
    fields: new Map(
      detail?.children
        .filter((field) => field.text !== '' && field.children.length === 0)
        .map((field) => [field.name, field.text]),
    ),
  });
}
