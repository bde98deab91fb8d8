import type { LiveDriver, LiveDriverSettings } from '../drivers/real/live-driver.ts';
import type { Clock } from '../runtime/ports.ts';

/** A stream that text goes to. */
export interface TextSink {
  write(text: string): void;
  /** True when a person watches: colours and a moving progress line are allowed. */
  readonly isTerminal: boolean;
  /** Width in characters; 80 where it is not known. */
  readonly columns: number;
}

/** Where answers are read from, line by line; a person's keyboard or a pipe. */
export interface TextSource {
  readonly isTerminal: boolean;
  /** The next line without its end, or undefined at the end of the input. */
  readLine(): Promise<string | undefined>;
}

export interface Identity {
  readonly user: string;
  readonly host: string;
  /** Tells two runs on one host apart. */
  readonly run: string;
}

/** Everything that a command may use of the world around it. Only `main.ts` fills it from the real process. */
export interface CommandContext {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly stdin: TextSource;
  readonly clock: Clock;
  /** The way to the clusters; loaded only by commands that need it. */
  readonly openDriver: (settings: LiveDriverSettings) => Promise<LiveDriver>;
  /** The folder that holds `config` and the kubeconfigs: `--config-dir`, else PGCTL_HOME, else ~/.kube/pgctl. */
  readonly configFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Who runs this, as Leases and the history of operations name it. */
  readonly identify: () => Identity;
  /** Whether a terminal may be written to in colours. */
  readonly colour: boolean;
  readonly verbose: boolean;
  /** Aborts when the person presses Ctrl-C or the process is asked to end; soon after that the program ends. */
  readonly interrupted: AbortSignal;
  /** Called by a command that has its own way to end after an interruption: the program waits for it. */
  readonly endsItself: () => void;
}
