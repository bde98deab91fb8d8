import type { CsiError } from '../behaviours/storage/csi-ports.ts';

export function failed(code: string, message: string): CsiError {
  return { kind: 'error', code, message };
}

/** The refusal of a call that lacks an argument: `missingAttr` in `pkg/driver/driver.go`. */
export function missingArgument(call: string, volume: string, argument: string): CsiError {
  const name = volume === '' ? 'an unknown volume' : volume;
  return failed('InvalidArgument', `${call} failed for ${name}: it requires a ${argument} and none was provided`);
}
