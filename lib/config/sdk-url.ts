/**
 * The URL of a vCenter or ESXi with the path of its Web Services where none was written, as pyVmomi (`SmartConnect`)
 * and govmomi (`soap.ParseURL`) complete it. A path, a query or a fragment is left as it was written.
 */
export function toSdkUrl(written: string): string {
  if (!URL.canParse(written)) return written;
  const { pathname, search, hash } = new URL(written);
  return pathname === '/' && search === '' && hash === '' ? new URL('/sdk', written).href : written;
}
