import type { SiteName } from '../../model/site.ts';

/** Whose operations are kept known, from where, and on which other sites: all else is observed. */
export interface HistoryContext {
  readonly site: SiteName;
  readonly namespace: string;
  readonly group: string;
  readonly otherSites: readonly SiteName[];
}
