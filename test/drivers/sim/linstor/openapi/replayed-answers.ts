import { join } from 'node:path';
import { LinstorController } from '../../../../../src/drivers/sim/linstor/controller.ts';
import type { LinstorRequest } from '../../../../../src/drivers/sim/linstor/routes.ts';
import { csiPlayer } from '../../../../likeness/csi/player.ts';
import { linstorPlayer } from '../../../../likeness/linstor/player.ts';
import { readRecording, recordingsIn } from '../../../../likeness/play-recordings.ts';
import type { Answered } from './described-api.ts';
import { isBodiless } from './recorded-answers.ts';

const folder = join(import.meta.dirname, '../../../../recordings');

/** What the world answers to the requests in every recording of LINSTOR and of linstor-csi. */
export function replayedAnswers(): readonly Answered[] {
  return answersDuring(() => {
    for (const { path, player } of recordingsIn(folder))
      if (player === linstorPlayer || player === csiPlayer)
        player.play(readRecording(join(folder, path)), { siblings: () => [], definitions: () => [] });
  });
}

/** Every answer of every simulated controller while `run` runs; of HEAD and OPTIONS none. */
export function answersDuring(run: () => void): readonly Answered[] {
  const answers: Answered[] = [];
  const { request } = LinstorController.prototype;
  LinstorController.prototype.request = function (this: LinstorController, sent: LinstorRequest) {
    const answer = request.call(this, sent);
    const { method, path } = sent;
    if (!isBodiless(method)) answers.push({ method, path, status: answer.status, text: answer.text() });
    return answer;
  };
  try {
    run();
  } finally {
    LinstorController.prototype.request = request;
  }
  return answers;
}
