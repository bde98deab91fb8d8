import { instantOf, type Millis, minute, second } from '../../model/instant.ts';
import { textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import type { TapeItem } from '../tape.ts';
import type { Property } from './property.ts';
import { operationsOf } from './staged-objects.ts';

/** What a recovery may take where nothing is in its way; a comparison reads whole disks. */
const quietLimit: Millis = 10 * minute;

/** What a person has accepted is done where nothing is in its way. */
export const recoveriesSucceed: Property = {
  id: 'L19',
  name: 'RecoverySucceeds',
  says: 'Where nothing is wrong but the copies that have parted, or differ, a recovery succeeds within ten minutes, and so does a comparison, unless it finds a difference that it is not to repair.',
  watch: (stage, judge) => {
    const { items } = stage.tape;
    if (!items.some(({ kind }) => kind === 'recovery') || !items.every(isQuiet)) return undefined;
    const repairs = new Set(
      items.flatMap((item) =>
        item.kind === 'recovery' && (item.survivor ?? item.repair) !== undefined ? [item.name] : [],
      ),
    );
    const rested = (): void => {
      const recoveries = operationsOf(stage).filter(({ operation }) => operation.kind === resources.recovery.kind);
      for (const { operation } of recoveries) {
        const { name } = operation.metadata;
        const phase = textAt(operation, 'status', 'phase');
        const isEnd = phase === 'Succeeded' || (phase === 'NeedsAttention' && !repairs.has(name));
        judge.check(isEnd, () => `${name} ended as ${phase}: ${textAt(operation, 'status', 'message')}`);
        const [start = 0, end = 0] = ['startTime', 'completionTime'].map(
          (field) => instantOf(textAt(operation, 'status', field)) ?? 0,
        );
        judge.check(end - start <= quietLimit, () => `${name} took ${(end - start) / second} s`);
      }
    };
    return { rested };
  },
};

/** True for what parts copies, and is over when somebody looks, and for what brings them together again. */
function isQuiet(item: TapeItem): boolean {
  if (item.kind !== 'fault') return item.kind === 'recovery';
  return (
    item.fault.kind === 'split-brain' ||
    (item.fault.kind === 'link-cut' && item.fault.plane === 'drbd' && typeof item.lasts === 'number')
  );
}
