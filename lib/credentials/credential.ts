/** Where a credential comes from, as the configuration names it. */
export type CredentialSource =
  | { readonly secret: string }
  | { readonly env: string }
  | { readonly file: string };

/** How an account proves itself. Never log it, never put it into a message. */
export type Proof =
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'private-key'; readonly privateKey: string; readonly passphrase?: string };

export interface Credential {
  /** Stable over rotations: `secret:<id>`, `env:<PREFIX>`, `file:<path>`. */
  readonly id: string;
  /** Changes when the value does; says nothing about the value. */
  readonly version: string;
  readonly username: string;
  readonly proof: Proof;
}

/** Reads tokens, which are no accounts: they have no user, no budget and no version. Throws CredentialError with a remedy. */
export interface TokenReader {
  readToken(source: CredentialSource, options: { signal: AbortSignal }): Promise<string>;
}

/** Reads credentials. Throws CredentialError with a remedy. */
export interface CredentialReader {
  /** `version` asks for exactly that version; without it the newest. */
  read(source: CredentialSource, options: { signal: AbortSignal; version?: string }): Promise<Credential>;
}
