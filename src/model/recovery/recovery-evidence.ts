import { type Consent, type ConsentNeed, statementOf } from '../consent.ts';
import { digestOf } from '../digest.ts';
import type { Json } from '../json.ts';
import type { Known } from '../known.ts';
import { type Copy, diskfulCopies, generationTowards, silentCopies, type VolumeCopies } from './copies.ts';
import { type Loss, type VolumeOutlook, volumeOutlook } from './recovery-outlook.ts';
import { type RecoveryConsentKind, type RecoveryRequest, replacedSite } from './recovery-request.ts';
import { mustDiscard } from './reunion.ts';
import { snapshotObstacle } from './snapshots.ts';

/** What was seen of a group before a recovery of it. */
export interface RecoveryScene {
  /** The highest epoch that a site tells. */
  readonly epoch: number;
  readonly volumes: readonly VolumeCopies[];
  /** LINSTOR's `GET /v1/view/resources`. */
  readonly storage: Known<Json>;
}

/** A copy that is given up, as it was when a person agreed to that. */
export interface GivenUp {
  readonly resource: string;
  readonly node: string;
  /** Generation of its data, as it counts towards the survivor. */
  readonly generation: string;
  /** Whether a snapshot of it is taken before. */
  readonly snapshot: boolean;
}

/** What a recovery may do, by what was seen. */
export interface RecoveryEvidence {
  /** What keeps anything from being done, in sentences. */
  readonly obstacles: readonly string[];
  /** What a person has to accept; empty where nothing is lost. */
  readonly needs: readonly ConsentNeed<RecoveryConsentKind>[];
  /** Names what was seen: a consent holds for this only. */
  readonly digest: string;
  /** Resolve: the node of each volume whose copy survives. */
  readonly survivors: Readonly<Record<string, string>>;
  readonly givenUp: readonly GivenUp[];
}

/** The evidence before a recovery. */
export function recoveryEvidence(request: RecoveryRequest, scene: RecoveryScene): RecoveryEvidence {
  const { group } = request;
  const unknown = scene.volumes.length === 0 ? [`the volumes of ${group} are not known`] : [];
  const evidence = request.action === 'Resolve' ? resolveEvidence(request, scene) : verifyEvidence(request, scene);
  return { ...evidence, obstacles: [...unknown, ...evidence.obstacles] };
}

/** The needs for which no consent was given on this very evidence, each with whether one was given on another. */
export function unmetNeeds(
  { needs, digest }: RecoveryEvidence,
  consents: readonly Consent<RecoveryConsentKind>[],
): readonly { readonly need: ConsentNeed<RecoveryConsentKind>; readonly isStale: boolean }[] {
  return needs.flatMap((need) => {
    const given = consents.filter(({ kind }) => kind === need.kind);
    return given.some(({ evidence }) => evidence === digest) ? [] : [{ need, isStale: given.length > 0 }];
  });
}

/** The consents that the evidence asks for, given. */
export function recoveryConsents(
  { needs, digest }: RecoveryEvidence,
  givenBy: string,
  givenAt: string,
): readonly Consent<RecoveryConsentKind>[] {
  return needs.map((need) => ({ ...need, evidence: digest, givenBy, givenAt }));
}

function resolveEvidence(request: RecoveryRequest, { epoch, volumes, storage }: RecoveryScene): RecoveryEvidence {
  const { namespace, group, survivor = '' } = request;
  const outlooks = volumes.map((volume) => volumeOutlook(volume, survivor));
  const snapshots = new Map(volumes.map((volume) => [volume.resource, snapshotObstacle(volume, storage)]));
  const given = outlooks.flatMap((outlook) =>
    givenUpIn(outlook, (resource) => takesOne(request, snapshots.get(resource))),
  );
  const losses = outlooks.flatMap((outlook) => outlook.losses);
  const undecided = request.snapshot
    ? given.flatMap(({ resource }) => {
        const obstacle = snapshots.get(resource);
        return obstacle?.known === false
          ? [`whether ${resource} can be kept in a snapshot is not known: ${obstacle.why}; --no-snapshot does without`]
          : [];
      })
    : [];
  return {
    obstacles: [...outlooks.flatMap(obstaclesIn), ...new Set(undecided)],
    needs: resolveNeeds(request, losses, given, snapshots),
    digest: digestOf([
      namespace,
      group,
      'Resolve',
      survivor,
      epoch,
      outlooks.map(({ volume, survivor: node, losses: lost }) => [
        volume.resource,
        node,
        generationsIn(volume),
        lost.map(({ kind, node: at }) => [kind, at]),
      ]),
      given.map(({ snapshot }) => snapshot),
    ]),
    survivors: Object.fromEntries(
      outlooks.flatMap(({ volume, survivor: node }) => (node ? [[volume.resource, node]] : [])),
    ),
    givenUp: given,
  };
}

function takesOne({ snapshot }: RecoveryRequest, obstacle: Known<string | undefined> | undefined): boolean {
  return snapshot && obstacle?.known === true && obstacle.value === undefined;
}

/** What nobody can decide on: a copy that is not told of, or whose data are not. */
function obstaclesIn({ volume, survivor, next }: VolumeOutlook): readonly string[] {
  if (survivor === undefined) return next.blockers;
  if (volume.silent.length > 0) return volume.silent.map((why) => `${volume.resource}: ${why}`);
  return diskfulCopies(volume).length < 2 ? [`${volume.resource}: there is no other copy`] : [];
}

function givenUpIn(
  { volume, survivor: node }: VolumeOutlook,
  takesSnapshot: (resource: string) => boolean,
): readonly GivenUp[] {
  const { resource } = volume;
  const survivor = diskfulCopies(volume).find(({ satellite }) => satellite.node === node);
  if (survivor === undefined) return [];
  return diskfulCopies(volume).flatMap((copy) => {
    const generation = generationTowards(copy, survivor);
    if (copy === survivor || generation === undefined || !mustDiscard(survivor, copy)) return [];
    return [{ resource, node: copy.satellite.node, generation, snapshot: takesSnapshot(resource) }];
  });
}

function resolveNeeds(
  request: RecoveryRequest,
  losses: readonly Loss[],
  given: readonly GivenUp[],
  snapshots: ReadonlyMap<string, Known<string | undefined>>,
): readonly ConsentNeed<RecoveryConsentKind>[] {
  const of = (kind: Loss['kind']): readonly string[] =>
    losses.flatMap((loss) => (loss.kind === kind ? [loss.what] : []));
  const [discarded, cut] = [of('DiscardCopy'), of('DemoteByForce')];
  if (discarded.length + cut.length === 0) return [];
  const site = replacedSite(request) ?? '';
  return [
    ...(discarded.length > 0
      ? [
          {
            kind: 'DiscardCopy' as const,
            statement: statementOf(`${snapshotSentence(request, given, snapshots)} ${discarded.join('; ')}`),
          },
        ]
      : []),
    ...(cut.length > 0 ? [{ kind: 'DemoteByForce' as const, statement: statementOf(cut.join('; ')) }] : []),
    { kind: 'ReplaceBlocks', statement: replaceStatement(site) },
  ];
}

/** What is kept of what is given up. It comes first: a long statement is cut. */
function snapshotSentence(
  { snapshot }: RecoveryRequest,
  given: readonly GivenUp[],
  snapshots: ReadonlyMap<string, Known<string | undefined>>,
): string {
  if (!snapshot) return 'No snapshot is taken of what is lost:';
  const without = given.filter((each) => !each.snapshot);
  if (without.length === 0) return 'The storage takes a snapshot first of what is lost:';
  const reasons = without.map(({ resource }) => {
    const obstacle = snapshots.get(resource);
    return obstacle?.known === true ? (obstacle.value ?? '') : (obstacle?.why ?? '');
  });
  const count = without.length === 1 ? '1 copy' : `${without.length} copies`;
  return `No snapshot can be taken of ${count} (${[...new Set(reasons)].join('; ')}). What is lost:`;
}

function replaceStatement(site: string): string {
  return `Where copies differ, the blocks on ${site} are replaced by those of its peer: what only ${site} holds there is lost.`;
}

function verifyEvidence(request: RecoveryRequest, { epoch, volumes }: RecoveryScene): RecoveryEvidence {
  const { namespace, group, repair } = request;
  return {
    obstacles: volumes.flatMap((volume) => [
      ...silentCopies(volume).map((node) => `${volume.resource}: the copy on ${node} is not told of`),
      ...(diskfulCopies(volume).length < 2 ? [`${volume.resource}: there are no two copies to compare`] : []),
    ]),
    needs: repair === undefined ? [] : [{ kind: 'ReplaceBlocks', statement: replaceStatement(repair) }],
    digest: digestOf([namespace, group, 'Verify', repair ?? '', epoch, volumes.map(placesIn)]),
    survivors: {},
    givenUp: [],
  };
}

function placesIn(volume: VolumeCopies): readonly unknown[] {
  return [volume.resource, diskfulCopies(volume).map(({ satellite }) => satellite.node)];
}

/** The generation of each copy towards each other one. Marks and roles that come and go are left out. */
function generationsIn(volume: VolumeCopies): readonly unknown[] {
  const copies = diskfulCopies(volume);
  return copies.map((copy: Copy) => [
    copy.satellite.node,
    copies.flatMap((other) => (other === copy ? [] : [generationTowards(copy, other) ?? 'unknown'])),
  ]);
}
