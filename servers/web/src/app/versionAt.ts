import type { CityVersion } from '../server/cityQueries'

/** The version that a moment of the address means: the one of that number, or the newest that a time had already seen. */
export function versionAt(versions: CityVersion[] | undefined, at: string): CityVersion | null {
  if (!versions || at === '') return null
  if (/^\d+$/.test(at)) return versions.find((version) => version.sequence === Number(at)) ?? null
  const instant = Date.parse(at)
  const seen = versions.filter((version) => Date.parse(version.at) <= instant)
  return seen.reduce<CityVersion | null>((newest, one) => (newest && newest.sequence > one.sequence ? newest : one), null)
}
