// IEEE 11073-20601: a decimal exponent above, a mantissa below, both two's complement. At the exponent 0, and only
// there, the mantissas at both ends mean NaN, not at this resolution, reserved, and the infinities.
const layouts = {
  medfloat16: { mantissaBits: 12, exponentBits: 4 },
  medfloat32: { mantissaBits: 24, exponentBits: 8 },
} as const;

/** A medical float. */
export type MedfloatKind = keyof typeof layouts;

/** The number that the bits of a medical float mean; undefined where they say that there is none. */
export function readMedfloat(bits: number, kind: MedfloatKind): number | undefined {
  const { mantissaBits, exponentBits } = layouts[kind];
  const mantissa = signed(bits % 2 ** mantissaBits, mantissaBits);
  const exponent = signed(Math.floor(bits / 2 ** mantissaBits), exponentBits);
  if (!isNumber({ mantissa, exponent }, mantissaBits)) return undefined;
  // By its decimal digits: 367 and -1 are 36.7, which 367 * 10 ** -1 is not.
  return Number(`${mantissa}e${exponent}`);
}

/** The bits of a number, rounded at the least exponent that holds it; undefined where none does. */
export function writeMedfloat(value: number, kind: MedfloatKind): number | undefined {
  const { mantissaBits, exponentBits } = layouts[kind];
  const [digits = '', power = ''] = value.toExponential().split('e');
  for (let exponent = -(2 ** (exponentBits - 1)); exponent < 2 ** (exponentBits - 1); exponent += 1) {
    const mantissa = Math.round(Number(`${digits}e${Number(power) - exponent}`));
    if (!isNumber({ mantissa, exponent }, mantissaBits)) continue;
    return unsigned(exponent, exponentBits) * 2 ** mantissaBits + unsigned(mantissa, mantissaBits);
  }
  return undefined;
}

function isNumber({ mantissa, exponent }: { mantissa: number; exponent: number }, mantissaBits: number): boolean {
  const half = 2 ** (mantissaBits - 1);
  return exponent === 0 ? Math.abs(mantissa) <= half - 3 : -half <= mantissa && mantissa <= half - 1;
}

function signed(bits: number, width: number): number {
  return bits >= 2 ** (width - 1) ? bits - 2 ** width : bits;
}

function unsigned(value: number, width: number): number {
  return value < 0 ? value + 2 ** width : value;
}
