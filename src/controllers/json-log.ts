import type { Clock, Log, LogKeys } from '../runtime/ports.ts';
import { type LogLevel, logText } from '../runtime/log-line.ts';

/** A log of JSON lines. */
export function jsonLog(clock: Clock, write: (text: string) => void): Log {
  const at =
    (level: LogLevel) =>
    (message: string, keys: LogKeys = {}): void =>
      write(`${logText(clock.now(), { level, message, keys })}\n`);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
