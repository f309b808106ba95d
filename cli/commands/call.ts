import { Option, type Command } from 'commander';
import { addExamples } from '../help.ts';
import { argument, optionsOf, parseUrl, type GlobalOptions } from '../options.ts';

export interface CallOptions extends GlobalOptions {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly data?: string;
  readonly anonymous?: boolean;
}

/** `dewproof call`: one HTTP call to an edge, signed. */
export function addCall(program: Command): void {
  const command = program
    .command('call')
    .summary('call an edge over HTTP, signed with your key')
    .description(
      `Call an edge (or a dew) over HTTP as the home's account: the call is signed (RFC 9421, ERC-8128) and counts once.
The answer's body goes to stdout as it is; a refusal goes to stderr with its code.`,
    )
    .argument('<url>', 'what to call', argument(parseUrl))
    .addOption(
      new Option('-X, --method <method>', 'HTTP method').choices(['GET', 'PUT', 'POST', 'DELETE']).default('GET'),
    )
    .option('-d, --data <body>', 'body to send; @FILE sends a file')
    .option('--anonymous', 'do not sign: be anyone')
    .action(async (url: string, _, self: Command) => {
      const { callUrl } = await import('../actions/call.ts');
      await callUrl(url, optionsOf<CallOptions>(self));
    });
  addExamples(command, [
    [
      'The newest temperature',
      'dewproof call http://barn-7.local:8480/v1/resources/greenfields/barn-climate/views/now',
    ],
    ['As somebody without an account', 'dewproof call --anonymous http://barn-7.local:8480/v1/resources'],
  ]);
}
