import type { Json } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/kube.ts';
import type { Instant } from '../../../model/instant.ts';

/** One column of a metav1.Table. Priority 1 shows with `-o wide` only. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

/** How objects of one resource become rows. */
export interface Printer {
  /** One cell per column, in their order. */
  cells(object: KubeObject, now: Instant): readonly Json[];
  /** Conditions of the row: `Completed` lets clients leave out a finished pod. */
  conditions?(object: KubeObject): readonly Json[];
}
