/** Powers of ten by suffix, and of two. */
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binary: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

interface Quantity {
  /** In units of 10^-9, rounded up. */
  readonly nanos: bigint;
  readonly isBinary: boolean;
}

/** The amount of a resource quantity (`1Gi`, `500m`, `1e3`); NaN for anything else. */
export function quantityValue(text: string | undefined): number {
  const quantity = parse(text ?? '');
  return quantity === undefined ? Number.NaN : Number(quantity.nanos) / 1e9;
}

/** The form in which the server writes a quantity (`1024Mi` as `1Gi`, `0.5` as `500m`); undefined when it is none. */
export function canonicalQuantity(text: string): string | undefined {
  let canonical = canonicalForms.get(text);
  if (canonical === undefined) {
    canonical = canonicalForm(text);
    if (canonical !== undefined && canonicalForms.size < 1024) canonicalForms.set(text, canonical);
  }
  return canonical;
}

/** Forms found so far: objects name the same few quantities over and over. */
const canonicalForms = new Map<string, string>();

function canonicalForm(text: string): string | undefined {
  const quantity = parse(text);
  if (quantity === undefined) return undefined;
  const { nanos } = quantity;
  const size = nanos < 0n ? -nanos : nanos;
  if (size === 0n) return '0';
  // Below 1024 and with fractions binary quantities are written in decimals.
  if (quantity.isBinary && size >= 1024n * nano && size % nano === 0n) return withSuffix(nanos / nano, binary, 2n, 0);
  return withSuffix(nanos, decimal, 10n, -9);
}

const nano = 1_000_000_000n;

function parse(text: string): Quantity | undefined {
  const match = /^([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(text);
  if (match === null) return undefined;
  const [, sign, digits = '', exponent, suffix = ''] = match;
  const [whole = '', fraction = ''] = digits.split('.');
  const power = binary[suffix];
  const shift = 9 - fraction.length + (exponent === undefined ? (decimal[suffix] ?? 0) : Number(exponent));
  const unscaled = BigInt(`${whole}${fraction}`) * (power === undefined ? 1n : 2n ** BigInt(power));
  const nanos = shift >= 0 ? unscaled * 10n ** BigInt(shift) : roundedUp(unscaled, 10n ** BigInt(-shift));
  return { nanos: sign === '-' ? -nanos : nanos, isBinary: power !== undefined };
}

function roundedUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

// The largest suffix that leaves a whole number.
function withSuffix(value: bigint, suffixes: Readonly<Record<string, number>>, base: bigint, unit: number): string {
  let best = `${value}`;
  for (const [suffix, power] of Object.entries(suffixes)) {
    const divisor = base ** BigInt(power - unit);
    if (value % divisor === 0n) best = `${value / divisor}${suffix}`;
  }
  return best;
}
