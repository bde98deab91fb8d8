import type { Search } from './search.ts';

/**
 * The first state that was found from which no operation can come to an end by what happens by itself: nothing else breaks, nobody dies,
 * no person acts. Undefined when there is none. A state whose choices are not known counts as one from which there is a way.
 */
export function firstWithoutEnd(search: Search): number | undefined {
  const { states } = search;
  const { begins, sources } = reversed(search);
  const reaches = new Uint8Array(states);
  const queue: number[] = [];
  for (let state = 0; state < states; state++) {
    if (state < search.expanded && !search.hasEnded(state)) continue;
    reaches[state] = 1;
    queue.push(state);
  }
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    for (let index = begins[state] ?? 0; index < (begins[state + 1] ?? 0); index++) {
      const source = sources[index] ?? 0;
      if (reaches[source] === 1) continue;
      reaches[source] = 1;
      queue.push(source);
    }
  }
  const found = reaches.indexOf(0);
  return found < 0 ? undefined : found;
}

/** Of each state, from where one comes to it: its sources stand in one row from `begins[state]` to `begins[state + 1]`. */
function reversed(search: Search): { readonly begins: Uint32Array; readonly sources: Uint32Array } {
  const begins = new Uint32Array(search.states + 2);
  search.eachLead((_from, to) => {
    begins[to + 2] = (begins[to + 2] ?? 0) + 1;
  });
  for (let state = 2; state < begins.length; state++) begins[state] = (begins[state] ?? 0) + (begins[state - 1] ?? 0);
  const sources = new Uint32Array(begins.at(-1) ?? 0);
  search.eachLead((from, to) => {
    const place = begins[to + 1] ?? 0;
    sources[place] = from;
    begins[to + 1] = place + 1;
  });
  return { begins, sources };
}
