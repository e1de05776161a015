/** Whether the host of a url or of an address to listen at is this machine alone; an IPv6 address also in brackets. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK.test(host);

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|(?:.+\.)?localhost\.?|\[?::1\]?)$/i;
