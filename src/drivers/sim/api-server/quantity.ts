const powers: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The amount of a resource quantity (`1Gi`, `500m`, `1e3`); NaN for anything else. */
export function quantityValue(text: string | undefined): number {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?$/.exec(text ?? '');
  if (match === null) return Number.NaN;
  const [, digits, exponent = '', suffix = ''] = match;
  return Number(`${digits}${exponent}`) * (powers[suffix] as number);
}
