import type { Bench } from './measurement.ts';

/** Every bench, in the order of the table. Each is loaded when it runs. */
export const catalogue: readonly (() => Promise<Bench>)[] = [
  async () => (await import('./start-up.ts')).startUp,
  async () => (await import('./get.ts')).get,
  async () => (await import('./failovers.ts')).failovers,
  async () => (await import('./explore.ts')).explore,
  async () => (await import('./share.ts')).share,
  async () => (await import('./scale.ts')).scale,
  async () => (await import('./histories.ts')).histories,
  async () => (await import('./soak.ts')).soak,
];
