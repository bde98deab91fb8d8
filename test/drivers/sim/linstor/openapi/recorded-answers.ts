import { join } from 'node:path';
import { type Json, listAt, numberAt, textAt } from '../../../../../src/model/json.ts';
import { readRecording, recordingsIn } from '../../../../likeness/play-recordings.ts';
import type { Answered } from './described-api.ts';

/** A recorded answer of a real LINSTOR, and the program that asked for it. */
export interface RecordedAnswer extends Answered {
  readonly asker: 'linstor-csi' | 'python-linstor' | 'the recorder';
}

const folder = join(import.meta.dirname, '../../../../recordings');

/** Every recorded answer of a real LINSTOR, but for those that were cut off when they were recorded. */
export function recordedAnswers(): readonly RecordedAnswer[] {
  return recordingsIn(folder).flatMap(({ path, name }) => {
    if (name.startsWith('csi/')) return listAt(readRecording(join(folder, path))).flatMap(answersOfCall);
    if (!name.startsWith('linstor/')) return [];
    const asker = name.includes('python-linstor') ? 'python-linstor' : 'the recorder';
    return listAt(readRecording(join(folder, path))).flatMap((entry) => {
      const method = textAt(entry, 'request', 'method') ?? '';
      const status = numberAt(entry, 'response', 'status');
      const answer = {
        method,
        path: textAt(entry, 'request', 'path') ?? '',
        text: textAt(entry, 'response', 'body') ?? '',
      };
      return status === undefined || isBodiless(method) ? [] : [{ ...answer, status, asker } as const];
    });
  });
}

/** The requests that one call of linstor-csi made; without a call they are reads of the recorder. */
function answersOfCall(call: Json): readonly RecordedAnswer[] {
  const asker = textAt(call, 'request', 'method') === undefined ? 'the recorder' : 'linstor-csi';
  return listAt(call, 'linstor').flatMap((entry) => {
    const status = numberAt(entry, 'status');
    const text = textAt(entry, 'responseBody') ?? '';
    const [method = '', path = ''] = [textAt(entry, 'method'), textAt(entry, 'path')];
    return status === undefined || isBodiless(method) || isCutOff(text)
      ? []
      : [{ method, path, status, text, asker } as const];
  });
}

/** Requests whose answers tell nothing in a body that a description could be held against. */
export function isBodiless(method: string): boolean {
  return method === 'HEAD' || method === 'OPTIONS';
}

function isCutOff(text: string): boolean {
  return text.startsWith('[') && !text.trimEnd().endsWith(']');
}
