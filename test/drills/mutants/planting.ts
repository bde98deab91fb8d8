import { registerHooks } from 'node:module';
import type { SourceChange } from './mutant.ts';

/**
 * Changes the product's sources as this thread loads them; the files stay as they are. To be called before anything of the
 * product is loaded. `root` is the folder of the checkout.
 */
export function plant(changes: readonly SourceChange[], root: URL): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const own = changes.filter(({ file }) => new URL(file, root).href === url);
      if (own.length === 0 || loaded.source === undefined || loaded.source === null) return loaded;
      const text = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
      return { ...loaded, source: own.reduce(changed, text) };
    },
  });
}

/** The text with a change made. Throws when the place of the change is not there, or not the only one. */
export function changed(text: string, change: SourceChange): string {
  if ('append' in change) return `${text}\n${change.append}\n`;
  const places = text.split(change.from).length - 1;
  if (places === 1) return text.replace(change.from, () => change.to);
  throw new Error(
    `${change.file} holds this ${places} times, and a planted bug takes its place: ${change.from}\nSay in test/drills/mutants what the bug looks like now`,
  );
}
