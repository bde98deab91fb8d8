import { protectionGroupDefinition } from '../../src/machines/protection-group/definition.ts';
import type { ProtectionGroupContext } from '../../src/machines/protection-group/context.ts';
import type { MachineRecord } from '../../src/machines/definition.ts';
import { decide } from '../../src/runtime/pass.ts';
import { begin } from '../../src/runtime/step.ts';
import type { SiteRole } from '../../src/model/site.ts';
import { answersOf, perform } from '../machines/scene-answers.ts';
import type { Scene } from '../machines/scene.ts';
import { requestLine, type Script } from './transcript.ts';

/** Orders: `controller on cluster1 as primary` (or `dr`, `none`). A look is one pass of its machine. */
export class GroupScript implements Script {
  scene: Scene;
  #record: MachineRecord<ProtectionGroupContext> | undefined;

  constructor(scene: Scene) {
    this.scene = scene;
  }

  order([verb, , site = '', , role]: readonly string[]): readonly string[] | undefined {
    if (verb !== 'controller') return undefined;
    const clusterRole = role === 'none' ? null : (role as SiteRole);
    const otherSites = ['cluster1', 'cluster2'].filter((other) => other !== site);
    const input = {
      site,
      namespace: 'default',
      group: 'pg',
      otherSites,
      clusterRole,
      patience: null,
      connectingSince: null,
      inDoubt: false,
    };
    this.#record = begin(protectionGroupDefinition, input, this.scene.now).record;
    return [this.#record.state];
  }

  look(): readonly string[] {
    const before = this.#record;
    if (before === undefined) throw new Error('no controller yet');
    const plan = protectionGroupDefinition.reads(before.state, before.context);
    const answers = answersOf(this.scene, plan);
    const { record, effects } = decide(protectionGroupDefinition, before, plan, answers, this.scene.now);
    this.#record = record;
    const lines = effects.map(({ request }) => {
      const { scene, outcome } = perform(this.scene, request);
      this.scene = scene;
      return `  ${requestLine(request)}${outcome.kind === 'applied' ? '' : ` (${outcome.kind})`}`;
    });
    return [before.state === record.state ? `${record.state} (stays)` : `${before.state} -> ${record.state}`, ...lines];
  }
}
