// A controller as a process: `node main.ts protection-group-controller [FLAG…]`.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemClock } from '../drivers/real/system-clock.ts';
import { usageOf } from './flags.ts';
import { jsonLog } from './json-log.ts';
import { controllers, runController } from './run-controller.ts';
import { readControllerSettings, SettingsError } from './settings.ts';

const exitCodes = { ended: 0, failed: 1, badSettings: 2 } as const;

process.exit(await main());

async function main(): Promise<number> {
  const [name = '', ...words] = process.argv.slice(2);
  const open = controllers[name];
  if (open === undefined) {
    const known = Object.keys(controllers).join(' or ');
    process.stderr.write(`There is no controller "${name}". Name one: ${known}\n`);
    return exitCodes.badSettings;
  }
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(usageOf(name));
    return exitCodes.ended;
  }
  const log = jsonLog(systemClock, (text) => process.stdout.write(text));
  try {
    const readFile = (path: string): string => readFileSync(path, 'utf8');
    const settings = readControllerSettings({
      words,
      environment: process.env,
      hostname: hostname(),
      run: randomUUID(),
      readFile,
    });
    await runController(name, open, settings, {
      environment: process.env,
      clock: systemClock,
      random: Math.random,
      log,
      ending: endingSignal(),
    });
    return exitCodes.ended;
  } catch (error) {
    if (error instanceof SettingsError) {
      process.stderr.write(`${name} cannot start:\n${error.message}\n`);
      return exitCodes.badSettings;
    }
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.error('controller_failed', { controller: name, reason });
    return exitCodes.failed;
  }
}

/** Aborts at the first SIGTERM or SIGINT. */
function endingSignal(): AbortSignal {
  const ending = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ending.abort());
  return ending.signal;
}
