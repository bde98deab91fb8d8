import packageJson from '../../../package.json' with { type: 'json' };
import { defineCommand } from '../command.ts';
import { outputOption, printDocument, printLines } from '../output.ts';

export const versionCommand = defineCommand({
  name: 'version',
  about: 'Shows the version of pgctl and of the API that it speaks.',
  examples: ['pgctl version', 'pgctl version -o json'],
  args: { output: outputOption(['json', 'yaml']) },
  run: async ({ output }, context) => {
    const version = { version: packageJson.version, apiVersion: 'siterecovery.trilio.io/v1alpha1' };
    if (output === 'json' || output === 'yaml') await printDocument(version, output, context);
    else printLines([`pgctl v${version.version}`, `API ${version.apiVersion}`], context);
    return 'ok';
  },
});
