import { numberAt, objectAt } from '../../../model/json.ts';
import { answerWith, messagesAnswer, type LinstorAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { modificationOf } from './modification.ts';
import { shapes } from './request-shapes.ts';
import { returnCode } from './ret-codes.ts';
import type { Route, RouteRequest } from './route.ts';
import { missingGroup } from './routes-groups.ts';
import { notFound } from './missing.ts';
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
      withGroup(context, request, (group) => {
        const { number = '' } = request.path;
        const found = group.volumeGroups.get(Number(number));
        if (found !== undefined) return answerWith(volumeGroupView(found));
        return notFound(318, `Volume group '${number}' of resource group '${group.name}' not found.`, context.wallNow);
      }),
  },
  {
    method: 'POST',
    pattern: list,
    accepts: shapes.volumeGroup,
    bodyOptional: true,
    handle: (context, request) =>
      withGroup(context, request, (group) => {
        const number = numberAt(request.body, 'volume_number') ?? group.volumeGroups.size;
        const { override } = modificationOf({ override_props: objectAt(request.body, 'props') });
        const added: VolumeGroup = {
          number,
          uuid: context.random.uuid(),
          properties: new Map(Object.entries(override)),
        };
        group.volumeGroups.set(number, added);
        const message = `New volume group with number '${number}' of resource group '${group.name}' created.`;
        const refs = { RscGrp: group.name, VlmGrp: group.name, VlmNr: String(number) };
        const code = returnCode('success', 'create', 'volumeGroup', 1);
        return messagesAnswer([{ code, message, refs }], context.wallNow, 201);
      }),
  },
  {
    method: 'DELETE',
    pattern: `${list}/{number}`,
    handle: (context, request) =>
      withGroup(context, request, (group) => {
        const { number = '' } = request.path;
        group.volumeGroups.delete(Number(number));
        const message = `Volume group with number '${number}' of resource group '${group.name}' deleted.`;
        const refs = { RscGrp: group.name, VlmGrp: group.name, VlmNr: number };
        const code = returnCode('success', 'delete', 'volumeGroup', 2);
        return messagesAnswer([{ code, message, refs }], context.wallNow);
      }),
  },
];

function withGroup(
  context: LinstorContext,
  { path: { group: name = '' } }: RouteRequest,
  then: (group: ResourceGroup) => LinstorAnswer,
): LinstorAnswer {
  const group = findByName(context.store.groups, name);
  return group === undefined ? missingGroup(context, name) : then(group);
}
