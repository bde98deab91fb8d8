import { cancelIsRequested, isUnfinished } from '../../model/failover.ts';
import { quorumTaintKeys } from '../../model/gates.ts';
import { listAt, textAt } from '../../model/json.ts';
import { type KubeObject, type ResourceType, resources } from '../../model/kube.ts';
import { podIsFinal } from '../../model/launcher-pod.ts';
import type { SiteName } from '../../model/site.ts';
import { type Stage, stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import { sceneKey } from './scene-key.ts';
import type { Spells } from './spells.ts';

/** Notes what the objects of both sites say that a failover's gates look at. */
export function watchObjects(stage: Stage, spells: Spells): void {
  for (const site of stageSites) {
    const { api } = stage.twin.world.cluster(site);
    const notes = notesOn(stage, site, spells);
    for (const [type, note] of notes) for (const object of api.list(type)) note(object, true);
    const byPlural = new Map(notes.map(([type, note]) => [type.plural, note]));
    api.onChange(({ type, resource, object }) => byPlural.get(resource.plural)?.(object, type !== 'DELETED'));
  }
}

/** Called with an object of its type, and whether it is there. */
type Note = (object: KubeObject, isThere: boolean) => void;

function notesOn({ twin }: Stage, site: SiteName, spells: Spells): readonly (readonly [ResourceType, Note])[] {
  const { api } = twin.world.cluster(site);
  const exists =
    ({ kind }: ResourceType): Note =>
    ({ metadata: { name } }, isThere) =>
      spells.note(sceneKey.lacks(kind, name, site), !isThere);
  return [
    [
      resources.pod,
      (pod) => {
        const vm = vmOf(pod);
        if (vm === undefined) return;
        const left = api.list(resources.pod, stageNamespace).some((each) => vmOf(each) === vm && !podIsFinal(each));
        spells.note(sceneKey.launcher(vm, site), left);
      },
    ],
    [
      resources.volumeAttachment,
      (attachment) => {
        const volume = volumeOf(attachment);
        const left = api.list(resources.volumeAttachment).some((each) => volumeOf(each) === volume);
        spells.note(sceneKey.attached(volume, site), left);
      },
    ],
    [
      resources.node,
      (node) => {
        const keys = listAt(node, 'spec', 'taints').map((taint) => textAt(taint, 'key') ?? '');
        spells.note(
          sceneKey.tainted(node.metadata.name),
          keys.some((key) => quorumTaintKeys.includes(key)),
        );
      },
    ],
    [
      resources.protectionGroup,
      (group) => {
        const desired = textAt(group, 'spec', 'desiredState');
        spells.note(sceneKey.toldToRun(group.metadata.name, site), desired === 'running');
        spells.note(sceneKey.toldToStop(group.metadata.name, site), desired === 'stopped');
      },
    ],
    [
      resources.failover,
      (operation) => {
        const { name } = operation.metadata;
        spells.note(
          sceneKey.driven(name),
          isUnfinished(operation) && textAt(operation, 'status', 'holder') !== undefined,
        );
        spells.note(sceneKey.givenUp(name), cancelIsRequested(operation));
      },
    ],
    [resources.virtualMachine, exists(resources.virtualMachine)],
    [resources.persistentVolume, exists(resources.persistentVolume)],
  ];
}

function vmOf({ metadata }: KubeObject): string | undefined {
  return metadata.labels?.['kubevirt.io'] === 'virt-launcher' ? metadata.labels['vm.kubevirt.io/name'] : undefined;
}

/** Name of the volume; DRBD's is the same on all sites, and that of its LINSTOR resource. */
function volumeOf(attachment: KubeObject): string {
  return textAt(attachment, 'spec', 'source', 'persistentVolumeName') ?? '';
}
