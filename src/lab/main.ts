// The background process of a lab: `node main.ts ORDER`, the order as JSON. Started by `pgctl lab up`, ended by `lab down`.
import { type LabProcessOrder, runLabProcess } from './process/lab-process.ts';

const order = JSON.parse(process.argv[2] ?? '{}') as LabProcessOrder;
const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
process.on('uncaughtException', (cause) => {
  log(`The lab ends: ${cause.stack ?? cause.message}`);
  process.exit(1);
});
await runLabProcess(order, {
  pid: process.pid,
  log,
  onSignal: (stop) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  },
});
process.exit(0);
