import { type Json, numberAt, objectAt } from '../../../model/json.ts';
import { answerWith, messagesAnswer, type LinstorAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { modificationOf } from './modification.ts';
import { shapes } from './request-shapes.ts';
import { returnCode } from './ret-codes.ts';
import type { Route, RouteRequest } from './route.ts';
import { missingGroup } from './routes-groups.ts';
import { findByName, type ResourceGroup, type VolumeGroup } from './store.ts';
import { volumeGroupView } from './views.ts';

const list = '/v1/resource-groups/{group}/volume-groups';

/** Templates of the volumes that a group spawns. */
export const volumeGroupRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: list,
    handle: (context, request) =>
      withGroup(context, request, (group) => answerWith([...group.volumeGroups.values()].map(volumeGroupView))),
  },
  {
    method: 'GET',
    pattern: `${list}/{number}`,
    handle: (context, request) =>
      withVolumeGroup(context, request, 'read', (_group, found) => answerWith(volumeGroupView(found))),
  },
  {
    method: 'POST',
    pattern: list,
    accepts: shapes.volumeGroup,
    bodyOptional: true,
    handle: (context, request) => withGroup(context, request, (group) => create(context, group, request.body)),
  },
  {
    method: 'DELETE',
    pattern: `${list}/{number}`,
    handle: (context, request) =>
      withVolumeGroup(context, request, 'change', (group, { number, uuid }) => {
        group.volumeGroups.delete(number);
        const named = `Volume group with number '${number}' of resource group '${group.name}'`;
        const refs = { UUID: uuid, VlmGrp: group.name };
        // LINSTOR answers with the "create" operation here.
        const code = returnCode('success', 'create', 'volumeGroup', 2);
        const entry = { code, message: `${named} deleted.`, details: `${named} UUID was: ${uuid}`, refs };
        return messagesAnswer([entry], context.wallNow);
      }),
  },
];

function create(context: LinstorContext, group: ResourceGroup, body: Json): LinstorAnswer {
  const number = numberAt(body, 'volume_number') ?? firstFreeNumber(group);
  const details = `Volume groups for resource group '${group.name}'`;
  const refs = { RscGrp: group.name, VlmGrp: group.name, VlmNr: String(number) };
  if ([...context.store.definitions.values()].some((each) => each.group === group.name)) {
    const message = 'Volume group cannot be created while the resource group has already resource definitions.';
    const code = returnCode('error', 'create', 'volumeGroup', 501);
    return messagesAnswer([{ code, message, details, refs: { VlmGrp: group.name } }], context.wallNow);
  }
  if (group.volumeGroups.has(number)) {
    const message = `A volume group with the number ${number} already exists in resource group '${group.name}'.`;
    const where = `Resource group: ${group.name}, Volume number: ${number}\n${details}`;
    const code = returnCode('error', 'create', 'volumeGroup', 523);
    const entry = { code, message, cause: 'The VolumeGroup already exists', details: where, refs };
    return messagesAnswer([entry], context.wallNow);
  }
  const { override } = modificationOf({ override_props: objectAt(body, 'props') });
  const uuid = context.random.uuid();
  group.volumeGroups.set(number, { number, uuid, properties: new Map(Object.entries(override)) });
  const message = `New volume group with number '${number}' of resource group '${group.name}' created.`;
  return messagesAnswer(
    [{ code: returnCode('success', 'create', 'volumeGroup', 1), message, refs }],
    context.wallNow,
    201,
  );
}

function firstFreeNumber({ volumeGroups }: ResourceGroup): number {
  let number = 0;
  while (volumeGroups.has(number)) number++;
  return number;
}

function withGroup(
  context: LinstorContext,
  { path: { group: name = '' } }: RouteRequest,
  then: (group: ResourceGroup) => LinstorAnswer,
): LinstorAnswer {
  const group = findByName(context.store.groups, name);
  return group === undefined ? missingGroup(context, name) : then(group);
}

/** As LINSTOR loads one (LINBIT/linstor-server `CtrlApiDataLoader.loadVlmGrp`); a read says less of what it was about. */
function withVolumeGroup(
  context: LinstorContext,
  request: RouteRequest,
  kind: 'read' | 'change',
  then: (group: ResourceGroup, found: VolumeGroup) => LinstorAnswer,
): LinstorAnswer {
  return withGroup(context, request, (group) => {
    const { number = '' } = request.path;
    const found = group.volumeGroups.get(Number(number));
    if (found !== undefined) return then(group, found);
    const named = `volume group '${group.name}' with volume number '${number}'`;
    const told = {
      message: `V${named.slice(1)} not found.`,
      cause: `The specified ${named} could not be found in the database`,
      correction: `Create a volume group with the name '${group.name}' and volume number '${number}' first.`,
    };
    const about = { details: `Volume groups for resource group '${group.name}'`, refs: { VlmGrp: group.name } };
    const entry =
      kind === 'read'
        ? { code: returnCode('error', 'none', 'none', 318), ...told }
        : { code: returnCode('error', 'create', 'volumeGroup', 318), ...told, ...about };
    return messagesAnswer([entry], context.wallNow);
  });
}
