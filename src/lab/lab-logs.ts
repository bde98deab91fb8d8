import { instantOf } from '../model/instant.ts';
import { type JsonObject, textAt } from '../model/json.ts';
import { resources } from '../model/kube.ts';
import type { Twin } from '../twin/twin.ts';
import type { LogLine, PodLogs } from './kube-http/pod-log.ts';

const lookEveryMs = 250;

/** Logs of the pods of one cluster: those of our controllers; the other pods of a lab write nothing. */
export function labLogs(twin: Twin, cluster: string): PodLogs {
  const linesOf = (namespace: string, pod: string): readonly string[] => {
    const { api } = twin.world.cluster(cluster);
    const app = api.get(resources.pod, namespace, pod)?.metadata.labels?.app;
    return twin.logs.get(`${cluster}/${app ?? ''}`)?.lines ?? [];
  };
  return {
    lines: (namespace, pod) => linesOf(namespace, pod).map(logLine),
    follow: (namespace, pod, listener) => {
      let last = linesOf(namespace, pod).at(-1);
      const timer = setInterval(() => {
        const lines = linesOf(namespace, pod);
        const fresh = lines.slice(last === undefined ? 0 : lines.lastIndexOf(last) + 1);
        last = lines.at(-1) ?? last;
        for (const line of fresh) listener(logLine(line));
      }, lookEveryMs);
      return () => clearInterval(timer);
    },
  };
}

function logLine(text: string): LogLine {
  return { at: instantOf(textAt(JSON.parse(text) as JsonObject, 'time')) ?? 0, text };
}
