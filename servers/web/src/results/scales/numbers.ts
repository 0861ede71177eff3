// Round numbers for scales.

/** The smallest of 1, 2, 2.5, 5 × 10ⁿ that is at least `value`. */
export function roundUp(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const step = [1, 2, 2.5, 5, 10].find((one) => one * power >= value * (1 - 1e-9)) ?? 10
  return Number((step * power).toPrecision(12))
}

/** As {@link roundUp} in finer steps: an axis or a scale that ends soon after its largest value. */
export function endAfter(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const step = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((one) => one * power >= value * (1 - 1e-9)) ?? 10
  return Number((step * power).toPrecision(12))
}

/** Rounded to two figures, so that a legend's steps read well. */
export function twoFigures(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(2))
}

/** Ascending and without repeats. */
export function ascending(values: number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b)
}
