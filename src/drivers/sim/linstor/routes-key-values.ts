import { answerWith, messagesAnswer } from './answer.ts';
import { notFound } from './missing.ts';
import { applyModification, modificationOf } from './modification.ts';
import { shapes } from './request-shapes.ts';
import { returnCode } from './ret-codes.ts';
import type { Route } from './route.ts';
import { findByName, type KeyValueStore, sorted } from './store.ts';
import { keyValueView } from './views.ts';

const one = '/v1/key-value-store/{instance}';

/** Key-value stores: properties of anybody's own, one set for each name. A store is made by its first change. */
export const keyValueRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/v1/key-value-store',
    handle: ({ store }) => answerWith(sorted(store.keyValues).map(keyValueView)),
  },
  {
    method: 'GET',
    pattern: one,
    handle: ({ store, wallNow }, { path: { instance = '' } }) => {
      const found = findByName(store.keyValues, instance);
      if (found !== undefined) return answerWith([keyValueView(found)]);
      return notFound(316, `Could not find key value store instance '${instance}'.`, wallNow);
    },
  },
  {
    method: 'PUT',
    pattern: one,
    accepts: shapes.keyValueModify,
    badBody: 400,
    handle: ({ store, random, wallNow }, { path: { instance = '' }, body }) => {
      const found: KeyValueStore = findByName(store.keyValues, instance) ?? {
        name: instance,
        uuid: random.uuid(),
        properties: new Map(),
      };
      store.keyValues.set(instance.toLowerCase(), found);
      applyModification(found.properties, modificationOf(body), 'none', {});
      const code = returnCode('success', 'modify', 'controller', 3);
      return messagesAnswer([{ code, message: 'Successfully updated properties' }], wallNow);
    },
  },
  {
    method: 'DELETE',
    pattern: one,
    handle: ({ store, wallNow }, { path: { instance = '' } }) => {
      const found = findByName(store.keyValues, instance);
      store.keyValues.delete(instance.toLowerCase());
      if (found === undefined) {
        const message = `Deletion of kvs '${instance}' had no effect.`;
        const code = returnCode('warn', 'none', 'none', 3000);
        return messagesAnswer([{ code, message, cause: `Kvs '${instance}' does not exist.` }], wallNow);
      }
      const details = `Kvs '${found.name}' UUID was: ${found.uuid}`;
      const code = returnCode('success', 'none', 'none', 2);
      return messagesAnswer([{ code, message: `Kvs '${found.name}' deleted.`, details }], wallNow);
    },
  },
];
