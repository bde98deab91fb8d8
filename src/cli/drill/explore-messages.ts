import type { ExploreProgress, ExploreReplay, ExploreReport } from '../../drills/explore/exploration.ts';
import type { ExploreSettings } from '../../drills/explore/settings.ts';
import type { Json, JsonObject } from '../../model/json.ts';

/** What a drill thread is started with for a search of the small world, or for playing one of its counterexamples again. */
export type ExploreOrder =
  | {
      readonly kind: 'explore';
      readonly definitions: readonly JsonObject[];
      readonly settings: ExploreSettings;
    }
  | { readonly kind: 'retrace'; readonly definitions: readonly JsonObject[]; readonly document: Json };

/** What it tells: the progress about twice a second, the others once, at the end. */
export type ExploreMessage =
  | { readonly kind: 'exploring'; readonly progress: ExploreProgress }
  | {
      readonly kind: 'explored';
      readonly report: ExploreReport;
      /** Real time of the search itself. */
      readonly milliseconds: number;
    }
  | {
      readonly kind: 'retraced';
      /** A sentence that says why the document is none; else what came of it. */
      readonly result: string | (ExploreReplay & { readonly property: string; readonly choices: readonly string[] });
    };
