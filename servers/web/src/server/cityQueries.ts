// What every room asks of the city, once: the city itself, its collections and versions, as of the moment in the address.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useAddress } from '../state/address'
import { getJson } from './client'
import type { CityDocument, Collection, ProcessSummary, ScenarioDocument } from './documents'
import { getTileJson } from './tileJson'

/** The query of a moment: `?at=3`, or nothing for now. */
export function atQuery(at: string): string {
  return at ? `?at=${encodeURIComponent(at)}` : ''
}

export function useCity() {
  return useQuery({ queryKey: ['city'], queryFn: ({ signal }) => getJson<CityDocument>('/api/city', signal) })
}

export function useCollections() {
  const at = useAddress((address) => address.at)
  return useQuery({
    queryKey: ['collections', at], placeholderData: keepPreviousData, // the map stays while another version comes
    queryFn: async ({ signal }) => {
      const found = await getJson<{ collections: (Collection | { kind: 'record' })[] }>(`/api/collections${atQuery(at)}`, signal)
      return found.collections.filter((one): one is Collection => one.kind !== 'record') // the catalogue is no layer
    },
  })
}

/** Tiles of all feature collections, at addresses that name their version. */
export function useCityTiles() {
  const at = useAddress((address) => address.at)
  return useQuery({
    queryKey: ['tiles', at], placeholderData: keepPreviousData,
    queryFn: ({ signal }) => getTileJson(`/api/tiles/WebMercatorQuad${atQuery(at)}`, signal),
  })
}

/** Elevation tiles, where the city has an elevation. */
export function useElevationTiles(wanted: boolean) {
  const at = useAddress((address) => address.at)
  return useQuery({
    queryKey: ['elevation', at], enabled: wanted, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => getTileJson(`/api/collections/elevation/terrain${atQuery(at)}`, signal),
  })
}

export type CityVersion = { sequence: number; at: string; author: string; message: string }

/** Versions of the city, newest first. */
export function useVersions() {
  return useQuery({
    queryKey: ['versions'],
    queryFn: async ({ signal }) => {
      const versions = await getJson<CityVersion[]>('/api/versions', signal)
      return [...versions].sort((one, other) => other.sequence - one.sequence)
    },
  })
}

export function useScenarios() {
  return useQuery({
    queryKey: ['scenarios'],
    queryFn: async ({ signal }) => (await getJson<{ scenarios: ScenarioDocument[] }>('/api/scenarios', signal)).scenarios,
  })
}

export function useProcesses() {
  return useQuery({
    queryKey: ['processes'],
    queryFn: async ({ signal }) => (await getJson<{ processes: ProcessSummary[] }>('/api/processes', signal)).processes,
  })
}
