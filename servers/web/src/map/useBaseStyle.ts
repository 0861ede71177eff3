// The style of the map room: the city's layers as of the moment, with what the other rooms put on it.
import { useMemo } from 'react'
import type { StyleSpecification } from 'maplibre-gl'
import { useCityTiles, useCollections, useElevationTiles } from '../server/cityQueries'
import { useAddress } from '../state/address'
import { baseStyle } from './baseStyle'
import { composeStyle } from './composeStyle'
import { useMapStore, type StyleLayers } from './mapStore'

const NOTHING: never[] = []

/** The city alone, for the page's own map and for a second one beside it; null until its tiles are known. */
export function useCityStyle(): { style: StyleSpecification | null; fault: unknown } {
  const collections = useCollections()
  const tiles = useCityTiles()
  const hasElevation = collections.data?.some((one) => one.id === 'elevation') ?? false
  const elevation = useElevationTiles(hasElevation)
  const { theme, language, hidden, terrain } = useAddressParts()
  // Elevation comes by difference: the first map does not wait for it.
  const ready = collections.data !== undefined && (tiles.data !== undefined || collections.data.length === 0)
  const style = useMemo(
    () =>
      ready
        ? baseStyle({
            collections: collections.data ?? NOTHING, tiles: tiles.data ?? null, elevation: hasElevation ? (elevation.data ?? null) : null,
            terrain, theme, language, hidden,
          })
        : null,
    [ready, collections.data, tiles.data, elevation.data, hasElevation, terrain, theme, language, hidden],
  )
  return { style, fault: collections.error ?? tiles.error }
}

function useAddressParts() {
  const theme = useAddress((address) => address.theme)
  const language = useAddress((address) => address.language)
  const hidden = useAddress((address) => address.hidden)
  const terrain = useAddress((address) => address.terrain)
  return { theme, language, hidden, terrain }
}

/** The city with other rooms' layers. Give `pieces` for a second map that shows something else. */
export function useMapStyle(pieces?: Record<string, StyleLayers>): { style: StyleSpecification | null; fault: unknown } {
  const { style, fault } = useCityStyle()
  const ours = useMapStore((store) => store.style)
  const shown = pieces ?? ours
  const composed = useMemo(() => style && composeStyle(style, shown), [style, shown])
  return { style: composed, fault }
}
