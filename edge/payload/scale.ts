/** A raw number times its scale. Decimal fractions are divided by, so that 57 at 0.01 is 0.57 and not 0.5700000000000001. */
export function scaleUp(raw: number, scale: number): number {
  const inverse = Math.round(1 / scale);
  return 1 / inverse === scale ? raw / inverse : raw * scale;
}

/** A number divided by its scale, not rounded. */
export function scaleDown(value: number, scale: number): number {
  const inverse = Math.round(1 / scale);
  return 1 / inverse === scale ? value * inverse : value / scale;
}
