import { type Instant, type Millis, instantOf, second } from '../../../model/instant.ts';

/** Age of a timestamp as kubectl's tables show it: `5m12s`, `3d4h`; `<unknown>` when there is none. */
export function ageOf(timestamp: string | undefined, now: Instant): string {
  const since = instantOf(timestamp);
  return since === undefined ? '<unknown>' : humanDuration(now - since);
}

/** Two largest units, coarser with length; as `HumanDuration` of `k8s.io/apimachinery/pkg/util/duration/duration.go`. */
export function humanDuration(length: Millis): string {
  const seconds = Math.trunc(length / second);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 192) return pair(days, 'd', hours % 24, 'h');
  if (days < 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  return days < 365 * 8 ? pair(years, 'y', days % 365, 'd') : `${years}y`;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}
