import { instantOf, timestamp } from '../../../model/instant.ts';
import { type Json, type JsonObject, textAt } from '../../../model/json.ts';
import { answerWith, messagesAnswer } from './answer.ts';
import { shapes } from './request-shapes.ts';
import { returnCode } from './ret-codes.ts';
import type { Route } from './route.ts';
import { type AuthToken, sorted } from './store.ts';
import { addToken } from './tokens.ts';

const list = '/v1/controller/auth/token';

/** Tokens of the API. They are asked for from the moment that token authentication is initialised (LINSTOR 1.34). */
export const tokenRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: list,
    handle: ({ store }) => {
      const views = [...store.auth.tokens.values()].map(tokenView);
      return answerWith({ count: views.length, ...(views.length === 0 ? {} : { list: views }) });
    },
  },
  {
    method: 'POST',
    pattern: list,
    accepts: shapes.tokenCreate,
    handle: (context, { body }) => {
      const { secret } = addToken(context, { ...wantedToken(body), isUserToken: true });
      const message = `Auth token created successfully: ${secret}`;
      const code = returnCode('success', 'none', 'none', 1);
      return messagesAnswer([{ code, message, refs: { token: secret } }], context.wallNow, 201);
    },
  },
  {
    method: 'POST',
    pattern: '/v1/controller/auth/initialize-token-auth',
    accepts: shapes.tokenInitialize,
    handle: (context, { body }) => {
      const { secret } = addToken(context, { ...wantedToken(body), isUserToken: true });
      for (const node of sorted(context.store.nodes)) {
        const ipFilter = node.interfaces[0]?.address;
        const description = `satellite:${node.name}`;
        addToken(context, { description, ipFilter, expiresAt: undefined, isUserToken: false });
      }
      context.store.auth.isRequired = true;
      context.store.properties.set('Auth/TokenAuthenticationEnabled', 'true');
      const message = `Token authentication initialized successfully. Init token ${secret}`;
      const code = returnCode('success', 'none', 'none', 1);
      return messagesAnswer([{ code, message, refs: { token: secret } }], context.wallNow, 201);
    },
  },
  {
    method: 'DELETE',
    pattern: `${list}/{id}`,
    handle: ({ store, wallNow }, { path: { id = '' } }) => {
      if (store.auth.tokens.delete(Number(id))) {
        const code = returnCode('success', 'none', 'none', 2);
        return messagesAnswer([{ code, message: 'Auth token revoked successfully' }], wallNow);
      }
      const message = 'Auth token not found or already revoked';
      const cause = 'The specified auth token does not exist or was already revoked';
      return messagesAnswer([{ code: returnCode('warn', 'none', 'none', 3000), message, cause }], wallNow);
    },
  },
];

function wantedToken(body: Json): Pick<AuthToken, 'description' | 'ipFilter' | 'expiresAt'> {
  return {
    description: textAt(body, 'description'),
    ipFilter: textAt(body, 'ip_filter'),
    expiresAt: instantOf(textAt(body, 'expires_at')),
  };
}

function tokenView({ id, createdAt, expiresAt, description, ipFilter, isUserToken }: AuthToken): JsonObject {
  return {
    id,
    created_at: timestamp(createdAt),
    is_active: true,
    ...(expiresAt === undefined ? {} : { expires_at: timestamp(expiresAt) }),
    ...(description === undefined ? {} : { description }),
    ...(ipFilter === undefined ? {} : { ip_filter: ipFilter }),
    is_user_token: isUserToken,
  };
}
