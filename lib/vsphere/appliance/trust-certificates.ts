import * as z from 'zod';
import { eachAtOnce } from '../../platform/at-once.ts';
import { type Certificate, readCertificate } from '../../platform/certificate.ts';
import { VsphereReplyError } from '../errors.ts';
import type { RestSession } from '../rest/rest-session.ts';
import { callAppliance } from './appliance-calls.ts';

/*
 * The certificates that single sign-on signs with, and those that the vCenter trusts: vSphere Automation API, "vcenter
 * certificate_management". Each operation takes the privilege System.Read.
 */

type Options = { signal: AbortSignal };

const BASE = 'vcenter/certificate-management/vcenter';
/** Of one certificate; of one chain; of all chains. */
const MAX_CHARACTERS = 65_536;
const MAX_IN_CHAIN = 50;
const MAX_CHAINS = 200;
const CALLS_AT_ONCE = 2;

const chainModel = z.object({ cert_chain: z.array(z.string().max(MAX_CHARACTERS)).min(1).max(MAX_IN_CHAIN) });
const signing = z.object({ active_cert_chain: chainModel });

/** Since 7.0.3: the certificate with which tokens are signed, or one of its issuers that ends before. */
export async function readSigningCertificate(rest: RestSession, options: Options): Promise<Certificate> {
  const found = await callAppliance(rest, `${BASE}/signing-certificate`, signing, options);
  const certificate = firstToEnd(found.active_cert_chain.cert_chain);
  if (certificate !== undefined) return certificate;
  throw new VsphereReplyError('the chain of the signing certificate holds something else', {
    code: 'malformed',
  });
}

/** The chains that a vCenter trusts, each as the certificate in it that ends first. */
export interface TrustedRoots {
  readonly roots: readonly (Certificate & { readonly chain: string })[];
  /** How many chains hold something else than certificates. */
  readonly unreadable: number;
}

const chain = z.string().min(1).max(256);
const summaries = z.array(z.object({ chain })).max(MAX_CHAINS);
const info = z.object({ cert_chain: chainModel });

/** Since 6.7.2: a call for their list, and one for each. One that goes meanwhile is left out. */
export async function readTrustedRoots(rest: RestSession, options: Options): Promise<TrustedRoots> {
  const resource = `${BASE}/trusted-root-chains`;
  const listed = await callAppliance(rest, resource, summaries, options);
  const roots: (Certificate & { chain: string })[] = [];
  let unreadable = 0;
  await eachAtOnce(CALLS_AT_ONCE, listed, async ({ chain }) => {
    const one = `${resource}/${encodeURIComponent(chain)}`;
    const found = await callAppliance(rest, one, info, options).catch(unlessGone);
    if (found === undefined) return;
    const certificate = firstToEnd(found.cert_chain.cert_chain);
    if (certificate === undefined) unreadable += 1;
    else roots.push({ chain, ...certificate });
  });
  return { roots, unreadable };
}

/** Undefined unless all are certificates. */
function firstToEnd(encoded: readonly string[]): Certificate | undefined {
  const certificates = encoded.map(readCertificate);
  const readable = certificates.filter((one) => one !== undefined);
  if (readable.length < certificates.length) return undefined;
  return readable.toSorted((one, other) => one.endsAt - other.endsAt)[0];
}

const NOT_FOUND = 404;

function unlessGone(error: unknown): undefined {
  if (!(error instanceof VsphereReplyError && error.status === NOT_FOUND)) throw error;
}
