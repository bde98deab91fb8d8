import { isJsonObject, type Json } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import { isChange } from '../interference.ts';
import { plantedSecret, secretTexts } from '../planted-secret.ts';
import { stageNamespace } from '../stage.ts';
import type { Property } from './property.ts';

/** What is secret stays in Secrets. */
export const noSecrets: Property = {
  id: 'S18',
  name: 'NoSecrets',
  says: 'What stands in a Secret of a protected VM is copied into the Secret on the other site, and shows in no other request, status, event, log or line of a timeline.',
  watch: ({ copies, onRequest, twin }, judge) => {
    for (const { resource, body, site } of copies) {
      if (resource.plural !== resources.secret.plural)
        judge.check(!mentions(body), () => `the copy of ${resource.plural} on ${site} holds what is secret`);
    }
    onRequest.add(({ host, request }) => {
      if (!isChange(request) || request.resource.plural === resources.secret.plural) return;
      judge.check(!mentions(request.body), () => `${host} writes what is secret into ${request.resource.plural}`);
    });
    return {
      rested: (timeline) => {
        judge.check(!timeline.some(({ text }) => mentions(text)), () => 'the timeline holds what is secret');
        for (const [name, { lines }] of twin.logs)
          judge.check(!lines.some(mentions), () => `the log of ${name} holds what is secret`);
        for (const { name } of twin.sites) {
          const events = twin.world.cluster(name).api.list(resources.event, stageNamespace);
          judge.check(
            !events.some((event) => mentions(event as unknown as Json)),
            () => `an event on ${name} holds ${plantedSecret}`,
          );
        }
      },
    };
  },
};

/** True when a secret text is somewhere in a value, as it is or as a Secret holds it. */
function mentions(value: Json | undefined): boolean {
  if (typeof value === 'string') return secretTexts.some((text) => value.includes(text));
  if (Array.isArray(value)) return value.some(mentions);
  return isJsonObject(value) && Object.values(value).some(mentions);
}
