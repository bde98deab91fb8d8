/** What can be wrong with the settings that lead to a server; each with its own id, so that tests and the CLI need no wording. */
export type AccessProblemId =
  | 'kubeconfig.missing'
  | 'kubeconfig.unreadable'
  | 'kubeconfig.malformed'
  | 'kubeconfig.noContexts'
  | 'kubeconfig.noCurrentContext'
  | 'kubeconfig.unknownContext'
  | 'kubeconfig.unknownCluster'
  | 'kubeconfig.noServer'
  | 'kubeconfig.badServer'
  | 'kubeconfig.unknownUser'
  | 'kubeconfig.badCertificate'
  | 'credentials.unreadable'
  | 'credentials.malformed'
  | 'execPlugin.missing'
  | 'execPlugin.failed'
  | 'execPlugin.timedOut'
  | 'execPlugin.badAnswer'
  | 'authProvider.failed'
  | 'linstor.badUrl';

export interface AccessProblem {
  readonly id: AccessProblemId;
  /** The file (or setting) that is at fault. */
  readonly file: string;
  /** What is wrong, as a sentence without the file's name. Never holds a secret. */
  readonly reason: string;
  /** What the person can do about it. */
  readonly remedy: string;
}

/** The way to a server cannot be used as configured; nothing was sent. */
export class AccessError extends Error {
  readonly problem: AccessProblem;

  constructor(problem: AccessProblem, cause?: unknown) {
    super(`${problem.file}: ${problem.reason}. ${problem.remedy}`, { cause });
    this.name = 'AccessError';
    this.problem = problem;
  }
}
