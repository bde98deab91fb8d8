import type { Player } from '../played.ts';
import { callsOf } from './call.ts';
import { csiRig, seenVolumes } from './rig.ts';
import { CsiStage, stepsOf } from './stage.ts';

/** gRPC calls: the whole answer, every request to LINSTOR that the driver makes for it, and LINSTOR's answers. */
export const csiPlayer: Player = {
  files: /^csi\/recordings\/[^/]+\.json$/,
  play: (recording, { siblings }) => {
    const calls = callsOf(recording);
    const others = siblings()
      .filter((each) => each !== recording)
      .flatMap(callsOf);
    const stage = new CsiStage(csiRig(calls, others), seenVolumes(calls, others));
    const misses = calls.flatMap((call, index) => stage.play(call, index, calls[index + 1]));
    return { total: calls.reduce((sum, call) => sum + stepsOf(call), 0), misses };
  },
};
