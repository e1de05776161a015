/** One SOAP call. */
export interface SoapCall {
  /** The method's name, such as `RetrievePropertiesEx`. */
  readonly operation: string;
  /** The XML of the operation's element. */
  readonly body: string;
  /**
   * A password or ticket inside `body`: kept out of every message, even when the peer repeats it, and sent over a new
   * connection only.
   */
  readonly secret?: string;
  /** Of a vCenter: the vSAN service, which has its own path and the same sessions. */
  readonly service?: 'vsan';
}

/** A reply whose status was good; its body streams. Dispose it: an unread rest closes the connection. */
export interface SoapReply extends AsyncDisposable {
  /** `<operation> on <endpoint>`, for messages. */
  readonly origin: string;
  /** What the peer was told and no message may hold: the call's secret and the session's cookie. */
  readonly secrets: readonly string[];
  /**
   * The call had a secret: no word of the answer is shown. A peer can repeat a password in a form that nobody recognises.
   */
  readonly isConfidential?: boolean;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  /** Called when the first byte of the request may have left; not called when connecting failed. */
  readonly onSent?: () => void;
}

/**
 * Sends one call. Resolves when the reply begins, rejects with VsphereFaultError, VsphereReplyError or
 * VsphereConnectionError, or with the signal's reason. Retry and measuring are decorators over it.
 */
export type Transport = (call: SoapCall, options: CallOptions) => Promise<SoapReply>;
