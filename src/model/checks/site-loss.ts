import type { VolumeView } from '../drbd-replica.ts';
import type { Finding } from '../findings.ts';
import type { GroupView } from '../group-view.ts';
import { quorumAfterLoss } from '../site-loss.ts';
import type { SiteName } from '../site.ts';
import { storageWords } from '../storage-words.ts';

/**
 * What the loss of either site would do to the quorum of the group's volumes, told before the disaster. Losing quorum keeps no
 * planned failover back, so it warns; that quorum is off is told on request.
 */
export function quorumSurvivesEitherSite({ volumes, scope }: GroupView): readonly Finding[] {
  if (!volumes.known) return [];
  const all = [...volumes.value.values()].flatMap((volume) => volume ?? []);
  const losses = [scope.source, scope.target].flatMap((lost) => lossFindings(all, lost));
  const off = all.filter((volume) => quorumAfterLoss(volume, scope.source) === 'off');
  return [...losses, ...(off.length === 0 ? [] : [quorumOff(off)])];
}

function lossFindings(volumes: readonly VolumeView[], lost: SiteName): readonly Finding[] {
  const concerned = volumes.filter((volume) => quorumAfterLoss(volume, lost) === 'lost');
  const [first] = concerned;
  if (first === undefined) return [];
  const words = storageWords(first);
  return [
    {
      id: 'QuorumLostWithSite',
      severity: 'warning',
      site: lost,
      object: words.object,
      what: `without ${lost} DRBD would have no quorum for ${concerned.map(({ resource }) => resource).join(', ')}`,
      why: `the copies that are left could not tell the loss of ${lost} from a cut link: an unplanned failover would have to override DRBD`,
      remedy: `put a tiebreaker on a node of a third site: ${words.addTiebreaker}`,
    },
  ];
}

function quorumOff(volumes: readonly VolumeView[]): Finding {
  const names = volumes.map(({ resource }) => resource);
  return {
    id: 'QuorumOff',
    severity: 'info',
    object: volumes.map((volume) => storageWords(volume).object)[0] ?? '',
    what: `DRBD asks for no quorum on ${names.join(', ')}`,
    why: 'either site may start alone at once, also when only the link between them is cut: nothing but people keeps the copies from parting',
    remedy: 'put a tiebreaker on a node of a third site; the storage then sets quorum to majority',
  };
}
