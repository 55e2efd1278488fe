/** Labels of one series, values from a bounded set. */
export type Labels = Record<string, string>;

/** Most series kept: a label with unbounded values shows as a gap in the numbers, not as lost memory. */
export const SERIES_MAX = 1_000;

/** Counts in the text format that Prometheus reads. Names start with `evenkeel_`. */
export interface Counters {
  /** Adds to a series, 1 if nothing is said; what also goes down is a gauge. */
  add(name: string, labels?: Labels, by?: number): void;
  /** Sorted by name, one series a line. */
  text(): string;
}

export function counters(): Counters {
  const series = new Map<string, number>();
  return {
    add(name, labels = {}, by = 1) {
      const key = seriesName(name, labels);
      const value = series.get(key);
      if (value === undefined && series.size >= SERIES_MAX) return;
      series.set(key, (value ?? 0) + by);
    },
    text: () => [...series].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name} ${value}\n`).join(''),
  };
}

function seriesName(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value.replace(/[\\"\n]/g, '_')}"`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}
