// The server's documents, as servers/api declares them.
import type { Text } from '../language/words'
import type { ProblemContent } from './client'

export type Bounds = [number, number, number, number]
export type Better = 'lower' | 'higher' | 'neither'
export type Geometry = { type: string; coordinates: unknown }
export type Feature = { type: 'Feature'; id: string | number; geometry: Geometry | null; properties: Record<string, unknown> }

export type CityDocument = {
  id: string; name: string; sequence: number; timezone: string; crs: string | null; bounds: Bounds | null
  synthetic: boolean; attribution: string[]; software: string; collections: string[]; now: string
}
export type FieldDocument = {
  name: string; title: Text; unit: string | null; dtype: string; nullable: boolean; editable: boolean; grade: string
}
export type SourceDocument = {
  uri: string; importer: string; attribution: string; imported_at: string; sha256: string; quality: Record<string, unknown>
}
export type Collection = {
  id: string; title: string; titles: Text; kind: 'feature' | 'coverage'; geometry: string; rows: number; snapshot: string
  version: number; grade: string; cim_level: number; synthetic: boolean; fields: FieldDocument[]; source: SourceDocument | null
  extent: { spatial: { bbox: Bounds[] } }
}
export type TileJson = {
  tilejson: string; tiles: string[]; minzoom: number; maxzoom: number; bounds: Bounds; attribution?: string
  vector_layers?: { id: string; fields: Record<string, string> }[]; encoding?: string; tileSize?: number
  /** Lowest and highest elevation of a terrain (m). */
  elevation_m?: [number, number]
}
export type CardField = {
  name: string; title: Text; unit: string | null; dtype: string; value: unknown; editable: boolean; assumed: Text | null
  correction: { id: number; from: unknown; note: string; at: string; author: string } | null
}
export type Card = {
  collection: string; collection_title: Text; id: string; title: Text; name: string | null; geometry: Geometry | null; fields: CardField[]
  group: { id: string; name: string; members: string[] } | null; source: SourceDocument | null; synthetic: boolean
  corrections: Correction[]; measures: { type: string; title: Text; field: string }[]; sequence: number
}
/** `state`: active, conflict (the source changed since), confirmed (the source says so too by now), withdrawn, orphan … */
export type Correction = {
  id: number; collection: string; feature: string; fields: Record<string, unknown>; base: Record<string, unknown>; note: string
  at: string; author: string; state: string; detail: Record<string, unknown>
}
export type LayerQuality = {
  collection: string; title: Text; source: string; importer: string; synthetic: boolean; read: number; kept: number
  repaired: Record<string, number>; dropped: Record<string, number>; assumed: Record<string, number>; warnings: string[]
  /** Each reason in words. */
  reasons: Record<string, Text>
}
export type SearchResult = {
  kind: 'feature' | 'plan' | 'run' | 'analysis'; id: string; collection?: string; title: string; subtitle: Text
  point?: [number, number]; bbox?: Bounds
}

export type JsonSchema = Record<string, unknown> & { properties?: Record<string, JsonSchema>; title?: string; type?: string }
export type FigureDeclaration = { title: Text; unit: string; better: Better; description: string; judged: boolean }
export type ColumnDeclaration = { title: Text; unit: string; better: Better; compare: boolean; tolerance: number }
export type LayerDeclaration = {
  title: Text; geometry: string; columns: Record<string, ColumnDeclaration>; show: string | null; ids: 'feature' | 'seed'
}
export type TableDeclaration = { title: Text; pair_by: string | null; columns: Record<string, ColumnDeclaration> }
export type Declaration = {
  figures: Record<string, FigureDeclaration>; layers: Record<string, LayerDeclaration>; tables: Record<string, TableDeclaration>
}
export type ProcessSummary = { id: string; title: string; description: string; titles: Text; scenario: string; scenario_titles: Text; descriptions?: Text; missing?: string[]; missing_titles?: Text[]; stochastic?: boolean }
export type ProcessDocument = ProcessSummary & Declaration & {
  descriptions: Text; stochastic: boolean; missing: string[]; missing_titles?: Text[]; parameters: JsonSchema
}
export type MeasureDocument = {
  type: string; title: Text; description: string; scenario: string; scenario_titles?: Text; schema: JsonSchema; targets: { field: string; layer: string }[]
}
export type ScenarioDocument = { slug: string; title: Text | null; origin: string; analyses: string[]; error: ProblemContent | null }

export type Measure = { type: string; [field: string]: unknown }
export type Plan = { plan: string; title?: string; note?: string; measures: Measure[] }
export type PlanSummary = { name: string; title: string; version: number; at: string; author: string; measures: number }
export type PlanDocument = { name: string; version: number; at: string; author: string; hash: string; plan: Plan }
export type PlanEdit = {
  layer: string; target: string; features: string[]; op?: 'set' | 'add' | 'remove'; fields: Record<string, unknown>; from?: string; to?: string; days?: string
  measure: number
}
export type PlanCheck = { ok: boolean; hash: string; edits: PlanEdit[]; bounds: Bounds | null }

export type JobStatus = 'accepted' | 'running' | 'successful' | 'failed' | 'dismissed'
export type Job = {
  jobID: string; processID: string; kind: 'run' | 'comparison'; status: JobStatus; progress: number; message: string
  created: string; started: string | null; finished: string | null; title: Text; plan: { name: string; title: string } | null
  against: { name: string; title: string } | null; seed: number | null; seeds: number | null
  run: string | null; comparison: string | null; parent: string | null; error: ProblemContent | null; position?: number | null
}
export type ColumnStatistics =
  | { kind: 'number'; min: number | null; max: number | null; quantiles: number[]; missing?: number }
  /** The most frequent categories, at most twelve, of `distinct` ones. */
  | { kind: 'category'; categories: string[]; distinct?: number; missing?: number }
  | { kind: 'bool'; missing?: number }
export type ResultLayer = {
  rows: number; geometry: string; bounds: Bounds | null; tilejson: string; columns: Record<string, ColumnStatistics>
  href: string; picture: string
}
export type ComparedLayer = {
  rows: number; bounds: Bounds | null; tilejson: string; href: string; picture: string; new: number; gone: number
  /** Columns that were compared; each has `_baseline`, `_plan`, `_difference` among the statistics and the properties. */
  columns: string[]
  columns_stats: Record<string, ColumnStatistics>
}
export type ComparedTable = {
  column: string; unit: string; tolerance: number; pairs: number; gained: number; lost: number; unchanged: number
  only_baseline: number; only_plan: number; rows: number; pair_by: string; href: string
}
export type Trajectories = {
  chunks: number; begin_s: number; period_s: number; frames: number; chunk_frames: number; vehicles: number; href: string
  /** Address of a chunk with `{chunk}` in it; its answer never changes. */
  chunk_href: string
}
export type FigureValue = { value: number | null; unit: string; low?: number | null; high?: number | null }
export type UnusedEdit = PlanEdit & { reason: string }
export type RunDocument = {
  run: string; analysis: string; title: Text; parameters: Record<string, unknown>; plan: Plan; seed: number; sequence: number
  figures: Record<string, FigureValue>; layers: Record<string, ResultLayer>; tables: Record<string, { rows: number; columns: string[]; href: string }>
  files: Record<string, { bytes: number; href: string }>; trajectories: Trajectories | null; warnings: string[]
  unused_edits: UnusedEdit[]; facts: Record<string, unknown>; attribution: string[]; synthetic: boolean
  finished_at: string; seconds: number; declaration: Declaration
}
export type RunSummary = {
  run: string; analysis: string; title: Text; plan: { name: string; title: string }; parameters: Record<string, unknown>
  seed: number; finished_at: string; seconds: number
}
export type Verdict = string
export type ComparedFigure = {
  unit: string; baseline: number | null; plan: number | null; difference: number | null; low: number | null; high: number | null
  p_adjusted: number | null; verdict: Verdict
}
export type ComparisonDocument = {
  id: string; analysis: string; title: Text; parameters: Record<string, unknown>; plan: Plan; against: Plan; seeds: number[]
  runs: { baseline: string; plan: string }[]; stochastic: boolean; figures: Record<string, ComparedFigure>
  layers: Record<string, ComparedLayer>
  tables: Record<string, ComparedTable>
  warnings: string[]; unused_edits: UnusedEdit[]; unused_edits_against: UnusedEdit[]; facts: Record<string, unknown>
  attribution: string[]; synthetic: boolean; declaration: Declaration
}
export type ComparisonSummary = {
  id: string; analysis: string; title: Text; plan: { name: string; title: string }; against: { name: string; title: string }
  seeds: number; finished_at: string
}
export type TableDocument = {
  columns: { name: string; title: Text; unit: string; dtype: string }[]; rows: number; data: Record<string, unknown[]>
  sampled_of?: number
}
