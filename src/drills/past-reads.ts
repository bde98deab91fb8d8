import type { ApiRequest, KubeRequest, Outcome } from '../model/request.ts';
import type { FiredFaults } from './faults/fired-faults.ts';
import { Past } from './past.ts';
import type { RecordKeeper } from './record-keeper.ts';
import type { Stage } from './stage.ts';
import type { HostKind, PastItem } from './tape.ts';

type Hang = { readonly kind: 'hang' };

/** A read of a host; `index` is its place among those of the same look. */
type Read = (kind: HostKind, request: ApiRequest, perform: () => Outcome | Hang, index: number) => Outcome | Hang;

/**
 * Answers the reads of hosts, and shows them the past where the tape says so: a whole site as a replica of its API server
 * shows it that lags behind, or one object whose changes have not come through.
 */
export function pastReads({ tape, twin: { world, sites } }: Stage, keeper: RecordKeeper, fired: FiredFaults): Read {
  const items = tape.items.filter((item): item is PastItem => item.kind === 'past' || item.kind === 'hidden');
  if (items.length === 0) return (_kind, _request, perform) => perform();
  const begin = world.now;
  const past = new Past(
    world,
    sites.map(({ name }) => name),
  );
  const looks = new Map<HostKind, number>();
  const told = new Set<PastItem>();
  return (kind, request, perform, index) => {
    if (index === 0) looks.set(kind, (looks.get(kind) ?? 0) + 1);
    const fresh = perform();
    if (fresh.kind === 'hang' || request.api !== 'kube') return fresh;
    let answer: Outcome = fresh;
    for (const item of items) {
      if (!shows(item, kind, looks.get(kind) ?? 0, request, world.now - begin)) continue;
      const earlier =
        item.kind === 'past'
          ? past.answer(request, answer, begin + item.before)
          : hidden(past, request, answer, begin, item);
      if (earlier !== answer && !told.has(item)) {
        told.add(item);
        keeper.note(sentenceOf(item));
        keeper.mark(`fault ${item.kind}`);
        fired.note(item);
      }
      answer = earlier;
    }
    return answer;
  };
}

function hidden(
  past: Past,
  request: KubeRequest,
  answer: Outcome,
  begin: number,
  { resource, namespace = '', name, from }: Extract<PastItem, { kind: 'hidden' }>,
): Outcome {
  return past.answer(request, answer, begin + from, { resource, namespace, name });
}

function shows(item: PastItem, kind: HostKind, look: number, { site, resource }: KubeRequest, now: number): boolean {
  if (item.host !== kind || item.site !== site) return false;
  if (item.kind === 'past') return item.look === look;
  return item.resource === resource.plural && item.from <= now && now < item.to;
}

function sentenceOf(item: PastItem): string {
  const seconds = (time: number): string => `${(time / 1_000).toFixed(3)} s`;
  return item.kind === 'past'
    ? `look ${item.look} of ${item.host} shows ${item.site} as it was before ${seconds(item.before)}`
    : `${item.host} does not see what becomes of ${item.resource}/${item.name} on ${item.site} before ${seconds(item.to)}`;
}
