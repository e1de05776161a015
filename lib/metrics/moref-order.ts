const PARTS = /\d+|\D/g;

/**
 * The natural order of managed object ids: runs of digits compare as numbers, so `host-9` is below `host-10`.
 * Total: 0 only for equal texts.
 */
export function compareMorefs(left: string, right: string): number {
  const lefts = left.match(PARTS) ?? [];
  const rights = right.match(PARTS) ?? [];
  for (const [index, part] of lefts.entries()) {
    const order = compareParts(part, rights[index] ?? '');
    if (order !== 0) return order;
  }
  return lefts.length < rights.length ? -1 : compareTexts(left, right);
}

function compareParts(left: string, right: string): number {
  if (!isNumber(left) || !isNumber(right)) return compareTexts(left, right);
  const [leftNumber, rightNumber] = [withoutZeros(left), withoutZeros(right)];
  return leftNumber.length - rightNumber.length || compareTexts(leftNumber, rightNumber);
}

const isNumber = (part: string) => /\d/.test(part);
const withoutZeros = (digits: string) => digits.replace(/^0+/, '');

const compareTexts = (left: string, right: string): number => (left < right ? -1 : Number(left > right));
