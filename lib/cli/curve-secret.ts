import type { CredentialSource, TokenReader } from '../credentials/credential.ts';
import { CredentialError } from '../credentials/errors.ts';
import { fromZ85 } from '../poll/gateway/zmtp/z85.ts';

const KEY_BYTES = 32;

/** Reads a secret key of CURVE, in Z85. Rejects with CredentialError. */
export async function readCurveSecret(
  source: CredentialSource,
  reader: TokenReader,
  { signal }: { signal: AbortSignal },
): Promise<string> {
  const secretKey = await reader.readToken(source, { signal });
  if (fromZ85(secretKey)?.length === KEY_BYTES) return secretKey;
  throw new CredentialError(
    'polls.curve.secretKey',
    'is not a secret key of CURVE, which is 40 characters of Z85. Make one: vsweep gateway-keys credentials/gateway.key',
    { code: 'malformed' },
  );
}
