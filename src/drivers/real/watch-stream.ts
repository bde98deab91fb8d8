import type { Millis } from '../../model/instant.ts';
import { numberAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/kube.ts';
import type { Outcome } from '../../model/request.ts';
import { connectionTrouble } from './connection-trouble.ts';
import type { HttpCall, HttpStream } from './http-call.ts';
import type { Transport } from './kube-transport.ts';
import { kubeOutcome } from './outcome-of-answer.ts';
import { watchdog } from './system-clock.ts';

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  | { readonly type: 'BOOKMARK'; readonly object: KubeObject };

/** How a watch ended. */
export type WatchEnd =
  /** The server closed it in good order, or it was ended here. */
  | { readonly kind: 'closed' }
  /** 410: the history since the version asked for is gone. Only a new list helps. */
  | { readonly kind: 'expired' }
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfter?: Millis };

export interface WatchSettings {
  readonly transport: Transport;
  readonly call: HttpCall;
  /** Longest wait for the head of the answer, and longest silence after it. */
  readonly connectLimit: Millis;
  readonly silence: Millis;
  /** The watch is ended in good order after this time, whatever the server was asked for. */
  readonly lifetime: Millis;
  readonly signal: AbortSignal;
  onOpen(): void;
  onEvent(event: WatchEvent): void;
}

/** One watch, from its request to its end. Never rejects for what the world does. @throws AccessError */
export async function watchOnce(settings: WatchSettings): Promise<WatchEnd> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(settings.signal.reason);
  if (settings.signal.aborted) return { kind: 'closed' };
  settings.signal.addEventListener('abort', abort, { once: true });
  const connecting = watchdog(settings.connectLimit, () => controller.abort(new Error('no answer in time')));
  try {
    const started = await settings.transport.start(settings.call, controller.signal);
    connecting.release();
    if (started.kind === 'failed')
      return settings.signal.aborted ? { kind: 'closed' } : failed(connectionTrouble(started.error));
    if (started.response.statusCode !== 200) return await refusalOf(started, settings.silence);
    settings.onOpen();
    return await readEvents(started, settings, controller);
  } finally {
    connecting.release();
    settings.signal.removeEventListener('abort', abort);
    controller.abort();
  }
}

async function readEvents(
  { response }: HttpStream,
  settings: WatchSettings,
  controller: AbortController,
): Promise<WatchEnd> {
  let ended: WatchEnd | undefined;
  const endWith = (end: WatchEnd) => (): void => {
    ended = end;
    controller.abort();
  };
  const dog = watchdog(settings.silence, endWith(failed(`nothing was heard for ${settings.silence / 1000} s`)));
  const life = watchdog(settings.lifetime, endWith({ kind: 'closed' }));
  let rest = '';
  response.setEncoding('utf8');
  try {
    for await (const chunk of response) {
      dog.touch();
      const lines = (rest + (chunk as string)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (settings.signal.aborted) return { kind: 'closed' }; // what still lies in the buffer belongs to nobody
        const end = line.trim() === '' ? undefined : takeLine(line, settings);
        if (end !== undefined) return end;
      }
    }
    return { kind: 'closed' };
  } catch (error) {
    if (settings.signal.aborted) return { kind: 'closed' };
    return ended ?? failed(connectionTrouble(error));
  } finally {
    dog.release();
    life.release();
  }
}

/** The end that a line brings, if it brings one. */
function takeLine(line: string, settings: WatchSettings): WatchEnd | undefined {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    return failed('a line of the watch is not JSON');
  }
  const type = textAt(event, 'type');
  const object = (event as { readonly object?: unknown } | null)?.object as KubeObject;
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK') {
    settings.onEvent({ type, object });
    return undefined;
  }
  if (type !== 'ERROR') return failed(`the watch sent an event of type ${type ?? '(none)'}`);
  if (numberAt(object, 'code') === 410) return { kind: 'expired' };
  return failed(textAt(object, 'message') ?? 'the watch ended with an error');
}

async function refusalOf({ response }: HttpStream, limit: Millis): Promise<WatchEnd> {
  const dog = watchdog(limit, () => response.destroy());
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch {
    // The status is known; the rest of the text is not needed.
  } finally {
    dog.release();
  }
  const status = response.statusCode ?? 0;
  if (status === 410) return { kind: 'expired' };
  const text = Buffer.concat(chunks).toString('utf8');
  const answer = { kind: 'answered', status, headers: response.headers, text, complete: response.complete } as const;
  const outcome: Outcome = kubeOutcome(answer, 'the server');
  const seconds = Number(response.headers['retry-after']);
  return failed(
    outcome.kind === 'applied' ? `status ${status}` : outcome.message,
    seconds > 0 ? seconds * 1000 : undefined,
  );
}

const failed = (reason: string, retryAfter?: Millis): WatchEnd => ({
  kind: 'failed',
  reason,
  ...(retryAfter !== undefined && { retryAfter }),
});
